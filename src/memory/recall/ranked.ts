import type { MemoryItem } from "../item.js";

/** What the index needs to know of an item; it keeps no text. */
export type IndexedItem = Pick<
  MemoryItem,
  "id" | "text" | "kind" | "role" | "speaker" | "threadId" | "time" | "sequence"
>;

export interface RankOptions {
  readonly limit: number;
  /** Whether an item may be found: filters, expiry, what was superseded. */
  readonly accept?: (id: string) => boolean;
  /** What "yesterday" and "last May" in the query are counted from, in milliseconds since the epoch. */
  readonly now: number;
  /** What an embedding model thinks: one more feature of the fusion. */
  readonly semantic?: {
    /** The nearest items, best first: candidates beside those that share a word with the query. */
    readonly nearest: readonly string[];
    /** Cosine similarity to the query, -1 to 1; `undefined` for an item without a vector. */
    similarity(id: string): number | undefined;
  };
}

/** An item found, with what its score is made of. */
export interface Ranked {
  readonly id: string;
  readonly score: number;
  /** What each feature added to the score; the sum is the score. Only what is not zero. */
  readonly why: Readonly<Record<string, number>>;
  /** Items that say nearly the same and were left out in its favour. */
  readonly duplicates: readonly string[];
}
