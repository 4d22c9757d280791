import type { Documents } from "./documents.js";
import { EXACT, expand } from "./expand.js";
import { createGrowing } from "./growing.js";
import type { Query } from "./query.js";
import { STOP } from "./vocabulary.js";

/** Marks a word of the names asked about, beside the terms' slots. */
const NAME = 255;

/** What items have of one query's terms. Each is read once, when it is first asked for. */
export interface Reader {
  /** Forgets the query before. */
  begin(query: Query): void;
  /** Where the counts of an item begin in `counts`: how often it has each term, in the query's order. */
  read(document: number): number;
  /** Valid until the next `read`. */
  readonly counts: Uint8Array;
  /** How well a slot's word is met, in tenths: by the word itself, or by one that may stand for it. */
  strengthAt(place: number, slot: number): number;
  /** How many neighbouring terms of the query are neighbours in the item that was read from that place. */
  pairsAt(place: number): number;
  /** Whether it has a word of a name that was asked about. */
  mentionsAt(place: number): boolean;
}

export function createReader(documents: Documents): Reader {
  const { vocabulary, words, starts } = documents;
  /** By term: its slot plus one. */
  const slots = createGrowing(Uint8Array);
  /** By item: where it was read to, plus one. */
  const places = createGrowing(Int32Array);
  const counts = createGrowing(Uint8Array, 4096);
  let readDocuments: number[] = [];
  let marked: number[] = [];
  let isPair = new Uint8Array(0);
  let [width, known, all] = [0, 0, 0];
  /** By term: how well it meets its slot's word. */
  const strengths = createGrowing(Uint8Array);
  const mark = (term: number, slot: number, strength: number): void => {
    if (slots.data[term] === NAME || (strengths.data[term] as number) >= strength) return;
    slots.data[term] = slot + 1;
    strengths.data[term] = strength;
    marked.push(term);
  };

  return {
    begin(query) {
      for (const document of readDocuments) places.data[document] = 0;
      for (const term of marked) slots.data[term] = strengths.data[term] = 0;
      readDocuments = [];
      places.reach(documents.ids.length);
      slots.reach(vocabulary.stems.length);
      strengths.reach(vocabulary.stems.length);
      marked = [...query.names];
      for (const term of query.names) slots.data[term] = NAME;
      known = query.terms.length;
      all = query.stems.length;
      for (const [slot, term] of query.terms.entries()) mark(term, slot, EXACT);
      for (const [slot, stemmed] of query.stems.entries())
        expand(stemmed, vocabulary, (term, strength) => mark(term, slot, strength));
      // Counts, how well each word is met, and two more: pairs and mentions.
      width = known + all + 2;
      counts.length = 0;
      isPair = new Uint8Array(width * width);
      for (const [a, b] of query.pairs) isPair[a * width + b] = 1;
    },
    read(document) {
      const read = places.data[document] as number;
      if (read !== 0) return read - 1;
      const place = counts.length;
      counts.reach(place + width);
      const into = counts.data;
      into.fill(0, place, place + width);
      const [termOf, bitsOf] = [vocabulary.termOf.data, vocabulary.bitsOf.data];
      const [slotOf, strengthOf, wordsOf] = [slots.data, strengths.data, words.data];
      let before = -1;
      const end = starts.data[document + 1] as number;
      for (let at = starts.data[document] as number; at < end; at++) {
        const word = wordsOf[at] as number;
        const term = termOf[word] as number;
        const slot = slotOf[term] as number;
        if (slot === 0) {
          if (((bitsOf[word] as number) & STOP) === 0) before = -1;
        } else if (slot === NAME) (into[place + width - 1] as number) = 1;
        else {
          const strength = strengthOf[term] as number;
          if ((into[place + known + slot - 1] as number) < strength)
            into[place + known + slot - 1] = strength;
          if (strength !== EXACT) {
            before = -1;
            continue;
          }
          if ((into[place + slot - 1] as number) < 255) (into[place + slot - 1] as number)++;
          if (
            before >= 0 &&
            isPair[before * width + slot - 1] === 1 &&
            (into[place + width - 2] as number) < 255
          )
            (into[place + width - 2] as number)++;
          before = slot - 1;
        }
      }
      places.data[document] = place + 1;
      readDocuments.push(document);
      return place;
    },
    get counts() {
      return counts.data;
    },
    strengthAt: (place, slot) => counts.data[place + known + slot] as number,
    pairsAt: (place) => counts.data[place + width - 2] as number,
    mentionsAt: (place) => counts.data[place + width - 1] === 1,
  };
}
