import type { Vocabulary } from "./documents.js";
import { alike } from "./lexicon.js";
import type { Postings } from "./postings.js";
import type { Task } from "./task.js";

/** What a word counts that is not the one asked for but may stand for it. */
export const ALIKE = 0.45;

/** A word of a task that tools have, or have another word for. */
export interface Word {
  readonly stem: string;
  /** Terms that meet it, and how well: 1 for the word itself. */
  readonly terms: readonly (readonly [term: number, strength: number])[];
  readonly weight: number;
  /** Parts of the task that it is in; 0 is the whole. */
  readonly parts: readonly number[];
}

/** A task in the terms of the tools. */
export interface Wanted {
  readonly words: readonly Word[];
  /** The weight of all words of each part; the first is the whole. Parts without a word that any tool has are left out. */
  readonly masses: readonly number[];
}

export function toWanted({ parts }: Task, vocabulary: Vocabulary, { idf }: Postings): Wanted {
  const found = new Map<string, Omit<Word, "parts"> & { readonly parts: number[] }>();
  const masses: number[] = [];
  for (const stems of parts) {
    const words = [...new Set(withJoined(stems, vocabulary))].flatMap((stemmed) => {
      const known = found.get(stemmed);
      if (known) return known;
      const terms = termsFor(stemmed, vocabulary);
      if (terms.length === 0) return [];
      const [first] = terms;
      // The word's own rarity; where no tool has it, that of what stands for it.
      const own = first?.[1] === 1 ? terms.slice(0, 1) : terms;
      const weight = Math.max(...own.map(([term, strength]) => strength * (idf[term] as number)));
      const word = { stem: stemmed, terms, weight, parts: [] };
      found.set(stemmed, word);
      return word;
    });
    if (words.length === 0) continue;
    for (const word of words) word.parts.push(masses.length);
    masses.push(words.reduce((sum, { weight }) => sum + weight, 0));
  }
  return { words: [...found.values()], masses };
}

function termsFor(stemmed: string, vocabulary: Vocabulary): (readonly [number, number])[] {
  const exact = vocabulary.find(stemmed);
  const others = [...alike(stemmed)].flatMap((other) => vocabulary.find(other) ?? []);
  return [
    ...(exact === undefined ? [] : [[exact, 1] as const]),
    ...others.map((term) => [term, ALIKE] as const),
  ];
}

/** With neighbours as one word where a tool writes them so: "mind map" and `mindmap`. */
function withJoined(stems: readonly string[], vocabulary: Vocabulary): string[] {
  const joined = stems.slice(1).map((stemmed, at) => `${stems[at]}${stemmed}`);
  return [...stems, ...joined.filter((word) => vocabulary.find(word) !== undefined)];
}
