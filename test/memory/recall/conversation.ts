import type { IndexedItem } from "../../../src/memory/recall/ranked.js";
import { createRecallIndex, type RecallIndex } from "../../../src/memory/recall/recall-index.js";

export const NOW = Date.UTC(2026, 4, 20, 12);

/** A message; its thread, time and place follow from the number in its id where they are not given. */
export function item(id: string, text: string, more: Partial<IndexedItem> = {}): IndexedItem {
  return {
    id,
    text,
    kind: "message",
    role: "user",
    threadId: "talk",
    time: "2026-05-01T10:00:00.000Z",
    sequence: Number(/\d+/.exec(id)?.[0] ?? 0),
    ...more,
  };
}

export function indexOf(...items: readonly IndexedItem[]): RecallIndex {
  const index = createRecallIndex();
  index.add(items);
  return index;
}

/** The ids found, best first. */
export function found(
  index: RecallIndex,
  query: string,
  limit = 10,
  accept?: (id: string) => boolean,
): string[] {
  return index.search(query, { limit, now: NOW, ...(accept && { accept }) }).map(({ id }) => id);
}

/** What two people say over weeks, about this and that. */
export function longTalk(): IndexedItem[] {
  const lines: readonly (readonly [string, string, string, string])[] = [
    ["a", "2026-03-02", "Ines", "The bakery on Mill Lane closed, where do you get your bread now?"],
    ["a", "2026-03-02", "Tom", "I bake it myself, rye mostly, every Sunday."],
    ["a", "2026-03-02", "Ines", "My brother moved to Oslo for a post at the harbour."],
    ["a", "2026-03-02", "Tom", "Is he happy there?"],
    ["a", "2026-03-02", "Ines", "He misses the sun, but the pay is good."],
    ["b", "2026-04-11", "Tom", "I sold the old boat yesterday."],
    ["b", "2026-04-11", "Ines", "Which one, the green dinghy?"],
    ["b", "2026-04-11", "Tom", "Yes, to a family from the village."],
    ["b", "2026-04-11", "Ines", "Where will you spend the summer then?"],
    ["b", "2026-04-11", "Tom", "In Lisbon, with my aunt."],
    ["c", "2026-05-18", "Ines", "My violin lessons start tomorrow, with a teacher from Prague."],
    ["c", "2026-05-18", "Tom", "I never learnt an instrument."],
  ];
  return lines.map(([threadId, day, speaker, text], sequence) =>
    item(`t${sequence}`, text, { threadId, speaker, sequence, time: `${day}T09:00:00.000Z` }),
  );
}
