import { createGrowing } from "./growing.js";

/** A chunk starts with where the next one is and how many entries it holds; 0 ends the chain and the entries. */
const HEADER = 2;
const FIRST_ENTRIES = 2;
const MOST_ENTRIES = 1022;
/** An entry is the document plus one, and how often the word is in it, in three bits. */
const BITS = 3;
const MOST_TIMES = 2 ** BITS - 1;

/** Which documents each term is in. All lists share one array, as chains of chunks that grow. */
export interface Postings {
  add(term: number, document: number, times: number): void;
  visit(term: number, each: (document: number, times: number) => void): void;
}

export function createPostings(): Postings {
  const pool = createGrowing(Int32Array, 4096);
  // 0 means no chunk.
  pool.push(0);
  const heads = createGrowing(Int32Array, 1024);
  const tails = createGrowing(Int32Array, 1024);
  const used = createGrowing(Int32Array, 1024);

  function chunk(entries: number): number {
    const at = pool.length;
    pool.reach(at + HEADER + entries);
    pool.data[at + 1] = entries;
    return at;
  }

  return {
    add(term, document, times) {
      if (term >= heads.length) for (const each of [heads, tails, used]) each.reach(term + 1);
      let tail = tails.data[term] as number;
      if (tail === 0) {
        tail = chunk(FIRST_ENTRIES);
        heads.data[term] = tails.data[term] = tail;
      } else if (used.data[term] === pool.data[tail + 1]) {
        const next = chunk(Math.min(MOST_ENTRIES, 2 * (pool.data[tail + 1] as number) + HEADER));
        pool.data[tail] = next;
        tails.data[term] = tail = next;
        used.data[term] = 0;
      }
      const at = used.data[term] as number;
      pool.data[tail + HEADER + at] = ((document + 1) << BITS) | Math.min(times, MOST_TIMES);
      used.data[term] = at + 1;
    },
    visit(term, each) {
      const { data } = pool;
      for (
        let at = term < heads.length ? (heads.data[term] as number) : 0;
        at !== 0;
        at = data[at] as number
      ) {
        const end = at + HEADER + (data[at + 1] as number);
        for (let entry = at + HEADER; entry < end; entry++) {
          const packed = data[entry] as number;
          if (packed === 0) return;
          each((packed >> BITS) - 1, packed & MOST_TIMES);
        }
      }
    },
  };
}
