import type { BaseMessage } from "@langchain/core/messages";
import { checkKeys, checkText, invalidArgument } from "./check.js";
import type { KnownItem } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { acceptor, find, type Recalled, type RecallFilter } from "./recall-items.js";
import { toMessage, windowOf } from "./recent.js";
import { dayHeading, KNOWLEDGE_HEADING, line, renderKnowledge, renderTask } from "./render.js";
import { countHits } from "./usage.js";
import type { View } from "./view.js";

export interface ContextOptions {
  /** For everything together: knowledge, task and recent conversation. @default 2000 */
  readonly maxTokens?: number;
  /** Brings the recent conversation of this thread, which is then left out of the knowledge. @default none */
  readonly threadId?: string;
  /** Ids of LangChain messages that the model sees anyway. They are not recalled. @default none */
  readonly inView?: readonly string[];
  /** Working memory: the state of the present task. @default none */
  readonly task?: Readonly<Record<string, unknown>>;
  /** Only knowledge that fits all of it. */
  readonly where?: RecallFilter;
}

/** What a model should know for a question. */
export interface MemoryContext {
  /** Past knowledge in order of time, then the state of the task: for the system prompt. Empty when there is none. */
  readonly text: string;
  /** The recent conversation, to follow it. */
  readonly messages: readonly BaseMessage[];
  /** What was found and `text` quotes, best first; of a tool call it quotes all. */
  readonly items: readonly Recalled[];
  readonly report: ContextReport;
}

export interface ContextReport {
  readonly maxTokens: number;
  /** Used by all parts. */
  readonly tokens: number;
  readonly knowledge: { readonly items: number; readonly tokens: number };
  readonly task: { readonly keys: number; readonly tokens: number };
  readonly recent: { readonly messages: number; readonly tokens: number };
  /** What would have fitted the question or the task and had no room, most important first. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  /** The id of an item, or the key of the task. */
  readonly id: string;
  readonly part: "knowledge" | "task" | "recent";
  readonly tokens: number;
}

/** Items looked at for one context: 100 short ones fill 2,000 tokens. */
const MOST_ITEMS = 150;

/** See `Memory.context`. */
export async function buildContext(
  parts: Parts,
  query: string,
  options: ContextOptions,
): Promise<MemoryContext> {
  const { maxTokens = 2000, threadId, inView = [], task = {}, where = {} } = options;
  if (typeof query !== "string") throw invalidArgument("context", "query", query, "a text");
  checkKeys("context", "options", options, ["maxTokens", "threadId", "inView", "task", "where"]);
  if (typeof maxTokens !== "number" || !(maxTokens > 0)) {
    throw invalidArgument("context", "maxTokens", maxTokens, "a number above 0");
  }
  checkText("context", "threadId", threadId);
  if (!Array.isArray(inView)) throw invalidArgument("context", "inView", inView, "a list of ids of messages");
  if (typeof task !== "object" || task === null || Array.isArray(task)) {
    throw invalidArgument("context", "task", task, "an object of keys and values");
  }
  const view = await parts.view();
  const taskPart = fitTask(parts, task, maxTokens);
  // The recent conversation may take half of the rest at most: what is known from before is why one asks.
  const recent = await fitRecent(parts, view, threadId, maxTokens - taskPart.tokens);
  const seen = new Set(recent.ids);
  const shown = new Set(inView);
  const accept = acceptor(parts, view, where);
  const isNews = (id: string) => {
    const messageId = view.entries.get(id)?.messageId;
    return !seen.has(id) && (messageId === undefined || !shown.has(messageId)) && (accept?.(id) ?? true);
  };
  const found = await find(parts, view, query, MOST_ITEMS, isNews);
  const room = maxTokens - taskPart.tokens - recent.tokens;
  const knowledge = await fitKnowledge(parts, view, found, room);
  await countHits(
    parts,
    view,
    knowledge.items.map(({ id }) => id),
  );
  return {
    text: [knowledge.text, taskPart.text].filter((text) => text !== "").join("\n\n"),
    messages: recent.messages,
    items: knowledge.items,
    report: {
      maxTokens,
      tokens: knowledge.tokens + taskPart.tokens + recent.tokens,
      knowledge: { items: knowledge.items.length, tokens: knowledge.tokens },
      task: { keys: taskPart.keys, tokens: taskPart.tokens },
      recent: { messages: recent.messages.length, tokens: recent.tokens },
      leftOut: [...taskPart.leftOut, ...recent.leftOut, ...knowledge.leftOut],
    },
  };
}

function fitTask({ countTokens }: Parts, task: Readonly<Record<string, unknown>>, room: number) {
  const kept: [key: string, value: unknown][] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of Object.entries(task)) {
    kept.push(entry);
    if (countTokens(renderTask(Object.fromEntries(kept))) <= room) continue;
    kept.pop();
    leftOut.push({
      id: entry[0],
      part: "task",
      tokens: countTokens(renderTask(Object.fromEntries([entry]))),
    });
  }
  const text = renderTask(Object.fromEntries(kept));
  return { text, tokens: countTokens(text), keys: kept.length, leftOut };
}

/** The newest part of a thread that fits into half of `room`; more only for the newest turn, and never more than all. */
async function fitRecent(parts: Parts, view: View, threadId: string | undefined, room: number) {
  if (threadId === undefined) return { ids: [], messages: [], tokens: 0, leftOut: [] };
  const window = windowOf(parts, view, threadId);
  const maxTokens = Math.max(1, Math.min(room / 2, parts.limits.maxTokens ?? Number.POSITIVE_INFINITY));
  const fitting = windowOf({ ...parts, limits: { ...parts.limits, maxTokens } }, view, threadId);
  const size = fitting.reduce((sum, { tokens }) => sum + tokens, 0);
  const kept = size <= room ? fitting : [];
  const ids = kept.map(({ id }) => id);
  const leftOut = window
    .slice(0, window.length - kept.length)
    .map(({ id, tokens }): LeftOut => ({ id, part: "recent", tokens }));
  const messages = (await readItems(parts, view, ids)).map(toMessage);
  return { ids, messages, tokens: kept.length === 0 ? 0 : size, leftOut };
}

/** Takes what is best as long as there is room, tool calls together with their results. */
async function fitKnowledge(parts: Parts, view: View, found: readonly Recalled[], room: number) {
  const { countTokens } = parts;
  const taken: { readonly hit: Recalled; readonly unit: readonly KnownItem[]; readonly tokens: number }[] =
    [];
  const leftOut: LeftOut[] = [];
  const quoted = new Set<string>();
  const days = new Set<string>();
  // The sum of the lines' tokens is close to those of the whole text, and does not read it again for each line.
  let sum = countTokens(`${KNOWLEDGE_HEADING}\n`);
  const unitOf = await unitsOf(parts, view, found);
  for (const hit of found) {
    if (quoted.has(hit.id)) continue;
    const unit = unitOf(hit);
    const headings = new Set(unit.map(dayHeading).filter((heading) => !days.has(heading)));
    const tokens = countTokens([...headings, ...unit.map(line), ""].join("\n"));
    for (const { id } of unit) quoted.add(id);
    if (sum + tokens > room) {
      leftOut.push({ id: hit.id, part: "knowledge", tokens });
      continue;
    }
    sum += tokens;
    for (const heading of headings) days.add(heading);
    taken.push({ hit, unit, tokens });
  }
  let text = "";
  for (;;) {
    text = renderKnowledge(taken.flatMap(({ unit }) => unit));
    const tokens = countTokens(text);
    if (tokens <= room || taken.length === 0)
      return { text, tokens, items: taken.map(({ hit }) => hit), leftOut };
    const last = taken.pop();
    if (last) leftOut.unshift({ id: last.hit.id, part: "knowledge", tokens: last.tokens });
  }
}

/** What is shown and left out together: a hit alone, or all messages of its tool call. In one request for all hits. */
async function unitsOf(
  parts: Parts,
  view: View,
  found: readonly Recalled[],
): Promise<(hit: Recalled) => readonly KnownItem[]> {
  const threads = new Set(found.flatMap(({ group, threadId }) => (group === undefined ? [] : [threadId])));
  const groups = new Set(found.flatMap(({ group }) => group ?? []));
  const ids = [...threads].flatMap((threadId) =>
    view.thread(threadId).flatMap(({ id, group }) => (group !== undefined && groups.has(group) ? [id] : [])),
  );
  const byGroup = new Map<string, KnownItem[]>();
  for (const item of await readItems(parts, view, ids)) {
    const group = item.group ?? "";
    byGroup.set(group, [...(byGroup.get(group) ?? []), item]);
  }
  return (hit) => (hit.group === undefined ? [hit] : (byGroup.get(hit.group) ?? [hit]));
}
