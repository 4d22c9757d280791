import { rectAt, round, textAt, titled, widthOf } from "../pictures/svg.js";
import type { Band } from "./frame.js";
import { GAP, MARGIN, WIDTH } from "./frame.js";
import type { MappedItem, MemoryMap } from "./memory-map.js";

/** Colours by who said it; what was corrected is faint, what is over is hollow, what recall found stands out. */
export const STYLE = `
.lb-user{fill:#2f6fd0}.lb-assistant{fill:#2f7d4f}.lb-tool{fill:#b35c00}.lb-fact{fill:#6b53c6}.lb-more{fill:#7a828c}
.lb-past{opacity:.45}.lb-beyond{opacity:.65}.lb-over-time{fill:none;stroke:#7a828c;stroke-dasharray:2 2}
.lb-window{fill:#ffffff;stroke:#2f6fd0;stroke-width:1.5}.lb-note{fill:#ffffff;stroke:#7a828c}
.lb-found{fill:none;stroke:#c2185b;stroke-width:2}.lb-found-row{fill:#fbe3ec}.lb-rank{fill:#c2185b}.lb-on-rank{fill:#ffffff}
.lb-arrow{fill:none;stroke:#59636e;stroke-width:1.2}.lb-arrow-tip{fill:#59636e}.lb-hit{fill:#1f2328}
@media (prefers-color-scheme:dark){
.lb-user{fill:#6ea3f2}.lb-assistant{fill:#4fb477}.lb-tool{fill:#e39a3b}.lb-fact{fill:#a493f0}.lb-more{fill:#8d96a1}
.lb-over-time{stroke:#8d96a1}.lb-window{fill:#14171b;stroke:#6ea3f2}.lb-note{fill:#14171b;stroke:#8d96a1}
.lb-found{stroke:#ff7aa8}.lb-found-row{fill:#3b1d2a}.lb-rank{fill:#ff7aa8}.lb-on-rank{fill:#14171b}
.lb-arrow{stroke:#a0a8b3}.lb-arrow-tip{fill:#a0a8b3}.lb-hit{fill:#e6e9ee}}
`.replaceAll("\n", "");

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
    `${item.role}, ${item.time}, ${item.tokens} tokens`,
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
  const square = (classes: string) => (x: number, y: number) => rectAt(classes, x, y - 9, 10, 10);
  const entries = [
    ...(["user", "assistant", "tool"] as const).map((role) => ({
      isThere: messages.some((message) => message.role === role),
      words: role,
      draw: square(`lb-${role}`),
    })),
    {
      isThere: messages.length > 0,
      words: "taller: more tokens",
      draw: (x: number, y: number) =>
        rectAt("lb-more", x, y - 3, 4, 4, 1) + rectAt("lb-more", x + 6, y - 9, 4, 10, 1),
    },
    { isThere: facts.length > 0, words: "fact", draw: square("lb-fact") },
    {
      isThere: items.some(({ supersededBy }) => supersededBy !== undefined),
      words: "corrected since",
      draw: square("lb-more lb-past"),
    },
    {
      isThere: items.some(({ isExpired }) => isExpired),
      words: "its time is over",
      draw: square("lb-over-time"),
    },
    {
      isThere: messages.some(({ hits }) => hits > 0),
      words: "has been found",
      draw: (x: number, y: number) =>
        `<circle class="lb-hit" cx="${round(x + 5)}" cy="${round(y - 4)}" r="2"/>`,
    },
    {
      isThere: ranks.size > 0,
      words: "found now, by rank",
      draw: (x: number, y: number) => badge(1, x + 5, y - 4),
    },
  ].filter(({ isThere }) => isThere);
  let x = MARGIN;
  let y = 18;
  const elements = entries.map(({ words, draw }) => {
    const width = 18 + widthOf(words);
    if (x + width > WIDTH - MARGIN) [x, y] = [MARGIN, y + 20];
    const drawn = draw(x, y) + textAt(x + 18, y, words);
    x += width + 2 * GAP;
    return drawn;
  });
  if (x + widthOf(summary) > WIDTH - MARGIN) y += 20;
  elements.push(textAt(WIDTH - MARGIN - widthOf(summary), y, summary, "lb-faint"));
  return { height: y + GAP, elements };
}

/** A mark of an item with its title. */
export function mark(item: MappedItem, rank: number | undefined, elements: readonly string[]): string {
  return titled(titleOf(item, rank), elements);
}
