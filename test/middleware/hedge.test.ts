import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type HedgeOptions, hedge } from "../../src/middleware/hedge.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const second: Result = { content: [{ type: "text", text: "second" }] };
const someCall = (rest: object = {}) =>
  createCall({ server: "s", tool: "t", args: {}, hints: { readOnly: true }, ...rest });

/** A hedge that knows that the tool takes 10 ms, and may send a second request. */
async function warmedUp(clock: FakeClock, options: HedgeOptions = {}) {
  const middleware = hedge({ ...options, clock });
  for (let i = 0; i < 40; i++) {
    await middleware(someCall(), async () => {
      await clock.advance(i < 20 ? 10 : 9);
      return ok;
    });
  }
  return middleware;
}

/** Answers after so long, unless its signal fires first; keeps the calls. */
function server(
  clock: FakeClock,
  answers: readonly { readonly afterMs: number; readonly result: Result | Error }[],
) {
  const calls: Call[] = [];
  const handler: Handler = (call) => {
    const answer = answers[calls.length];
    calls.push(call);
    return new Promise((resolve, reject) => {
      const end = () =>
        answer?.result instanceof Error ? reject(answer.result) : resolve(answer?.result ?? ok);
      const cancel = answer ? clock.after(answer.afterMs, end) : () => {};
      call.signal?.addEventListener("abort", () => {
        cancel();
        reject(call.signal?.reason);
      });
    });
  };
  return { calls, handler };
}

obeysLaws("hedge", (clock) => hedge({ clock }));

test("hedge() keeps the laws also while it races", async () => {
  const clock = new FakeClock();
  const middleware = await warmedUp(clock);
  const caller = new AbortController();
  const { calls, handler } = server(clock, []);
  const run = middleware(someCall({ signal: caller.signal }), handler).catch((error: unknown) => error);
  await clock.advance(15);
  expect(calls).toHaveLength(2);
  caller.abort(new Error("enough"));
  await settle();
  // The handler's own rejection, as the caller's signal gave it.
  expect(await run).toBe(caller.signal.reason);
  expect(calls.every(({ signal }) => signal?.aborted)).toBe(true);
  expect(clock.pending).toBe(0);
  expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
});

describe("hedge()", () => {
  test("asks a second time after the 95th percentile, takes the first answer, cancels the other", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    const { calls, handler } = server(clock, [
      { afterMs: 1_000, result: ok },
      { afterMs: 10, result: second },
    ]);
    const start = clock.now();
    const run = middleware(someCall(), handler);
    await clock.advance(9);
    expect(calls).toHaveLength(1);
    await clock.advance(11);
    expect(await run).toEqual({ ...second, obtained: { hedged: true } });
    expect(clock.now() - start).toBe(20);
    expect(calls[0]?.signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("asks the replica, and says who answered", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock, { to: "replica" });
    const { calls, handler } = server(clock, [
      { afterMs: 1_000, result: ok },
      { afterMs: 10, result: second },
    ]);
    const run = middleware(someCall(), handler);
    await clock.advance(30);
    expect(calls.map((call) => call.server)).toEqual(["s", "replica"]);
    expect((await run).obtained).toEqual({ hedged: true, server: "replica" });
  });

  test("the first answer may still win, and comes back as it is", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    const { calls, handler } = server(clock, [
      { afterMs: 15, result: ok },
      { afterMs: 100, result: second },
    ]);
    const run = middleware(someCall(), handler);
    await clock.advance(20);
    expect(await run).toBe(ok);
    expect(calls[1]?.signal?.aborted).toBe(true);
  });

  test("one failure waits for the other request, two are the first's to tell", async () => {
    const clock = new FakeClock();
    const broke = new BatonError("UPSTREAM", "broke");
    const middleware = await warmedUp(clock);
    const saved = server(clock, [
      { afterMs: 15, result: broke },
      { afterMs: 30, result: second },
    ]);
    const run = middleware(someCall(), saved.handler);
    await clock.advance(50);
    expect((await run).obtained?.hedged).toBe(true);

    const again = await warmedUp(clock);
    const lost = server(clock, [
      { afterMs: 15, result: broke },
      { afterMs: 30, result: broke },
    ]);
    const failed = again(someCall(), lost.handler).catch((error: unknown) => error);
    await clock.advance(50);
    expect(await failed).toBe(broke);
  });

  test("a failure before the second request went out is nobody's but the retry's", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    const { calls, handler } = server(clock, [{ afterMs: 5, result: new BatonError("UPSTREAM", "broke") }]);
    const run = middleware(someCall(), handler).catch((error: unknown) => error);
    await clock.advance(50);
    expect(await run).toBeInstanceOf(BatonError);
    expect(calls).toHaveLength(1);
  });

  test.each([
    ["no hint", {}],
    ["an idempotent tool", { hints: { idempotent: true } }],
    ["a keyed call", { hints: {}, idempotencyKey: "k" }],
  ])("never asks twice for %s", async (_, rest) => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    const { calls, handler } = server(clock, [{ afterMs: 1_000, result: ok }]);
    const run = middleware(someCall({ hints: {}, ...rest }), handler);
    await clock.advance(1_000);
    expect(await run).toBe(ok);
    expect(calls).toHaveLength(1);
  });

  test("sends at most its share of extra requests, however slow everything becomes", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    let requests = 0;
    for (let i = 0; i < 2_000; i++) {
      const durationMs = 10 * (1 + i);
      const run = middleware(someCall(), (call) => {
        requests++;
        return new Promise((resolve, reject) => {
          const cancel = clock.after(durationMs, () => resolve(ok));
          call.signal?.addEventListener("abort", () => {
            cancel();
            reject(call.signal?.reason);
          });
        });
      });
      await clock.advance(durationMs * 3);
      await run;
    }
    expect(requests - 2_000).toBeGreaterThan(50);
    expect(requests - 2_000).toBeLessThanOrEqual((2_000 + 40) * 0.05);
  });

  test("a second request that throws at once leaves the first alone", async () => {
    const clock = new FakeClock();
    const middleware = await warmedUp(clock);
    let calls = 0;
    const run = middleware(someCall(), () => {
      if (++calls > 1) throw new Error("a bug");
      return new Promise((resolve) => clock.after(50, () => resolve(ok)));
    });
    await clock.advance(60);
    expect(await run).toBe(ok);
    expect(calls).toBe(2);
  });
});
