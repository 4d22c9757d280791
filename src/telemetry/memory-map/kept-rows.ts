import type { Ranks } from "./marks.js";
import type { MappedItem, MemoryMap } from "./memory-map.js";

/** An item that has a row of its own. */
export interface KeptRow {
  readonly item: MappedItem;
  readonly kind: "fact" | MappedItem["role"];
  /** The thread of a message. */
  readonly threadId?: string;
}

/**
 * The items that are worth a row: what recall found, the best first, then the newest facts. In order of time, but what
 * was corrected stands right above its correction.
 */
export function keptRows({ threads, facts }: MemoryMap, ranks: Ranks, most: number): KeptRow[] {
  const rows = [
    ...facts.map((item): KeptRow => ({ item, kind: "fact" })),
    ...threads.flatMap(({ threadId, messages }) =>
      messages.map((item): KeptRow => ({ item, kind: item.role, threadId })),
    ),
  ];
  const rankOf = ({ item }: KeptRow): number => ranks.get(item.id) ?? Number.POSITIVE_INFINITY;
  const kept = rows
    .filter((row) => row.kind === "fact" || ranks.has(row.item.id))
    .sort((a, b) => {
      const [rankOfA, rankOfB] = [rankOf(a), rankOf(b)];
      return rankOfA === rankOfB ? compare(b.item.time, a.item.time) : rankOfA - rankOfB;
    })
    .slice(0, most);
  const corrected = new Map(
    kept.flatMap((row) => (row.item.supersededBy ? [[row.item.supersededBy, row]] : [])),
  );
  return kept
    .map((row) => ({ row, chain: chainOf(row, corrected) }))
    .sort((a, b) => {
      const [firstOfA, firstOfB] = [a.chain[0] ?? a.row, b.chain[0] ?? b.row];
      return (
        compare(firstOfA.item.time, firstOfB.item.time) ||
        compare(firstOfA.item.id, firstOfB.item.id) ||
        a.chain.length - b.chain.length
      );
    })
    .map(({ row }) => row);
}

/** A row after all that it corrected, the oldest first. */
function chainOf(row: KeptRow, corrected: ReadonlyMap<string, KeptRow>): readonly KeptRow[] {
  const chain = [row];
  // Two processes that correct each other at the same moment can make a circle.
  for (
    let before = corrected.get(row.item.id);
    before && !chain.includes(before);
    before = corrected.get(before.item.id)
  )
    chain.unshift(before);
  return chain;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
