import { drawLegend, type LegendEntry } from "../pictures/legend.js";
import { MARGIN, rectAt, round, textAt, titled, WIDTH, widthOf } from "../pictures/svg.js";
import type { Band } from "./frame.js";
import { type MappedItem, type MemoryMap, speakerOf } from "./memory-map.js";

/** The ranks of what recall found, by id: 1 is the best. */
export type Ranks = ReadonlyMap<string, number>;

/** Classes of an item's mark. */
export function classesOf(item: MappedItem, kind: "fact" | MappedItem["role"]): string {
  if (item.isExpired) return "lb-over-time";
  return `lb-${kind}${item.supersededBy === undefined ? "" : " lb-past"}`;
}

/** What a reader sees of an item when the pointer rests on it. */
export function titleOf(item: MappedItem, rank: number | undefined): string {
  const facts = [
    rank !== undefined && `found ${rank}.`,
    item.text,
    `${speakerOf(item, item.role)}, ${item.time}, ${item.tokens} tokens`,
    item.hits > 0 && `found ${item.hits}× so far`,
    item.supersededBy !== undefined && "corrected since",
    item.isExpired && "its time is over",
  ];
  return facts.filter((fact) => fact !== false).join(" · ");
}

/** A rank as a badge around a point; returns nothing for what was not found. */
export function badge(rank: number | undefined, x: number, y: number): string {
  if (rank === undefined) return "";
  const width = badgeWidth(rank);
  return (
    rectAt("lb-rank", x - width / 2, y - 7, width, 14, 7) +
    textAt(x - widthOf(String(rank)) / 2 + 0.3, y + 4, String(rank), "lb-on-rank lb-strong")
  );
}

export function badgeWidth(rank: number): number {
  return Math.max(14, widthOf(String(rank)) + 8);
}

/** What the marks mean, of those that there are; as many lines as it needs. */
export function legendOf({ threads, facts }: MemoryMap, ranks: Ranks, summary: string): Band {
  const messages = threads.flatMap((thread) => thread.messages);
  const items = [...messages, ...facts];
  const square = (classes: string) => (x: number, y: number) => rectAt(classes, x + 2, y, 10, 10);
  const entries = [
    ...(["user", "assistant", "tool"] as const).map((role) => ({
      isThere: messages.some((message) => message.role === role),
      label: role,
      draw: square(`lb-${role}`),
    })),
    {
      isThere: messages.length > 0,
      label: "taller: more tokens",
      draw: (x: number, y: number) =>
        rectAt("lb-more", x + 2, y + 6, 4, 4, 1) + rectAt("lb-more", x + 8, y, 4, 10, 1),
    },
    { isThere: facts.length > 0, label: "fact", draw: square("lb-fact") },
    {
      isThere: items.some(({ supersededBy }) => supersededBy !== undefined),
      label: "corrected since",
      draw: square("lb-more lb-past"),
    },
    {
      isThere: items.some(({ isExpired }) => isExpired),
      label: "its time is over",
      draw: square("lb-over-time"),
    },
    {
      isThere: messages.some(({ hits }) => hits > 0),
      label: "has been found",
      draw: (x: number, y: number) =>
        `<circle class="lb-hit" cx="${round(x + 7)}" cy="${round(y + 5)}" r="2"/>`,
    },
    {
      isThere: items.some(({ hits }) => hits > 0),
      label: "how often it was found so far",
      draw: (x: number, y: number) => textAt(x, y + 9, "×2"),
    },
    {
      isThere: ranks.size > 0,
      label: "found now, by rank",
      draw: (x: number, y: number) => badge(1, x + 7, y + 5),
    },
  ].flatMap(({ isThere, label, draw }): LegendEntry[] => (isThere ? [{ label, draw }] : []));
  const legend = drawLegend(entries, summary, { left: MARGIN, right: WIDTH - MARGIN, y: 2 });
  return { height: legend.bottom, elements: legend.elements };
}

/** A mark of an item with its title. */
export function mark(item: MappedItem, rank: number | undefined, elements: readonly string[]): string {
  return titled(titleOf(item, rank), elements);
}
