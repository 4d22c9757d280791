import { fold } from "./scripts.js";
import { stopWords } from "./stop-words.js";
import { tokenise } from "./tokenise.js";
import { bare } from "./vocabulary.js";

/** Shorter ones are no nicknames. */
const SHORTEST_NICKNAME = 3;

/** Who speaks in the items. */
export interface Speakers {
  /** The number of a speaker; items without a name are spoken by their role. */
  speakerOf(name: string | undefined, role: string): number;
  /** Counts items: one more, or one less, of this speaker. Who has none is named by no query. */
  count(speaker: number, more: 1 | -1): void;
  /** The speakers that a word of a query may name: a part of the name, or its beginning. Folded. */
  named(word: string, isCapital: boolean): readonly number[];
}

export function createSpeakers(): Speakers {
  const numbers = new Map<string, number>();
  const items: number[] = [];
  const hasItems = (speaker: number): boolean => (items[speaker] as number) > 0;
  const byWord = new Map<string, number[]>();

  return {
    speakerOf(name, role) {
      const key = name === undefined || name === "" ? ` ${role}` : name;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      const words: string[] = [];
      if (!key.startsWith(" ")) tokenise(key, 8, (word) => void words.push(bare(fold(word))));
      const number = items.push(0) - 1;
      numbers.set(key, number);
      for (const word of words) {
        const others = byWord.get(word);
        if (others === undefined) byWord.set(word, [number]);
        else others.push(number);
      }
      return number;
    },
    count(speaker, more) {
      (items[speaker] as number) += more;
    },
    named(word, isCapital) {
      // "Will" and "May" are people only where they are written like it.
      if (stopWords.has(word) && !isCapital) return [];
      const whole = (byWord.get(word) ?? []).filter(hasItems);
      if (whole.length > 0) return whole;
      if (!isCapital || word.length < SHORTEST_NICKNAME) return [];
      const found: number[] = [];
      for (const [name, speakers] of byWord) if (name.startsWith(word)) found.push(...speakers);
      return found.filter(hasItems);
    },
  };
}
