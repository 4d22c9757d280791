import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { isBatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type RateLimitOptions, type RateStore, rateLimit } from "../../src/middleware/rate-limit.js";
import { memoryRateStore } from "../../src/middleware/stores/memory-rate.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";
import { createRateReference, rateHistory, someRate } from "./stores/rate-reference.js";

const SEQUENCES = 10_000;
const SEED = Number(process.env.SEED ?? 20_261_121);
const fine: Result = { content: [] };
const works: Handler = async () => fine;

function setUp(options: Partial<RateLimitOptions> = {}) {
  const clock = new FakeClock();
  const guard = rateLimit({ calls: 2, perMs: 1000, clock, ...options });
  const run = (parts: Partial<Call> = {}) =>
    guard(createCall({ server: "s", tool: "t", args: {}, ...parts }), works);
  /** How many of so many calls pass. */
  const passing = async (times: number, parts: Partial<Call> = {}): Promise<number> => {
    let passed = 0;
    for (let i = 0; i < times; i++) {
      await run(parts).then(
        () => passed++,
        (error) => expect(isBatonError(error, "RATE_LIMITED")).toBe(true),
      );
    }
    return passed;
  };
  return { clock, run, passing };
}

const slowStore = (answer: Promise<number>): RateStore => ({ name: "slow", take: () => answer });

obeysLaws("rateLimit", (clock) => rateLimit({ calls: 100, perMs: 1000, clock }));
obeysLaws("rateLimit with a store that answers later", (clock) =>
  rateLimit({ calls: 100, perMs: 1000, clock, store: { name: "late", take: async () => 0 } }),
);
obeysLaws("rateLimit with a store that fails", (clock) =>
  rateLimit({
    calls: 100,
    perMs: 1000,
    clock,
    whenStoreFails: "open",
    store: { name: "gone", take: () => Promise.reject(new Error("gone")) },
  }),
);

describe("rateLimit()", () => {
  test("lets a burst pass, then calls as evenly as they come back", async () => {
    const { clock, passing } = setUp();
    expect(await passing(5)).toBe(2);
    await clock.advance(499);
    expect(await passing(1)).toBe(0);
    await clock.advance(1);
    expect(await passing(2)).toBe(1);
    await clock.advance(60_000);
    expect(await passing(5)).toBe(2);
  });

  test("says to the millisecond when the next call passes", async () => {
    const { clock, run, passing } = setUp({ calls: 3, perMs: 1000 });
    await passing(3);
    await clock.advance(100);
    const error = await failure(run());
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryable: true, effect: "none" });
    expect(error.data).toEqual({ server: "s", tool: "t", retryAfterMs: 234 });
    expect(error.message).toBe(
      "server 's', tool 't': not sent, as this server may make 3 calls in 1000 ms, 3 at once; try again in 234 ms",
    );
    await clock.advance(233);
    expect(await passing(1)).toBe(0);
    await clock.advance(1);
    expect(await passing(1)).toBe(1);
  });

  test("loses nothing to rounding over a long time", async () => {
    const { clock, passing } = setUp({ calls: 7, perMs: 1000, burst: 1 });
    let passed = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      passed += await passing(1);
      await clock.advance(1);
    }
    // Each waits for the next whole millisecond: 143 ms in place of 142.86.
    expect(passed).toBe(Math.ceil(10_000 / 143));
    const many = setUp({ calls: 7, perMs: 1000 });
    passed = await many.passing(100);
    for (let second = 0; second < 1000; second++) {
      await many.clock.advance(1000);
      passed += await many.passing(10);
    }
    expect(passed).toBe(7 * 1001);
  });

  test("saves up no more than the burst", async () => {
    const { clock, passing } = setUp({ calls: 10, perMs: 1000, burst: 3 });
    expect(await passing(10)).toBe(3);
    await clock.advance(3_600_000);
    expect(await passing(10)).toBe(3);
  });

  test("keeps servers apart, and tools when told so", async () => {
    const perServer = setUp();
    expect(await perServer.passing(5)).toBe(2);
    expect(await perServer.passing(1, { tool: "other" })).toBe(0);
    expect(await perServer.passing(5, { server: "other" })).toBe(2);
    const perTool = setUp({ per: "tool" });
    expect(await perTool.passing(5)).toBe(2);
    expect(await perTool.passing(5, { tool: "other" })).toBe(2);
  });

  test("keeps callers apart whatever their names, on all servers together", async () => {
    const { passing } = setUp({ per: "caller" });
    const callers = [
      { tenant: "a", user: "b" },
      { tenant: "a", agent: "b" },
      { user: "a", agent: "b" },
      { tenant: "a:b" },
      { tenant: 'a","b' },
      { tenant: "", user: "a" },
      { user: "null" },
      { tenant: "a", user: "b", agent: "c" },
    ];
    for (const caller of callers) expect(await passing(3, { caller })).toBe(2);
    for (const caller of callers) expect(await passing(1, { caller, server: "other" })).toBe(0);
  });

  test("gives calls without a caller one limit, and permissions make no caller", async () => {
    const { passing } = setUp({ per: "caller" });
    expect(await passing(1)).toBe(1);
    expect(await passing(1, { caller: { permissions: ["all"] } })).toBe(1);
    expect(await passing(1, { caller: {} })).toBe(0);
  });

  test("goes on when the clock is set back, and gives no more than a burst when it is set ahead", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { passing } = setUp({ clock: Object.assign(new FakeClock(), { now: () => now }) });
    await passing(2);
    now -= 3_600_000;
    expect(await passing(1)).toBe(0);
    now += 500;
    expect(await passing(2)).toBe(1);
    now += 7_200_000;
    expect(await passing(10)).toBe(2);
  });

  test("refuses options that cannot be used", () => {
    expect(() => rateLimit({ calls: 0, perMs: 1000 })).toThrow(/rateLimit\(\): the option calls 0/);
    expect(() => rateLimit({ calls: 1 } as RateLimitOptions)).toThrow(/calls and perMs are both needed/);
    expect(() => rateLimit({ calls: 1, perMs: 1, whenStoreFails: "ajar" as "open" })).toThrow(
      /one of open, closed/,
    );
  });
});

describe("a store that does not answer at once", () => {
  test("decides when it does", async () => {
    const { run } = setUp({ store: slowStore(Promise.resolve(0)) });
    expect(await run()).toBe(fine);
    const error = await failure(setUp({ store: slowStore(Promise.resolve(70)) }).run());
    expect(error).toMatchObject({ code: "RATE_LIMITED", data: { retryAfterMs: 70 } });
  });

  test("holds no call that is cancelled meanwhile", async () => {
    const caller = new AbortController();
    const { run } = setUp({ store: slowStore(new Promise(() => {})), whenStoreFails: "open" });
    const waiting = run({ signal: caller.signal });
    await settle();
    const reason = new Error("enough");
    caller.abort(reason);
    const error = await failure(waiting);
    expect(error).toMatchObject({ code: "CANCELLED", effect: "none" });
    expect(error.cause).toBe(reason);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
    expect((await failure(run({ signal: caller.signal }))).code).toBe("CANCELLED");
  });

  test.each<[string, RateStore["take"]]>([
    ["rejects", () => Promise.reject(new Error("gone"))],
    [
      "throws",
      () => {
        throw new Error("gone");
      },
    ],
  ])("closes when it %s, or opens when told so", async (_, take) => {
    const store: RateStore = { name: "redis", take };
    const error = await failure(setUp({ store }).run());
    expect(error).toMatchObject({ code: "STORE", retryable: true, effect: "none" });
    expect(error.data).toEqual({ server: "s", tool: "t", store: "redis" });
    expect(error.cause).toEqual(new Error("gone"));
    expect(await setUp({ store, whenStoreFails: "open" }).run()).toBe(fine);
  });
});

describe("the store in memory", () => {
  const rate = { calls: 1, perMs: 1000, burst: 1 };

  test("forgets full buckets first, and never grows past its limit", () => {
    let now = Date.UTC(2026, 0, 1);
    const store = memoryRateStore(Object.assign(new FakeClock(), { now: () => now }), 4);
    for (const key of ["a", "b"]) store.take(key, rate);
    now += 999;
    for (const key of ["c", "d"]) store.take(key, rate);
    now += 1;
    expect(store.take("e", rate)).toBe(0);
    // a and b were full again; c and d are not.
    expect(store.take("c", rate)).toBe(999);
    expect(store.take("d", rate)).toBe(999);
  });

  test("forgets the oldest when all are in use", () => {
    const store = memoryRateStore(new FakeClock(), 4);
    for (const key of ["a", "b", "c", "d", "e"]) expect(store.take(key, rate)).toBe(0);
    expect(store.take("d", rate)).toBe(1000);
    expect(store.take("a", rate)).toBe(0);
  });

  test(`agrees with exact arithmetic in ${SEQUENCES} random histories, seed ${SEED}`, () => {
    let refused = 0;
    fc.assert(
      fc.property(someRate, rateHistory, (rate, steps) => {
        let now = Date.UTC(2026, 0, 1);
        const store = memoryRateStore(Object.assign(new FakeClock(), { now: () => now }));
        const reference = createRateReference(rate);
        for (const ms of steps) {
          now += ms;
          const waitMs = store.take("key", rate);
          if (waitMs !== reference(now)) throw new Error(`${waitMs} at ${now}`);
          if (waitMs !== 0) refused++;
        }
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
    expect(refused).toBeGreaterThan(10_000);
  });
});
