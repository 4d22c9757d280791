import { operationOf } from "./choices.js";
import type { Conversation, PastCall, Resource } from "./conversation.js";
import type { PartPlan } from "./plan.js";
import type { Request } from "./request.js";
import { isEmptyResult, type Passage, passagesOf, passagesOfText } from "./results.js";
import { isRecord } from "./schema.js";
import { textKind } from "./texts.js";
import type { BoundTool } from "./tools.js";
import { allStems, bestLikeness, contentWords, rarity, stem, termsOf, wordsOf } from "./words.js";

/** What was found for one part of the question. */
export interface Finding {
  readonly passages: readonly Passage[];
  /** The part of the question's subject that the passages speak of, weighted by rarity, 0 to 1. */
  readonly coverage: number;
  /** Passages left out for length. */
  readonly more: number;
}

/** With less of the subject found, it is another subject: one word of two is too little, two of three are enough. */
const LEAST_COVERAGE = 0.6;
/** A title says what each of its sentences is about, but not all of it. */
const TITLE_SHARE = 0.5;
/** "How many" and "how long" are answered by sentences with figures. */
const FIGURE_BONUS = 1.25;
/** The server put its best document first; each later one counts this much less. */
const LATER_DOCUMENT = 0.05;
/** A further sentence of nearly the same score belongs to the answer. */
const CLOSE_SCORE = 0.8;
const MOST_SENTENCES = 2;
const MOST_ROWS = 20;
const MOST_CHARACTERS = 2000;

/** Words that give an order and are no subject: they need not be found in a result. */
const ORDERS = new Set(
  `average avg cheapest check compare count describe display explain fewest find greatest highest largest latest
  least list longest lookup lowest max maximum mean min minimum most number print query read retrieve search
  shortest smallest sort sum summarise summarize summary top total`
    .split(/\s+/)
    .map(stem),
);

const NOTHING: Finding = { passages: [], coverage: 0, more: 0 };

interface Source {
  readonly passages: readonly Passage[];
  /** Stems of what the call's arguments settle. */
  readonly given: readonly string[];
  /** The text to quote when all of it is the answer. */
  readonly raw: string;
}

/** The passages that answer a request: of the best call, or of the resources at hand when no call has any. */
export function findIn(
  request: Request,
  calls: readonly PastCall[],
  tools: readonly BoundTool[],
  resources: readonly Resource[] = [],
): Finding {
  const fromCalls = bestOf(
    request,
    calls.map((call) => ({
      passages: passagesOf(call),
      given: givenBy(call, tools.find((tool) => tool.function.name === call.name)),
      raw: call.result?.text ?? "",
    })),
  );
  if (fromCalls.passages.length > 0 || subjectOf(request).length === 0) return fromCalls;
  return bestOf(
    request,
    resources.map(({ uri, text }) => ({ passages: passagesOfText(text, uri), given: [], raw: "" })),
  );
}

function bestOf(request: Request, sources: readonly Source[]): Finding {
  const weigh = rarity(sources.flatMap(({ passages }) => passages.map(termsOfPassage)));
  return sources
    .map((source) => select(request, source, weigh))
    .reduce((best, one) => (one.coverage > best.coverage ? one : best), NOTHING);
}

/** The terms that a result must speak of: not the order itself, not the place to look in. */
function subjectOf({ terms, fresh, evidence: { paths, urls } }: Request): string[] {
  const places = new Set([...paths, ...urls].flatMap(allStems));
  // A follow-up replaces what the question before it was about.
  return (fresh.length > 0 ? fresh : terms).filter((term) => !ORDERS.has(term) && !places.has(term));
}

/**
 * What a call settles by itself: a row that was asked for with `status: "on_hold"` need not say "on hold" again,
 * and what the tool is for need not be said either. A search settles nothing: its text holds every word of the
 * question.
 */
function givenBy(call: PastCall, tool: BoundTool | undefined): string[] {
  const isText = (name: string) => ["query", "request", "payload"].includes(textKind(name, {}));
  const settled = (value: unknown, name: string): string[] => {
    if (isRecord(value)) return Object.entries(value).flatMap(([key, inner]) => [...allStems(key), ...settled(inner, key)]);
    if (Array.isArray(value)) return value.flatMap((item) => settled(item, name));
    if (typeof value !== "string") return allStems(String(value));
    return isText(name) ? [] : [...allStems(value), ...acronymOf(value)];
  };
  const given = [...wordsOf(call.name).map(stem), ...settled(call.args, "")];
  if (!tool || Object.keys(call.args).some(isText)) return given;
  const { description, parameters } = tool.function;
  const used = Object.keys(call.args).map((name) => parameters.properties?.[name]?.description ?? "");
  return [...given, ...[description.split(/\.\s/)[0] ?? "", ...used].flatMap(termsOf)];
}

const acronymOf = (text: string): string[] => {
  const words = wordsOf(text);
  return words.length > 1 ? [words.map((word) => word.charAt(0)).join("")] : [];
};

const termsOfPassage = (passage: Passage): ReadonlySet<string> => new Set(termsOf(`${passage.text} ${passage.title ?? ""}`));

function select(request: Request, { passages, given, raw }: Source, weigh: (term: string) => number): Finding {
  if (passages.length === 0) return NOTHING;
  const subject = subjectOf(request);
  const wanted = subject.filter((term) => bestLikeness(term, given) === 0);
  if (wanted.length === 0) return whole(passages, raw);

  const total = subject.reduce((sum, term) => sum + weigh(term), 0);
  const isSettled = 1 - wanted.length / subject.length >= LEAST_COVERAGE;
  const settled = total - wanted.reduce((sum, term) => sum + weigh(term), 0);
  const wantsFigure = /\bhow (?:many|much|long|often|old|far)\b|\bwhen\b|\bnumber of\b/iu.test(request.text);
  const documents = [...new Set(passages.map(({ title }) => title))];
  const scored = passages.map((passage) => {
    const own = termsOf(passage.text);
    const title = termsOf(passage.title ?? "");
    let score = 0;
    let covered = settled;
    for (const term of wanted) {
      const inText = bestLikeness(term, own);
      const inTitle = bestLikeness(term, title);
      score += weigh(term) * (inText + TITLE_SHARE * inTitle);
      covered += weigh(term) * Math.max(inText, inTitle);
    }
    // A sentence that shares only its document's title says nothing on the question.
    const touches = wanted.some((term) => bestLikeness(term, own) > 0);
    const bonus = wantsFigure && /\d/.test(passage.text) ? FIGURE_BONUS : 1;
    const later = 1 / (1 + LATER_DOCUMENT * documents.indexOf(passage.title));
    const isTitle = wanted.every((term) => bestLikeness(term, title) > 0);
    return { passage, isTitle, score: touches ? score * bonus * later : 0, coverage: covered / total };
  });
  const touching = scored.filter(({ score, coverage }) => score > 0 && coverage >= LEAST_COVERAGE);
  // "Tell me about Apollo" asks for what stands under that title.
  const fitting = touching.length > 0 ? touching : scored.filter(({ isTitle }) => isTitle);
  // The arguments settle most of the question, and the rows need not repeat the rest.
  if (fitting.length === 0) return isSettled ? whole(passages, raw) : NOTHING;

  const ranked = [...fitting].sort((one, other) => other.score - one.score);
  const [best] = ranked;
  const close = ranked.filter(
    ({ score, passage }) => best && score >= best.score * CLOSE_SCORE && passage.title === best.passage.title,
  );
  const isRows = close.every(({ passage }) => passage.kind === "row");
  const kept = close.slice(0, isRows ? MOST_ROWS : MOST_SENTENCES);
  return {
    // Back in the order of the result, so that the second sentence does not come before the first.
    passages: passages.filter((passage) => kept.some((one) => one.passage === passage)),
    coverage: best?.coverage ?? 0,
    more: isRows ? close.length - kept.length : 0,
  };
}

/** A call whose arguments settle the question: its result is the answer, word for word as far as there is room. */
function whole(passages: readonly Passage[], raw: string): Finding {
  const [first] = passages;
  // JSON is quoted by its values, prose and tables as they stand.
  const isProse = !/^\s*[[{]/.test(raw) && passages.some(({ kind }) => kind === "sentence");
  if (first && isProse && passages.length > 1) {
    const lines = raw.trim().slice(0, MOST_CHARACTERS + 1).split("\n");
    const cut = raw.trim().length > MOST_CHARACTERS;
    const text = (cut && lines.length > 1 ? lines.slice(0, -1) : lines).join("\n");
    return { passages: [{ text, kind: "text", from: first.from }], coverage: 1, more: cut ? raw.trim().split("\n").length - text.split("\n").length : 0 };
  }
  const kept = passages.slice(0, MOST_ROWS);
  return { passages: kept, coverage: 1, more: passages.length - kept.length };
}

/** The answer to all parts, in their order: what was found, with its source, and openly what was not. */
export function writeAnswer(parts: readonly PartPlan[], conversation: Conversation, tools: readonly BoundTool[]): string {
  const toolNames = tools.map((tool) => tool.function.name);
  const written = new Set<string>();
  const paragraphs = parts.flatMap((part) => {
    const finding = findIn(part.request, conversation.calls, tools, conversation.resources);
    const text = finding.passages.length > 0 ? write(finding, conversation.calls) : admit(part, conversation, toolNames);
    if (written.has(text)) return [];
    written.add(text);
    return [text];
  });
  return paragraphs.join("\n\n");
}

function write({ passages, more }: Finding, calls: readonly PastCall[]): string {
  const [first] = passages;
  if (!first) return "";
  const rest = more > 0 ? `\n(${more} more not shown)` : "";
  const call = calls.find(({ name }) => name === first.from);
  if (first.kind === "text") return `${first.text}${rest.replace("more", "more lines")}\n${sourceOf(first)}`;
  if (passages.length === 1 && first.kind === "figure") return `${verbalise(first.text, call)} ${sourceOf(first)}`;
  if (passages.every(({ kind }) => kind === "row")) {
    return `${passages.map(({ text }) => `- ${text}`).join("\n")}${rest}\n${sourceOf(first)}`;
  }
  // One source after the last of its sentences, not after each.
  const lines: string[] = [];
  for (const [index, passage] of passages.entries()) {
    const next = passages[index + 1];
    const text = passage.kind === "row" ? `- ${passage.text}` : passage.text;
    lines.push(next && sourceOf(next) === sourceOf(passage) ? text : `${text} ${sourceOf(passage)}`);
  }
  return `${lines.join(passages.length <= MOST_SENTENCES && lines.every((line) => !line.startsWith("- ")) ? " " : "\n")}${rest}`;
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
  const settings = entries.map(([key, value]) => `${key}: ${isRecord(value) ? JSON.stringify(value) : String(value)}`);
  return `${settings.length > 0 ? `${settings.join(", ")}: ` : ""}${figure}.`;
}

function admit({ request, candidates }: PartPlan, { calls }: Conversation, toolNames: readonly string[]): string {
  const subject = contentWords(request.text).join(" ") || request.text;
  const tried = calls.filter((call) => candidates.some(({ tool }) => tool.function.name === call.name));
  const failed = tried.filter(({ result }) => result?.failed);
  if (tried.length > 0 && failed.length === tried.length) {
    return failed.map(({ name, result }) => `${name} failed: ${firstLine(result?.text ?? "")}`).join("\n");
  }
  const errors = failed.map(({ name, result }) => ` ${name} failed: ${firstLine(result?.text ?? "")}`).join("");
  const said = tried
    .filter(({ result }) => result && !result.failed && isEmptyResult(result.text) && result.text.trim() !== "")
    .map(({ name, result }) => ` ${name}: ${firstLine(result?.text ?? "")}`);
  if (tried.length > 0) {
    const names = [...new Set(tried.map(({ name }) => name))].join(", ");
    return `I found nothing about "${subject}". Tried: ${names}.${said.join("")}${errors}`;
  }
  if (toolNames.length === 0) return `I found nothing about "${subject}": no tools are bound, and the offline model knows nothing by itself.`;
  return `I found nothing about "${subject}": none of the ${toolNames.length} tools fits (${shorten(toolNames)}).`;
}

const MOST_NAMES = 12;

function shorten(names: readonly string[]): string {
  return names.length <= MOST_NAMES ? names.join(", ") : `${names.slice(0, MOST_NAMES).join(", ")}, ...`;
}

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
