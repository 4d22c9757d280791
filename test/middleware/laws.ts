import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "vitest";
import { createCall, type Handler, type Middleware } from "../../src/core/call.js";
import type { Clock } from "../../src/core/clock.js";
import type { Result } from "../../src/core/result.js";
import { FakeClock, settle } from "../support/fake-clock.js";

/** Makes the middleware under test, on the clock that the law controls. */
export type MakeMiddleware = (clock: Clock) => Middleware;

const healthy: Result = Object.freeze({ content: Object.freeze([{ type: "text", text: "fine" }]) }) as Result;

function frozenCall(signal?: AbortSignal) {
  const args = deepFreeze({ query: "x", nested: { list: [1, 2] } });
  const hints = Object.freeze({ readOnly: true });
  return Object.freeze(createCall({ server: "s", tool: "t", args, hints, ...(signal ? { signal } : {}) }));
}

/** What every middleware keeps to, whatever else it does. Each law throws when it is broken. */
export const laws: Readonly<Record<string, (make: MakeMiddleware) => Promise<void>>> = {
  async "a healthy result comes back unchanged"(make) {
    const result = await make(new FakeClock())(frozenCall(), async () => healthy);
    const { obtained: _, ...rest } = result;
    assert.deepEqual(rest, healthy);
  },

  async "an interrupt passes by identity"(make) {
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true });
    const run = make(new FakeClock())(frozenCall(), () => Promise.reject(interrupt));
    await assert.rejects(run, (error) => error === interrupt);
  },

  async "the caller's abort is passed on and settles the call at once"(make) {
    const caller = new AbortController();
    let seen: AbortSignal | undefined;
    const hang: Handler = (call) => {
      seen = call.signal;
      return new Promise((_, reject) =>
        call.signal?.addEventListener("abort", () => reject(call.signal?.reason)),
      );
    };
    const run = make(new FakeClock())(frozenCall(caller.signal), hang);
    let settled = false;
    run
      .catch(() => {})
      .finally(() => {
        settled = true;
      });
    await settle();
    caller.abort(new Error("enough"));
    await settle();
    assert.ok(seen?.aborted, "the handler saw no aborted signal");
    assert.ok(settled, "the call was still pending after the abort");
  },

  async "a frozen call is never mutated"(make) {
    const call = frozenCall();
    const before = JSON.stringify(call);
    await make(new FakeClock())(call, async () => healthy);
    assert.equal(JSON.stringify(call), before);
  },

  async "no timer and no listener is left behind"(make) {
    for (const outcome of [() => Promise.resolve(healthy), () => Promise.reject(new Error("broken"))]) {
      const clock = new FakeClock();
      const caller = new AbortController();
      await make(clock)(frozenCall(caller.signal), outcome).catch(() => {});
      await settle();
      assert.equal(clock.pending, 0, "a timer is still waiting");
      assert.equal(
        getEventListeners(caller.signal, "abort").length,
        0,
        "a listener is still on the caller's signal",
      );
    }
  },
};

/** One test for each law. */
export function obeysLaws(name: string, make: MakeMiddleware): void {
  for (const [law, check] of Object.entries(laws)) test(`${name}: ${law}`, () => check(make));
}

function deepFreeze<T extends object>(value: T): T {
  for (const each of Object.values(value)) if (typeof each === "object" && each !== null) deepFreeze(each);
  return Object.freeze(value);
}
