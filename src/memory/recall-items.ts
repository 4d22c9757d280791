import { checkKeys, checkMetadata, checkText, invalidArgument } from "./check.js";
import { semanticFor } from "./embed-items.js";
import type { KnownItem, Role } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import type { Ranked } from "./recall/ranked.js";
import { countHits } from "./usage.js";
import type { Entry, View } from "./view.js";

export interface RecallOptions {
  /** @default 10 */
  readonly limit?: number;
  /** Only what fits all of it. */
  readonly where?: RecallFilter;
  /** Also what was corrected since. @default false */
  readonly superseded?: boolean;
}

export interface RecallFilter {
  readonly kind?: KnownItem["kind"];
  readonly role?: Role;
  readonly speaker?: string;
  readonly threadId?: string;
  /** From this time on. */
  readonly after?: Date | string | number;
  /** Before this time. */
  readonly before?: Date | string | number;
  /** Equal values of the item's `metadata`. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/** An item that was found. */
export interface Recalled extends KnownItem {
  /** Higher is better; comparable within one recall only. */
  readonly score: number;
  /** What each feature of the fusion gave to the score: `{ words: 2.1, speaker: 0.4 }`. They add up to it. */
  readonly why: Readonly<Record<string, number>>;
  /** Ids of items that say nearly the same, left out in its favour. */
  readonly duplicates: readonly string[];
}

/** See `Memory.recall`. */
export async function recall(parts: Parts, query: string, options: RecallOptions): Promise<Recalled[]> {
  checkKeys("recall", "options", options, ["limit", "where", "superseded"]);
  const { limit = 10, where = {}, superseded = false } = options;
  if (!Number.isInteger(limit) || limit < 1)
    throw invalidArgument("recall", "limit", limit, "a whole number of at least 1");
  const view = await parts.view();
  const found = await find(parts, view, query, limit, acceptor(parts, view, where, superseded));
  await countHits(
    parts,
    view,
    found.map(({ id }) => id),
  );
  return found;
}

/** What fits, best first, as the store has it now. Nothing is counted. */
export async function find(
  parts: Parts,
  view: View,
  query: string,
  limit: number,
  accept: ((id: string) => boolean) | undefined,
): Promise<Recalled[]> {
  if (typeof query !== "string") throw invalidArgument("recall", "query", query, "a text");
  const semantic = await semanticFor(parts, view, query, accept ?? (() => true));
  const index = await view.index();
  const options = { limit, now: parts.clock.now(), ...(accept && { accept }), ...(semantic && { semantic }) };
  const rank = () => index.search(query, options);
  let ranked = rank();
  let items = await readItems(
    parts,
    view,
    ranked.map(({ id }) => id),
  );
  if (items.length < ranked.length) {
    // Another process removed some, and the view has forgotten them by now: others take their place.
    ranked = rank();
    items = await readItems(
      parts,
      view,
      ranked.map(({ id }) => id),
    );
  }
  const byId = new Map(ranked.map((hit) => [hit.id, hit]));
  return items.map((item) => {
    const { score, why, duplicates } = byId.get(item.id) as Ranked;
    return { ...item, score, why, duplicates };
  });
}

/** Whether an item may be found: what holds now, and fits the filter. `undefined` when all may. */
export function acceptor(
  { clock }: Parts,
  view: View,
  where: RecallFilter,
  superseded = false,
): ((id: string) => boolean) | undefined {
  checkFilter(where);
  if (view.holdsAll() && Object.keys(where).length === 0) return undefined;
  const now = clock.now();
  const after = toMs("after", where.after) ?? Number.NEGATIVE_INFINITY;
  const before = toMs("before", where.before) ?? Number.POSITIVE_INFINITY;
  const { kind, role, speaker, threadId } = where;
  const metadata = Object.entries(where.metadata ?? {});
  const fits = (entry: Entry) =>
    entry.expiresAtMs > now &&
    (superseded || view.supersededBy(entry.id) === undefined) &&
    (kind === undefined || entry.kind === kind) &&
    (role === undefined || entry.role === role) &&
    (speaker === undefined || entry.speaker?.toLowerCase() === speaker.toLowerCase()) &&
    (threadId === undefined || (entry.threadId === threadId && entry.kind === "message")) &&
    entry.at >= after &&
    entry.at < before &&
    metadata.every(([key, value]) => entry.metadata?.[key] === value);
  return (id) => {
    const entry = view.entries.get(id);
    return entry !== undefined && fits(entry);
  };
}

const FILTERS = ["kind", "role", "speaker", "threadId", "after", "before", "metadata"];

function checkFilter(where: RecallFilter): void {
  checkKeys("recall", "where", where, FILTERS);
  const { kind, role, speaker, threadId, metadata } = where;
  if (kind !== undefined && kind !== "message" && kind !== "fact") {
    throw invalidArgument("recall", "where.kind", kind, '"message" or "fact"');
  }
  if (role !== undefined && !["user", "assistant", "tool"].includes(role)) {
    throw invalidArgument("recall", "where.role", role, '"user", "assistant" or "tool"');
  }
  checkText("recall", "where.speaker", speaker);
  checkText("recall", "where.threadId", threadId);
  checkMetadata("recall", "where.metadata", metadata);
}

function toMs(path: string, time: Date | string | number | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = new Date(time).getTime();
  if (Number.isNaN(ms))
    throw invalidArgument("recall", `where.${path}`, time, "a Date, ISO 8601 text or milliseconds");
  return ms;
}
