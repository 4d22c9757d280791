import { niceTimeFrom, niceTimesBetween } from "../pictures/nice-times.js";

/** A scale on which each tenfold of time is as long as any other. */
export interface LogScale {
  /** Its ends in milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many parts of equal length it has, ten for each tenfold. */
  readonly bins: number;
  /** Where a duration lies, from 0 to 1; what is outside lies at the end. */
  shareOf(ms: number): number;
  /** The part that a duration falls into, from 0. */
  binOf(ms: number): number;
}

const SHORTEST_MS = 1;
const LONGEST_MS = 1e15;
const BINS_PER_TENFOLD = 10;

/** Holds all these durations in milliseconds and at least a tenfold; what is shorter than 1 ms counts as that long. */
export function createLogScale(durations: readonly number[]): LogScale {
  let [shortest, longest] = [LONGEST_MS, SHORTEST_MS];
  for (const ms of durations) {
    shortest = Math.max(SHORTEST_MS, Math.min(shortest, ms));
    longest = Math.max(longest, ms);
  }
  if (durations.length === 0) shortest = SHORTEST_MS;
  const fromMs = niceTimesBetween(SHORTEST_MS, shortest).at(-1) ?? SHORTEST_MS;
  const toMs = niceTimeFrom(Math.max(10 * fromMs, longest + 1));
  const tenfolds = Math.log10(toMs / fromMs);
  const bins = Math.ceil(tenfolds * BINS_PER_TENFOLD);
  const shareOf = (ms: number): number =>
    Math.min(1, Math.max(0, Math.log10(Math.max(SHORTEST_MS, ms) / fromMs) / tenfolds));
  const binOf = (ms: number): number => Math.min(bins - 1, Math.floor(shareOf(ms) * bins));
  return { fromMs, toMs, bins, shareOf, binOf };
}
