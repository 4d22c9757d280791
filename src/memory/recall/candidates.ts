import { AFTER_SHARES, BEFORE_SHARES, type Documents, OWN_SHARE } from "./documents.js";
import { createGrowing } from "./growing.js";
import type { Postings } from "./postings.js";
import type { Query } from "./query.js";
import { NONE, REACH } from "./threads.js";

/** BM25 over turns and their neighbours. */
export const K1 = 0.9;
export const B = 0.4;
/** Of threads. */
const THREAD_K1 = 1.2;
const THREAD_B = 0.75;
/** Postings that one search walks; beyond it the most frequent terms only weigh what rarer ones have found. */
const MOST_POSTINGS = 30_000;

export interface Candidates {
  /** The best by their words and their neighbours', at most `most`, best first. */
  readonly documents: number[];
  /** How well each thread matches, by its number. Valid until the next search. */
  readonly threads: Float64Array;
  /** The most that a thread could come to. */
  readonly threadMost: number;
}

export type FindCandidates = (
  query: Query,
  most: number,
  accept: (document: number) => boolean,
) => Candidates;

/** Memory that searches share: columns as long as there are items, all zeros in between. */
export function createFindCandidates(
  documents: Documents,
  postings: () => Postings,
  countOf: (term: number) => number,
): FindCandidates {
  const times = createGrowing(Int32Array);
  const scores = createGrowing(Float64Array);
  const touched = createGrowing(Int32Array);
  const found = createGrowing(Int32Array);
  const threadTimes = createGrowing(Int32Array);
  const threadsOfTerm = createGrowing(Int32Array);
  const threadScores = createGrowing(Float64Array);

  return function findCandidates(query, most, accept) {
    const { threads, windowLengths, totals, isGone, threadOf } = documents;
    const size = documents.ids.length;
    times.reach(size);
    scores.reach(size);
    threadTimes.reach(threads.count);
    threadScores.reach(threads.count);
    threadScores.data.fill(0);
    found.length = 0;
    const [previous, next] = [threads.previous.data, threads.next.data];
    const average = Math.max(1, totals.windowLength / Math.max(1, totals.count));
    let walked = 0;
    let threadMost = 0;

    const add = (document: number, share: number): void => {
      if (times.data[document] === 0) touched.push(document);
      (times.data[document] as number) += share;
    };
    query.terms.forEach((term, place) => {
      walked += countOf(term);
      if (place > 0 && walked > MOST_POSTINGS) return;
      touched.length = 0;
      threadsOfTerm.length = 0;
      postings().visit(term, (document, count) => {
        if (isGone.data[document] === 1) return;
        add(document, OWN_SHARE * count);
        const thread = threadOf.data[document] as number;
        if (thread === NONE) return;
        if (threadTimes.data[thread] === 0) threadsOfTerm.push(thread);
        (threadTimes.data[thread] as number) += count;
        let [before, after] = [document, document];
        for (let distance = 1; distance <= REACH; distance++) {
          // What stands before a turn counts it as what comes after, and the other way round.
          if (before !== NONE) before = previous[before] as number;
          if (before !== NONE) add(before, (AFTER_SHARES[distance] as number) * count);
          if (after !== NONE) after = next[after] as number;
          if (after !== NONE) add(after, (BEFORE_SHARES[distance] as number) * count);
        }
      });
      const idf = query.idf[place] as number;
      for (let at = 0; at < touched.length; at++) {
        const document = touched.data[at] as number;
        const count = times.data[document] as number;
        times.data[document] = 0;
        if (scores.data[document] === 0) found.push(document);
        const length = (windowLengths.data[document] as number) / average;
        (scores.data[document] as number) +=
          (idf * (K1 + 1) * count) / (count + OWN_SHARE * K1 * (1 - B + B * length));
      }
      const threadIdf = Math.log(
        1 + (threads.used - threadsOfTerm.length + 0.5) / (threadsOfTerm.length + 0.5),
      );
      threadMost += threadIdf * (THREAD_K1 + 1);
      const averageThread = totals.count / Math.max(1, threads.used);
      for (let at = 0; at < threadsOfTerm.length; at++) {
        const thread = threadsOfTerm.data[at] as number;
        const count = threadTimes.data[thread] as number;
        threadTimes.data[thread] = 0;
        const length = threads.order(thread).length / averageThread;
        const score =
          (threadIdf * (THREAD_K1 + 1) * count) / (count + THREAD_K1 * (1 - THREAD_B + THREAD_B * length));
        (threadScores.data[thread] as number) += score;
      }
    });

    const isBetter = (a: number, b: number): boolean => {
      const difference = (scores.data[a] as number) - (scores.data[b] as number);
      return difference > 0 || (difference === 0 && documents.newestFirst(a, b) < 0);
    };
    const best = selectBest(found.data, found.length, most, isBetter, accept);
    for (let at = 0; at < found.length; at++) scores.data[found.data[at] as number] = 0;
    return { documents: best, threads: threadScores.data, threadMost };
  };
}

/** The best that are accepted, best first: a heap with the worst of them on top. */
function selectBest(
  from: ArrayLike<number>,
  length: number,
  most: number,
  isBetter: (a: number, b: number) => boolean,
  accept: (document: number) => boolean,
): number[] {
  const heap: number[] = [];
  const sink = (start: number): void => {
    let at = start;
    const value = heap[at] as number;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBetter(heap[child] as number, heap[child + 1] as number)) child++;
      if (!isBetter(value, heap[child] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = value;
  };
  for (let index = 0; index < length; index++) {
    const document = from[index] as number;
    if (heap.length < most) {
      if (!accept(document)) continue;
      heap.push(document);
      if (heap.length === most) for (let at = most >> 1; at >= 0; at--) sink(at);
    } else if (isBetter(document, heap[0] as number) && accept(document)) {
      heap[0] = document;
      sink(0);
    }
  }
  return heap.sort((a, b) => (isBetter(a, b) ? -1 : 1));
}
