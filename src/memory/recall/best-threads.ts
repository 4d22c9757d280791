import type { Documents } from "./documents.js";

/** Threads that are looked at. */
const MOST_THREADS = 32;

/** The accepted items of the threads that match best, thread by thread, about `most` of them. Settle first. */
export function inBestThreads(
  scores: Float64Array,
  { threads, newestFirst }: Documents,
  most: number,
  accept: (document: number) => boolean,
): number[] {
  const best: number[] = [];
  const isBefore = (a: number, b: number): boolean => {
    const difference = (scores[a] as number) - (scores[b] as number);
    if (difference !== 0) return difference > 0;
    return newestFirst(threads.order(a)[0] as number, threads.order(b)[0] as number) < 0;
  };
  for (let thread = 0; thread < threads.count; thread++) {
    if (scores[thread] === 0) continue;
    if (best.length === MOST_THREADS && !isBefore(thread, best[MOST_THREADS - 1] as number)) continue;
    let at = best.length === MOST_THREADS ? MOST_THREADS - 1 : best.length;
    for (; at > 0 && isBefore(thread, best[at - 1] as number); at--) best[at] = best[at - 1] as number;
    best[at] = thread;
  }
  const found: number[] = [];
  for (const thread of best) {
    if (found.length >= most) break;
    for (const document of threads.order(thread)) {
      if (found.length >= most) break;
      if (accept(document)) found.push(document);
    }
  }
  return found;
}
