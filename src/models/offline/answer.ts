import { operationOf } from "./choices.js";
import type { Conversation, PastCall } from "./conversation.js";
import { type Finding, findIn, MOST_SENTENCES } from "./find.js";
import { ownFirst, type PartPlan } from "./plan.js";
import type { Request } from "./request.js";
import { isEmptyResult, type Passage } from "./results.js";
import { isRecord } from "./schema.js";
import { isStatement } from "./statement.js";
import { type BoundTool, givesOverview } from "./tools.js";
import { contentWords } from "./words.js";

/** The answer to all parts, in their order: what was found, with its source, and openly what was not. */
export function writeAnswer(
  parts: readonly PartPlan[],
  conversation: Conversation,
  tools: readonly BoundTool[],
): string {
  const toolNames = tools.map((tool) => tool.function.name);
  const written = new Set<string>();
  const paragraphs = parts.flatMap((part) => {
    if (conversation.calls.length === 0 && isStatement(part.request.text)) return ["Noted."];
    const finding = findIn(part.request, ownFirst(part, conversation.calls), tools, conversation.resources);
    const text =
      finding.passages.length > 0
        ? `${caveat(part.request, finding, tools)}${write(finding, conversation.calls)}`
        : admit(part, conversation, toolNames);
    if (written.has(text)) return [];
    written.add(text);
    return [text];
  });
  return [...new Set(paragraphs)].join("\n\n");
}

/** A report holds figures and no judgement of them. */
function caveat({ judged }: Request, { passages }: Finding, tools: readonly BoundTool[]): string {
  const isReport = tools.some((tool) => tool.function.name === passages[0]?.from && givesOverview(tool));
  return judged !== undefined && isReport && contentWords(judged).length > 0
    ? `I cannot judge ${judged}, but this is the overview.\n\n`
    : "";
}

function write({ passages, more }: Finding, calls: readonly PastCall[]): string {
  const [first] = passages;
  if (!first) return "";
  if (first.kind === "text") {
    // Right below a table, the source would be read as one more of its rows.
    const gap = first.text.trimEnd().endsWith("|") ? [""] : [];
    const rest = more > 0 ? [`(${more} more lines not shown)`] : [];
    return [first.text, ...gap, ...rest, sourceOf(first)].join("\n");
  }
  if (passages.length === 1 && first.kind === "figure") {
    const call = calls.find(({ name }) => name === first.from);
    return `${verbalise(first.text, call)} ${sourceOf(first)}`;
  }
  if (passages.every(({ kind }) => kind === "row")) {
    const rows = passages.map(({ text }) => `- ${text}`);
    return [...rows, ...(more > 0 ? [`(${more} more not shown)`] : []), sourceOf(first)].join("\n");
  }
  // One source after the last of its sentences, not after each.
  const lines = passages.map((passage, index) => {
    const next = passages[index + 1];
    return next && sourceOf(next) === sourceOf(passage)
      ? passage.text
      : `${passage.text} ${sourceOf(passage)}`;
  });
  return lines.join(passages.length <= MOST_SENTENCES ? " " : "\n");
}

function sourceOf({ title, updated, from }: Passage): string {
  const source = title ?? from;
  return updated === undefined ? `(${source})` : `(${source}, updated ${updated})`;
}

/** A bare figure in words, from the arguments that it was computed with; nothing is said that they do not say. */
function verbalise(figure: string, call: PastCall | undefined): string {
  if (!call) return `${figure}.`;
  const entries = Object.entries(call.args);
  const operation = entries.map(([, value]) => operationOf(value)).find((one) => one !== undefined);
  const filters = entries
    .flatMap(([, value]) => (isRecord(value) ? Object.entries(value) : []))
    .map(([key, value]) => `${key} = ${isRecord(value) ? JSON.stringify(value) : String(value)}`);
  const where = filters.length > 0 ? ` where ${filters.join(" and ")}` : "";
  const names = entries.filter(([, value]) => typeof value === "string" && operationOf(value) === undefined);
  const [subject] = names.map(([, value]) => String(value));
  if (operation === "count" && subject !== undefined) return `${figure} ${subject}${where}.`;
  const settings = entries.map(
    ([key, value]) => `${key}: ${isRecord(value) ? JSON.stringify(value) : String(value)}`,
  );
  return `${settings.length > 0 ? `${settings.join(", ")}: ` : ""}${figure}.`;
}

function admit(
  { request, candidates }: PartPlan,
  { calls }: Conversation,
  toolNames: readonly string[],
): string {
  const subject = shortLine(contentWords(request.text).join(" ") || request.text);
  const tried = calls.filter((call) => candidates.some(({ tool }) => tool.function.name === call.name));
  const failed = tried.filter(({ result }) => result?.failed);
  if (tried.length > 0 && failed.length === tried.length) {
    return failed.map(({ name, result }) => `${name} failed: ${shortLine(result?.text ?? "")}`).join("\n");
  }
  const errors = failed
    .map(({ name, result }) => ` ${name} failed: ${shortLine(result?.text ?? "")}`)
    .join("");
  const said = tried
    .filter(
      ({ result }) => result && !result.failed && isEmptyResult(result.text) && result.text.trim() !== "",
    )
    .map(({ name, result }) => ` ${name}: ${shortLine(result?.text ?? "")}`);
  if (tried.length > 0) {
    const names = [...new Set(tried.map(({ name }) => name))].join(", ");
    return `I found nothing about "${subject}". Tried: ${names}.${said.join("")}${errors}`;
  }
  if (toolNames.length === 0)
    return `I found nothing about "${subject}": no tools are bound, and the offline model knows nothing by itself.`;
  return `I found nothing about "${subject}": none of the ${toolNames.length} tools fits (${shorten(toolNames)}).`;
}

const MOST_NAMES = 12;

function shorten(names: readonly string[]): string {
  return names.length <= MOST_NAMES ? names.join(", ") : `${names.slice(0, MOST_NAMES).join(", ")}, ...`;
}

const LONGEST_LINE = 300;

function shortLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
