import { describe, expect, test } from "vitest";
import { createCall, type Handler, type Hints } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { retry } from "../../src/middleware/retry.js";
import { adaptiveTimeout, timeout } from "../../src/middleware/timeout.js";
import { call, failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { fixture } from "../support/stdio-fixture.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const someCall = (rest: object = {}) => createCall({ server: "s", tool: "t", args: {}, ...rest });
const never: Handler = () => new Promise(() => {});

obeysLaws("timeout", (clock) => timeout(5_000, { clock }));
obeysLaws("adaptiveTimeout", (clock) => adaptiveTimeout({ clock }));

describe("timeout()", () => {
  test("ends a call that nothing inside ends, at most a twentieth late", async () => {
    const clock = new FakeClock();
    const run = failure(timeout(1_000, { clock })(someCall(), never));
    await clock.advance(1_049);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    const error = await run;
    expect(error).toMatchObject({ code: "TIMEOUT", effect: "possible", retryable: true });
    expect(error.data).toEqual({ server: "s", tool: "t", timeoutMs: 1_000 });
    expect(clock.pending).toBe(0);
  });

  test("hands one deadline to every attempt inside", async () => {
    const clock = new FakeClock();
    const deadlines: (number | undefined)[] = [];
    const handler = compose([timeout(10_000, { clock }), retry({ clock })], async (attempt) => {
      deadlines.push(attempt.deadline);
      if (deadlines.length < 3) throw new BatonError("UPSTREAM", "broke", { retryable: true });
      return ok;
    });
    const start = clock.now();
    const run = handler(someCall());
    await clock.advance(5_000);
    await run;
    expect(deadlines).toEqual([start + 10_000, start + 10_000, start + 10_000]);
  });

  test("keeps a deadline that is sooner", async () => {
    const clock = new FakeClock();
    const deadline = clock.now() + 100;
    const seen: (number | undefined)[] = [];
    await timeout(10_000, { clock })(someCall({ deadline }), async (inner) => {
      seen.push(inner.deadline);
      return ok;
    });
    expect(seen).toEqual([deadline]);
  });

  test("sends nothing after the deadline", async () => {
    const clock = new FakeClock();
    let runs = 0;
    const run = timeout(1_000, { clock })(someCall({ deadline: clock.now() }), async () => {
      runs++;
      return ok;
    });
    expect(await failure(run)).toMatchObject({ code: "TIMEOUT", effect: "none" });
    expect(runs).toBe(0);
  });

  test("stops a real server's tool that never answers, and the next call works", async () => {
    const server = open(fixture("fixture"));
    const handler = compose([timeout(300)], (each) => server.call(each));
    const error = await failure(handler(createCall({ server: "fixture", tool: "never", args: {} })));
    // The server's own limit speaks first: it knows more.
    expect(error).toMatchObject({ code: "TIMEOUT", effect: "possible" });
    expect(error.message).toContain("no answer within");
    expect((await call(server, "echo", { text: "still here" })).content).toEqual([
      { type: "text", text: "still here" },
    ]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1.5])("refuses a limit of %s", (ms) => {
    expect(() => timeout(ms)).toThrow(/totalMs/);
  });
});

describe("adaptiveTimeout()", () => {
  const readOnly: Hints = { readOnly: true };

  /** Runs calls that take `durationMs` each, and tells the limit that the last of them was given. */
  async function limitAfter(durations: readonly number[], options: object = {}, rest: object = {}) {
    const clock = new FakeClock();
    const middleware = adaptiveTimeout({ ...options, clock });
    let given: number | undefined;
    for (const durationMs of [...durations, 0]) {
      await middleware(someCall({ hints: readOnly, ...rest }), async (inner) => {
        given = inner.timeoutMs;
        await clock.advance(durationMs);
        return ok;
      });
    }
    return given;
  }

  test("limits by the 95th percentile of recent durations times the factor", async () => {
    const durations = [...Array(95).fill(2_000), ...Array(5).fill(9_000)];
    expect(await limitAfter(durations, { factor: 3 })).toBe(6_000);
  });

  test("knows nothing before 20 calls", async () => {
    expect(await limitAfter(Array(19).fill(2_000))).toBe(60_000);
    expect(await limitAfter(Array(20).fill(2_000))).toBe(8_000);
  });

  test("stays within its bounds", async () => {
    expect(await limitAfter(Array(40).fill(1))).toBe(5_000);
    expect(await limitAfter(Array(40).fill(50_000))).toBe(60_000);
    expect(await limitAfter(Array(40).fill(1), { minMs: 50 })).toBe(50);
  });

  test("never lengthens the limit that the call or its server has", async () => {
    expect(await limitAfter(Array(40).fill(1), {}, { timeoutMs: 2_000 })).toBe(2_000);
  });

  test("leaves a call alone that must not be repeated", async () => {
    expect(await limitAfter(Array(40).fill(1), {}, { hints: {} })).toBeUndefined();
    expect(await limitAfter(Array(40).fill(1), {}, { hints: {}, idempotencyKey: "k" })).toBe(5_000);
  });

  test("learns from attempts that ran into the limit that a tool has become slower", async () => {
    const clock = new FakeClock();
    const middleware = adaptiveTimeout({ clock, minMs: 100, factor: 2 });
    const limits: (number | undefined)[] = [];
    for (let i = 0; i < 60; i++) {
      await middleware(someCall({ hints: readOnly }), async (inner) => {
        limits.push(inner.timeoutMs);
        const takesMs = i < 30 ? 100 : 1_000;
        await clock.advance(Math.min(takesMs, inner.timeoutMs ?? takesMs));
        if (takesMs > (inner.timeoutMs ?? takesMs)) throw new BatonError("TIMEOUT", "late");
        return ok;
      }).catch(() => {});
    }
    expect(limits[30]).toBe(200);
    expect(limits.at(-1)).toBeGreaterThanOrEqual(1_000);
  });

  test("learns nothing from what a caller's own limit cut short", async () => {
    const clock = new FakeClock();
    const middleware = adaptiveTimeout({ clock, minMs: 100 });
    for (let i = 0; i < 30; i++) {
      await middleware(someCall({ hints: readOnly, timeoutMs: 10 }), async () => {
        await clock.advance(10);
        throw new BatonError("TIMEOUT", "late", { effect: "possible" });
      }).catch(() => {});
    }
    await middleware(someCall({ hints: readOnly }), async (inner) => {
      expect(inner.timeoutMs).toBe(60_000);
      return ok;
    });
  });

  test("keeps tools apart", async () => {
    const clock = new FakeClock();
    const middleware = adaptiveTimeout({ clock });
    for (let i = 0; i < 30; i++) await middleware(someCall({ hints: readOnly }), async () => ok);
    await middleware(someCall({ hints: readOnly, tool: "other" }), async (inner) => {
      expect(inner.timeoutMs).toBe(60_000);
      return ok;
    });
  });
});
