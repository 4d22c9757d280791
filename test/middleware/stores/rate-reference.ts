import fc from "fast-check";
import type { Rate } from "../../../src/middleware/rate-limit.js";

/**
 * The generic cell rate algorithm as it is written down (ITU-T I.371), in exact numbers: one theoretical arrival time,
 * in parts of a millisecond so fine that no division is left. Answers as a store does.
 */
export function createRateReference({ calls, perMs, burst }: Rate): (now: number) => number {
  const parts = BigInt(calls);
  const interval = BigInt(perMs);
  const tolerance = interval * BigInt(burst - 1);
  let arrival: bigint | undefined;
  let last = 0n;
  return (now) => {
    const time = BigInt(now) * parts;
    // A clock that is set back takes the whole plan with it.
    if (arrival !== undefined && time < last) arrival -= last - time;
    last = time;
    if (arrival === undefined || arrival < time) arrival = time;
    const early = arrival - tolerance - time;
    if (early > 0n) return Number((early + parts - 1n) / parts);
    arrival += interval;
    return 0;
  };
}

export const someRate: fc.Arbitrary<Rate> = fc.record({
  calls: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 1_000_000 })),
  perMs: fc.oneof(fc.constantFrom(1, 7, 1000, 60_000), fc.integer({ min: 1, max: 86_400_000 })),
  burst: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1_000_000 })),
});

/** How much later each call comes, in milliseconds; now and then the clock is set back. */
export const rateHistory: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 1, 5, 142, 143, 500, 1000) },
    { weight: 1, arbitrary: fc.constantFrom(60_000, 86_400_000, -1, -700, -3_600_000) },
  ),
  { maxLength: 40, size: "max" },
);
