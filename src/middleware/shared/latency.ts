/** Durations of the last calls of one kind, and what share of them took less than so long. */
export interface LatencyWindow {
  record(durationMs: number): void;
  /** Duration that this share of the recorded calls did not pass; undefined until enough were recorded. */
  percentile(share: number): number | undefined;
}

const SIZE = 128;
const ENOUGH = 20;
/** Sorting at each call would cost more than the call; a percentile of 128 moves little in 8. */
const SORT_EVERY = 8;

/** The last 128 durations; it has an opinion after 20. */
export function createLatencyWindow(): LatencyWindow {
  const recent = new Float64Array(SIZE);
  let sorted = new Float64Array(0);
  let recorded = 0;
  let sinceSort = 0;
  return {
    record(durationMs) {
      recent[recorded++ % SIZE] = durationMs;
      sinceSort++;
    },
    percentile(share) {
      const size = Math.min(recorded, SIZE);
      if (size < ENOUGH) return undefined;
      if (sinceSort >= SORT_EVERY || sorted.length === 0) {
        sorted = recent.slice(0, size).sort();
        sinceSort = 0;
      }
      return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
    },
  };
}
