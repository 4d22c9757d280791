import { createGrowing, type Growing } from "./growing.js";

/** No document. */
export const NONE = -1;
/** How far the neighbours reach that count towards a turn. */
export const REACH = 3;

/**
 * Which turns follow each other in each thread. Documents may be put in in any order: those that came since are sorted
 * in when somebody asks, which costs as much as there are documents after the earliest of them.
 */
export interface Threads {
  /** The number of a thread. */
  threadOf(id: string): number;
  readonly count: number;
  /** Those with a document in them. Settle first. */
  readonly used: number;
  put(document: number, thread: number): void;
  remove(document: number, thread: number): void;
  /** Sorts in what came since; calls `moved` for each document whose neighbours are not what they were. */
  settle(moved: (document: number) => void): void;
  /** The document before and after each, or `NONE`. Settle first. */
  readonly previous: Growing<Int32Array>;
  readonly next: Growing<Int32Array>;
  /** The place of each in its thread. Settle first. */
  readonly position: Growing<Int32Array>;
  /** Gives every document another number. Settle first. */
  renumber(newNumberOf: (document: number) => number): void;
  /** The documents of a thread in order. Settle first. */
  order(thread: number): readonly number[];
}

interface Thread {
  order: number[];
  pending: number[];
  removed: Set<number> | undefined;
}

/** @param compare the order of two documents of one thread; never 0 for two that differ */
export function createThreads(compare: (a: number, b: number) => number): Threads {
  const numbers = new Map<string, number>();
  const threads: Thread[] = [];
  const dirty = new Set<Thread>();
  let used = 0;
  const previous = createGrowing(Int32Array);
  const next = createGrowing(Int32Array);
  const position = createGrowing(Int32Array);

  function settleThread(thread: Thread, moved: (document: number) => void): void {
    const { order, pending, removed } = thread;
    const wasUsed = order.length > 0;
    thread.pending = [];
    thread.removed = undefined;
    let first = order.length;
    if (removed !== undefined) {
      first = order.findIndex((document) => removed.has(document));
      if (first === -1) first = order.length;
      thread.order = order.filter((document) => !removed.has(document));
      for (const document of removed) previous.data[document] = next.data[document] = NONE;
    }
    const added = removed === undefined ? pending : pending.filter((document) => !removed.has(document));
    first = Math.min(first, mergeIn(thread.order, added.sort(compare), compare));
    const merged = thread.order;
    used += Number(merged.length > 0) - Number(wasUsed);
    for (let at = first; at < merged.length; at++) {
      const document = merged[at] as number;
      previous.data[document] = at === 0 ? NONE : (merged[at - 1] as number);
      next.data[document] = NONE;
      position.data[document] = at;
      if (at > 0) next.data[merged[at - 1] as number] = document;
    }
    if (first === merged.length && first > 0) next.data[merged[first - 1] as number] = NONE;
    for (let at = Math.max(0, first - REACH); at < merged.length; at++) moved(merged[at] as number);
  }

  return {
    threadOf(id) {
      let number = numbers.get(id);
      if (number === undefined) {
        number = threads.push({ order: [], pending: [], removed: undefined }) - 1;
        numbers.set(id, number);
      }
      return number;
    },
    get count() {
      return threads.length;
    },
    get used() {
      return used;
    },
    put(document, number) {
      const thread = threads[number] as Thread;
      thread.pending.push(document);
      dirty.add(thread);
    },
    remove(document, number) {
      const thread = threads[number] as Thread;
      thread.removed ??= new Set();
      thread.removed.add(document);
      dirty.add(thread);
    },
    settle(moved) {
      for (const thread of dirty) settleThread(thread, moved);
      dirty.clear();
    },
    renumber(newNumberOf) {
      previous.length = next.length = position.length = 0;
      for (const thread of threads) thread.order = thread.order.map(newNumberOf);
      for (const { order } of threads)
        for (const [at, document] of order.entries()) {
          previous.reach(document + 1);
          next.reach(document + 1);
          position.reach(document + 1);
          position.data[document] = at;
          previous.data[document] = order[at - 1] ?? NONE;
          next.data[document] = order[at + 1] ?? NONE;
        }
    },
    previous,
    next,
    position,
    order: (number) => (threads[number] as Thread).order,
  };
}

/** Merges sorted `added` into sorted `order`, from the back; answers the first place that changed. */
function mergeIn(
  order: number[],
  added: readonly number[],
  compare: (a: number, b: number) => number,
): number {
  let from = order.length - 1;
  let take = added.length - 1;
  for (let at = order.length + added.length - 1; take >= 0; at--) {
    const candidate = added[take] as number;
    const existing = order[from];
    if (from >= 0 && existing !== undefined && compare(existing, candidate) > 0) {
      order[at] = existing;
      from--;
    } else {
      order[at] = candidate;
      take--;
    }
  }
  return from + 1;
}
