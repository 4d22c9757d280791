import type {
  MappedItem,
  MappedMessage,
  MappedThread,
  MemoryMap,
} from "../telemetry/memory-map/memory-map.js";
import { shorten } from "../telemetry/pictures/columns.js";
import { checkKeys, invalidArgument } from "./check.js";
import type { KnownItem } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { windowOf } from "./recent.js";
import { inOrder, type View } from "./view.js";

export type { MemoryMap } from "../telemetry/memory-map/memory-map.js";

export interface MapOptions {
  /** Most messages and facts together; the newest are kept. @default 500 */
  readonly maxItems?: number;
}

/** In columns: Chinese, Japanese, Korean and emoji take two. */
const LONGEST_TEXT = 160;

/** See `Memory.map`. Looking at a memory counts no hits and changes nothing. */
export async function mapOf(parts: Parts, options: MapOptions): Promise<MemoryMap> {
  checkKeys("map", "options", options, ["maxItems"]);
  const { maxItems = 500 } = options;
  if (!Number.isInteger(maxItems) || maxItems < 1)
    throw invalidArgument("map", "maxItems", maxItems, "a whole number of at least 1");
  const view = await parts.view();
  const entries = [...view.entries.values()].sort((a, b) => inOrder(b, a));
  const kept = entries.slice(0, maxItems).map(({ id }) => id);
  const now = parts.clock.now();
  const items = (await readItems(parts, view, kept)).map((item) => ({ item, mapped: toMapped(item, now) }));
  const facts = items.flatMap(({ item, mapped }) => (item.kind === "fact" ? [mapped] : [])).reverse();
  const byId = new Map(items.map(({ mapped }) => [mapped.id, mapped]));
  const all = [...view.threadIds()].map((threadId) => toThread(parts, view, threadId, byId));
  const threads = all.filter(({ messages }) => messages.length > 0).sort(byNewest);
  return {
    threads,
    facts,
    leftOut: {
      messages: sum(all, ({ leftOut }) => leftOut),
      inWindow: sum(
        all,
        ({ window, messages }) => window.messages - messages.filter(({ isInWindow }) => isInWindow).length,
      ),
      facts: entries.slice(maxItems).filter(({ kind }) => kind === "fact").length,
      threads: all.length - threads.length,
    },
  };
}

function toThread(
  parts: Parts,
  view: View,
  threadId: string,
  mapped: ReadonlyMap<string, MappedItem>,
): MappedThread {
  const window = windowOf(parts, view, threadId);
  const inWindow = new Set(window.map(({ id }) => id));
  const entries = view.thread(threadId);
  const messages = entries.flatMap(({ id }): MappedMessage[] => {
    const item = mapped.get(id);
    return item ? [{ ...item, isInWindow: inWindow.has(id) }] : [];
  });
  return {
    threadId,
    messages,
    window: { messages: window.length, tokens: sum(window, ({ tokens }) => tokens) },
    leftOut: entries.length - messages.length,
  };
}

/** Times in UTC of one form: their order as texts is that of time. */
function byNewest(a: MappedThread, b: MappedThread): number {
  const [timeOfA = "", timeOfB = ""] = [a.messages.at(-1)?.time, b.messages.at(-1)?.time];
  if (timeOfA === timeOfB) return 0;
  return timeOfA < timeOfB ? 1 : -1;
}

function sum<Each>(all: readonly Each[], amountOf: (each: Each) => number): number {
  return all.reduce((total, each) => total + amountOf(each), 0);
}

function toMapped(
  { id, text, role, speaker, time, tokens, hits, expiresAt, supersededBy }: KnownItem,
  now: number,
): MappedItem {
  return {
    id,
    text: shorten(text.trim(), LONGEST_TEXT),
    role,
    ...(speaker !== undefined && { speaker }),
    time,
    tokens,
    hits,
    isExpired: expiresAt !== undefined && Date.parse(expiresAt) <= now,
    ...(supersededBy !== undefined && { supersededBy }),
  };
}
