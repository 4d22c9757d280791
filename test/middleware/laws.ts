import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "vitest";
import { createCall, type Handler, type Middleware } from "../../src/core/call.js";
import type { Clock } from "../../src/core/clock.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { FakeClock, settle } from "../support/fake-clock.js";

/** Makes the middleware under test, on the clock that the law controls. */
export type MakeMiddleware = (clock: Clock) => Middleware;

const healthy: Result = Object.freeze({ content: Object.freeze([{ type: "text", text: "fine" }]) }) as Result;

/** What a middleware may try again, at once or later: nothing was sent. */
const busy = () => Promise.reject(new BatonError("UPSTREAM", "busy", { retryable: true }));

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
    const isSettled = watch(run);
    await settle();
    caller.abort(new Error("enough"));
    await settle();
    assert.ok(seen?.aborted, "the handler saw no aborted signal");
    assert.ok(isSettled(), "the call was still pending after the abort");
  },

  async "an abort while the middleware waits settles the call at once and leaves nothing behind"(make) {
    const clock = new FakeClock();
    const caller = new AbortController();
    const isSettled = watch(make(clock)(frozenCall(caller.signal), busy));
    await settle();
    caller.abort(new Error("enough"));
    await settle();
    assert.ok(isSettled(), "the call was still pending after the abort");
    assertNothingLeft(clock, caller.signal);
  },

  async "a frozen call is never mutated"(make) {
    const call = frozenCall();
    const before = JSON.stringify(call);
    await make(new FakeClock())(call, async () => healthy);
    assert.equal(JSON.stringify(call), before);
  },

  async "a handler that throws at once is a failure like any other"(make) {
    const clock = new FakeClock();
    const caller = new AbortController();
    const bug = new TypeError("a bug");
    const run = async () =>
      make(clock)(frozenCall(caller.signal), () => {
        throw bug;
      });
    await assert.rejects(run, (error) => error === bug);
    assertNothingLeft(clock, caller.signal);
  },

  async "whatever bubbles up to LangGraph passes by identity"(make) {
    const command = Object.assign(new Error("to the parent"), { name: "ParentCommand", is_bubble_up: true });
    const run = make(new FakeClock())(frozenCall(), () => Promise.reject(command));
    await assert.rejects(run, (error) => error === command);
  },

  async "no timer and no listener is left behind"(make) {
    const broken = () => Promise.reject(new Error("broken"));
    for (const outcome of [() => Promise.resolve(healthy), broken, busy]) {
      for (const aborted of [false, true]) {
        const clock = new FakeClock();
        const caller = new AbortController();
        if (aborted) caller.abort(new Error("too late"));
        const isSettled = watch(make(clock)(frozenCall(caller.signal), outcome));
        await waitOut(clock, isSettled);
        assert.ok(isSettled(), "the call never ended");
        assertNothingLeft(clock, caller.signal);
      }
    }
  },
};

/** Tells whether a call has ended, in whatever way. */
function watch(run: Promise<unknown>): () => boolean {
  let settled = false;
  const end = (): void => {
    settled = true;
  };
  run.then(end, end);
  return () => settled;
}

/** Moves time on for as long as the call waits for it, and no further: a timer left behind must stay to be seen. */
async function waitOut(clock: FakeClock, isSettled: () => boolean): Promise<void> {
  const minuteMs = 60_000;
  await settle();
  for (let minutes = 0; minutes < 1000 && !isSettled() && clock.pending > 0; minutes++) {
    await clock.advance(minuteMs);
    await settle();
  }
}

function assertNothingLeft(clock: FakeClock, signal: AbortSignal): void {
  assert.equal(clock.pending, 0, "a timer is still waiting");
  assert.equal(getEventListeners(signal, "abort").length, 0, "a listener is still on the caller's signal");
}

/** One test for each law. */
export function obeysLaws(name: string, make: MakeMiddleware): void {
  for (const [law, check] of Object.entries(laws)) test(`${name}: ${law}`, () => check(make));
}

function deepFreeze<T extends object>(value: T): T {
  for (const each of Object.values(value)) if (typeof each === "object" && each !== null) deepFreeze(each);
  return Object.freeze(value);
}
