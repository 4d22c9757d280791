import type { Clock } from "../../core/clock.js";
import type { Rate, RateStore } from "../rate-limit.js";

interface Bucket {
  /** What was taken and has not yet come back, in parts of a call: `perMs` parts are one call. */
  taken: number;
  /** When that was so. */
  at: number;
}

/** Buckets of one process. Whole numbers throughout, so that a limit is exact: `calls` parts come back each millisecond. */
export function memoryRateStore(clock: Clock, mostBuckets = 100_000): RateStore {
  const buckets = new Map<string, Bucket>();
  return {
    name: "memory",
    take(key, rate) {
      const now = clock.now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= mostBuckets) makeRoom(buckets, rate, now);
        bucket = { taken: 0, at: now };
        buckets.set(key, bucket);
      }
      bucket.taken = leftOf(bucket, rate, now);
      // Also when the clock was set back: time counts on from there.
      bucket.at = now;
      const missing = bucket.taken + rate.perMs - rate.burst * rate.perMs;
      if (missing > 0) return Math.ceil(missing / rate.calls);
      bucket.taken += rate.perMs;
      return 0;
    },
  };
}

function leftOf({ taken, at }: Bucket, { calls }: Rate, now: number): number {
  return now > at ? Math.max(0, taken - (now - at) * calls) : taken;
}

/** A bucket from which nothing is missing is as good as none; were all in use, the oldest half would go. */
function makeRoom(buckets: Map<string, Bucket>, rate: Rate, now: number): void {
  const half = buckets.size / 2;
  for (const [key, bucket] of buckets) if (leftOf(bucket, rate, now) === 0) buckets.delete(key);
  for (const key of buckets.keys()) {
    if (buckets.size <= half) return;
    buckets.delete(key);
  }
}
