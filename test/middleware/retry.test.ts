import { describe, expect, test } from "vitest";
import { createCall, type Handler } from "../../src/core/call.js";
import { BatonError, type BatonErrorOptions, type ErrorCode } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type RetryOptions, retry } from "../../src/middleware/retry.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const someCall = (rest: object = {}) => createCall({ server: "s", tool: "t", args: {}, ...rest });
const broke = (options: BatonErrorOptions = {}, code: ErrorCode = "UPSTREAM") =>
  new BatonError(code, "it broke", { retryable: true, ...options });

/** A handler that fails with each of these in turn, then succeeds; and the times at which it ran. */
function failing(clock: FakeClock, errors: readonly unknown[]) {
  const times: number[] = [];
  const handler: Handler = async () => {
    times.push(clock.now());
    const error = errors[times.length - 1];
    if (error !== undefined) throw error;
    return ok;
  };
  return { handler, times };
}

/** Runs to the end, moving time on as far as the call waits. */
async function run(clock: FakeClock, work: Promise<unknown>): Promise<unknown> {
  let settled = false;
  const outcome = work.then(
    (value) => value,
    (error: unknown) => error,
  );
  outcome.finally(() => {
    settled = true;
  });
  await settle();
  for (let steps = 0; !settled && steps < 1_000; steps++) await clock.advance(1_000);
  expect(settled).toBe(true);
  return outcome;
}

obeysLaws("retry", (clock) => retry({ clock }));

describe("retry()", () => {
  test("runs again after a failure that may pass, and says how often", async () => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, [broke(), broke()]);
    const result = await run(clock, retry({ clock })(someCall(), handler));
    expect(result).toEqual({ ...ok, obtained: { attempts: 3 } });
    expect(times).toHaveLength(3);
  });

  test("gives back a result of the first attempt as it is", async () => {
    expect(await retry()(someCall(), async () => ok)).toBe(ok);
  });

  test("gives up after the last attempt with its error, counted", async () => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, Array(9).fill(broke({ data: { server: "s" } })));
    const error = await run(clock, retry({ clock, attempts: 3 })(someCall(), handler));
    expect(error).toMatchObject({ code: "UPSTREAM", data: { server: "s", attempts: 3 } });
    expect((error as Error).message).toBe("it broke (3 attempts)");
    expect(times).toHaveLength(3);
  });

  test("never repeats a tool that ran and said that it failed", async () => {
    const failed: Result = { ...ok, isError: true };
    let runs = 0;
    const result = await retry()(someCall(), async () => {
      runs++;
      return failed;
    });
    expect([result, runs]).toEqual([failed, 1]);
  });

  test.each([
    ["a plain tool", {}, 1],
    ["a destructive tool", { hints: { destructive: true } }, 1],
    ["a readOnly tool", { hints: { readOnly: true } }, 5],
    ["an idempotent tool", { hints: { idempotent: true } }, 5],
    ["a call with a key", { idempotencyKey: "k" }, 5],
  ])("after a possible effect, %s", async (_, rest, runs) => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, Array(9).fill(broke({ effect: "possible" })));
    await run(clock, retry({ clock })(someCall(rest), handler));
    expect(times).toHaveLength(runs);
  });

  test.each([
    ["an error that will not pass", new BatonError("INVALID_ARGUMENTS", "no")],
    ["an error of somebody else", new Error("a bug")],
    ["an interrupt", Object.assign(new Error("approve?"), { name: "GraphInterrupt" })],
  ])("does not repeat %s, and passes it by identity", async (_, error) => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, [error]);
    expect(await run(clock, retry({ clock })(someCall(), handler))).toBe(error);
    expect(times).toHaveLength(1);
  });
});

describe("retry() waits", () => {
  test("as long as the server asked for", async () => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, [broke({ data: { retryAfterMs: 3_000 } }, "RATE_LIMITED")]);
    const start = clock.now();
    await run(clock, retry({ clock })(someCall(), handler));
    expect((times[1] ?? 0) - start).toBeGreaterThanOrEqual(3_000);
    expect((times[1] ?? 0) - start).toBeLessThanOrEqual(3_100);
  });

  test("not at all when the server asks for more than maxDelayMs", async () => {
    const clock = new FakeClock();
    const error = broke({ data: { retryAfterMs: 60_000 } }, "RATE_LIMITED");
    const { handler, times } = failing(clock, [error]);
    expect(await run(clock, retry({ clock })(someCall(), handler))).toBe(error);
    expect(times).toHaveLength(1);
  });

  test("never past the deadline: no attempt starts after it", async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const clock = new FakeClock(0, seed);
      const { handler, times } = failing(clock, Array(50).fill(broke()));
      const deadline = seed * 5;
      await run(clock, retry({ clock, attempts: 20, baseMs: 50 })(someCall({ deadline }), handler));
      expect(Math.max(...times)).toBeLessThan(deadline);
    }
  });

  test("with CANCELLED at once when the caller gives up", async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const { handler } = failing(clock, Array(9).fill(broke({ effect: "none" })));
    const work = failure(retry({ clock })(someCall({ signal: caller.signal }), handler));
    await settle();
    caller.abort(new Error("enough"));
    expect(await work).toMatchObject({ code: "CANCELLED", cause: caller.signal.reason, effect: "none" });
    expect(clock.pending).toBe(0);
  });

  test("with full jitter: 10,000 delays are uniform up to the exponential bound", async () => {
    // Kolmogorov-Smirnov against the uniform distribution; 1.63 / sqrt(n) is its bound at p = 0.01.
    for (const attempt of [2, 3, 4]) {
      const bound = 100 * 2 ** (attempt - 2);
      const clock = new FakeClock(0, attempt);
      const delays: number[] = [];
      const recording = { now: () => clock.now(), after: () => () => {}, random: () => clock.random() };
      const sleep = async (ms: number) => {
        delays.push(ms);
      };
      const middleware = retry({
        attempts: attempt,
        reserve: 10_000,
        perSuccess: 1,
        clock: { ...recording, sleep },
      });
      const samples: number[] = [];
      for (let i = 0; i < 10_000; i++) {
        delays.length = 0;
        await middleware(someCall(), failing(clock, Array(9).fill(broke())).handler).catch(() => {});
        samples.push((delays.at(-1) ?? Number.NaN) / bound);
        for (let paid = 1; paid < attempt; paid++) await middleware(someCall(), async () => ok);
      }
      expect(kolmogorovSmirnov(samples)).toBeLessThan(1.63 / Math.sqrt(samples.length));
    }
  });
});

describe.each([
  ["held back by a breaker", broke({ data: { retryAfterMs: 400 } }, "CIRCUIT_OPEN")],
  ["without a connection", broke({}, "NOT_CONNECTED")],
  ["while its server starts", broke({ effect: "none" }, "TIMEOUT")],
])("retry() of a call %s", (_, unsent) => {
  test("waits without spending attempts or the budget", async () => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, [...Array(5).fill(unsent), broke()]);
    const result = await run(clock, retry({ clock, attempts: 2, reserve: 1 })(someCall(), handler));
    expect(result).toMatchObject({ obtained: { attempts: 2 } });
    expect(times).toHaveLength(7);
  });

  test("waits no longer than maxDelayMs in all", async () => {
    const clock = new FakeClock();
    const { handler, times } = failing(clock, Array(999).fill(unsent));
    const start = clock.now();
    const error = await run(clock, retry({ clock, maxDelayMs: 3_500 })(someCall(), handler));
    expect(error).toBe(unsent);
    expect((times.at(-1) ?? 0) - start).toBeLessThanOrEqual(3_500);
    expect(times.length).toBeGreaterThan(4);
  });
});

describe("retry() keeps to a budget", () => {
  test("when everything fails, 10,000 calls cost at most 1.2 times as many", async () => {
    const clock = new FakeClock();
    const middleware = retry({ clock });
    let runs = 0;
    for (let i = 0; i < 10_000; i++) {
      await run(
        clock,
        middleware(someCall(), async () => {
          runs++;
          throw broke();
        }),
      );
    }
    expect(runs).toBeLessThanOrEqual(12_000);
    expect(runs).toBe(10_050);
  });

  test("one server's failures cost another nothing", async () => {
    const clock = new FakeClock();
    const middleware = retry({ clock, reserve: 2, perSuccess: 0 });
    for (let i = 0; i < 5; i++)
      await run(clock, middleware(someCall(), failing(clock, Array(9).fill(broke())).handler));
    const other = failing(clock, [broke()]);
    await run(clock, middleware(someCall({ server: "other" }), other.handler));
    expect(other.times).toHaveLength(2);
  });

  test("successes fill it", async () => {
    const clock = new FakeClock();
    const middleware = retry({ clock, reserve: 1, perSuccess: 0.5 });
    const attempts = async () => {
      const { handler, times } = failing(clock, [broke()]);
      await run(clock, middleware(someCall(), handler));
      return times.length;
    };
    expect(await attempts()).toBe(2);
    expect(await attempts()).toBe(1);
    await middleware(someCall(), async () => ok);
    expect(await attempts()).toBe(2);
  });
});

test.each<[keyof RetryOptions, unknown]>([
  ["attempts", 0],
  ["attempts", 21],
  ["baseMs", -1],
  ["maxDelayMs", Number.NaN],
  ["reserve", -1],
  ["perSuccess", 2],
])("retry() refuses %s: %s", (option, value) => {
  expect(() => retry({ [option]: value })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

function kolmogorovSmirnov(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return Math.max(...sorted.map((x, i) => Math.max((i + 1) / sorted.length - x, x - i / sorted.length)));
}
