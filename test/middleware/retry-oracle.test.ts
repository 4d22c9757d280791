import { ConstantBackoff, retry as cockatielRetry, handleWhen } from "cockatiel";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCall } from "../../src/core/call.js";
import type { Clock } from "../../src/core/clock.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { retry } from "../../src/middleware/retry.js";
import { FakeClock } from "../support/fake-clock.js";

const SEQUENCES = 10_000;
const SEED = Number(process.env.SEED ?? 20_261_121);
const ok: Result = { content: [] };

// Its waits of no time would still take a millisecond each.
beforeAll(() => {
  vi.stubGlobal("setTimeout", (callback: () => void) => {
    queueMicrotask(callback);
    return { unref() {} };
  });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

type Step = "ok" | "passing" | "lasting";

/** What happens at each attempt of one call, and how it ends. */
async function observe(steps: readonly Step[], run: (attempt: () => Promise<Result>) => Promise<Result>) {
  const seen: Step[] = [];
  const end = await run(async () => {
    const step = steps[seen.length] ?? "ok";
    seen.push(step);
    if (step === "ok") return ok;
    throw new BatonError("UPSTREAM", step, { retryable: step === "passing" });
  }).then(
    () => "ok",
    (error: BatonError) => error.message.split(" ")[0],
  );
  return { seen, end };
}

test(`retry() ends as cockatiel's does on ${SEQUENCES} random sequences (seed ${SEED})`, async () => {
  const random = new FakeClock(0, SEED);
  const instant: Clock = { now: () => 0, sleep: async () => {}, after: () => () => {}, random: () => 0 };
  for (let i = 0; i < SEQUENCES; i++) {
    const attempts = 1 + Math.floor(random.random() * 6);
    const steps = Array.from({ length: 8 }, (): Step => {
      const roll = random.random();
      return roll < 0.3 ? "ok" : roll < 0.85 ? "passing" : "lasting";
    });
    const oracle = cockatielRetry(
      handleWhen((error) => (error as BatonError).retryable),
      // Theirs counts the repeats, ours the runs; a backoff of nothing costs no time.
      { maxAttempts: attempts - 1, backoff: new ConstantBackoff(0) },
    );
    const ours = await observe(steps, (attempt) =>
      retry({ attempts, clock: instant })(createCall({ server: "s", tool: "t", args: {} }), attempt),
    );
    const theirs = attempts === 1 ? undefined : await observe(steps, (attempt) => oracle.execute(attempt));
    if (theirs !== undefined) expect(ours, `sequence ${i} of seed ${SEED}: ${steps}`).toEqual(theirs);
    else expect(ours.seen).toHaveLength(1);
  }
}, 60_000);
