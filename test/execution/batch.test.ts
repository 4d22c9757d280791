import { describe, expect, test } from "vitest";
import { BatonError } from "../../src/core/errors.js";
import { batch } from "../../src/execution/batch.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createSignal, expectNothingLeft, interrupt } from "./support.js";

/** A source that knows how far it was read and whether it was told to end. */
function source(count: number) {
  const state = { read: 0, isClosed: false };
  async function* generate() {
    try {
      for (let item = 0; item < count; item++) {
        state.read++;
        yield item;
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { items: generate(), state };
}

describe("batch()", () => {
  test("has the outcomes in the order of the items, failures among them", async () => {
    const clock = new FakeClock();
    const run = batch(
      [30, 10, 20],
      async (ms, { index }) => {
        await clock.sleep(ms);
        if (ms === 10) throw new Error("odd");
        return `${index}: ${ms}`;
      },
      { clock },
    );
    await clock.advance(30);
    expect(await run).toEqual([
      { status: "done", item: 30, value: "0: 30" },
      {
        status: "failed",
        item: 10,
        error: expect.objectContaining({ code: "UPSTREAM", message: "item 1 failed: odd" }),
      },
      { status: "done", item: 20, value: "2: 20" },
    ]);
  });

  test("reads the source only as fast as it works", async () => {
    const { items, state } = source(10);
    const ends: (() => void)[] = [];
    const run = batch(items, () => new Promise<void>((resolve) => ends.push(resolve)), {
      concurrency: 3,
      clock: new FakeClock(),
    });
    await settle();
    expect(state.read).toBe(3);
    ends[1]?.();
    await settle();
    expect(state.read).toBe(4);
    for (let index = 0; index < 10; index++) {
      ends[index]?.();
      await settle();
    }
    expect(await run).toHaveLength(10);
  });

  test("runs no more than `concurrency` at once", async () => {
    const clock = new FakeClock();
    let [running, most] = [0, 0];
    const run = batch(
      Array.from({ length: 20 }, (_, index) => index),
      async (item) => {
        most = Math.max(most, ++running);
        await clock.sleep(1 + (item % 3));
        running--;
      },
      { clock, concurrency: 4 },
    );
    await clock.advance(100);
    await run;
    expect(most).toBe(4);
  });

  test("begins items evenly apart with `perSecond`", async () => {
    const clock = new FakeClock();
    const began: number[] = [];
    const start = clock.now();
    const run = batch([1, 2, 3], async () => void began.push(clock.now() - start), { clock, perSecond: 10 });
    await clock.advance(1000);
    await run;
    expect(began).toEqual([0, 100, 200]);
    expect(clock.pending).toBe(0);
  });

  test("with onError `stop` ends at the first failure, closes the source and cancels the rest", async () => {
    const { items, state } = source(100);
    const clock = new FakeClock();
    let cancelled = 0;
    const run = failure(
      batch(
        items,
        async (item, { signal }) => {
          signal.addEventListener("abort", () => cancelled++);
          if (item === 0) return "first";
          await clock.sleep(item * 10, signal);
          throw new BatonError("RATE_LIMITED", "slow down", { retryable: true, data: { retryAfterMs: 5 } });
        },
        { clock, concurrency: 3, onError: "stop" },
      ),
    );
    await clock.advance(10);
    expect(await run).toMatchObject({
      code: "RATE_LIMITED",
      message: "batch(): item 1 failed, and the rest was left: slow down",
      retryable: true,
      data: { index: 1, retryAfterMs: 5, outcomes: [{ value: "first" }, { status: "failed" }] },
    });
    await settle();
    expect(state).toEqual({ read: 4, isClosed: true });
    expect(cancelled).toBe(4);
    expect(clock.pending).toBe(0);
  });

  test("settles at once when the signal fires, and closes the source", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { items, state } = source(100);
    const deaf = () => new Promise(() => {});
    const run = failure(
      batch(items, (item) => (item === 0 ? "A" : deaf()), { clock, signal, concurrency: 2 }),
    );
    await settle();
    fire("no more");
    expect(await run).toMatchObject({
      code: "CANCELLED",
      cause: "no more",
      data: { outcomes: [{ status: "done", item: 0, value: "A" }] },
    });
    await settle();
    expect(state.isClosed).toBe(true);
    expectNothingLeft(clock, { listeners });
  });

  test("is not held up by a source that hangs, nor by a pause between two items", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const runs = [
      failure(batch(hanging, () => 1, { clock, signal })),
      failure(batch([1, 2], () => 1, { clock, signal, perSecond: 1 })),
    ];
    await settle();
    expect(clock.pending).toBe(1);
    fire();
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual(["CANCELLED", "CANCELLED"]);
    expectNothingLeft(clock, { listeners });
  });

  test("says so when the source fails, and where", async () => {
    function* items() {
      yield 1;
      throw new Error("disk");
    }
    expect(await failure(batch(items(), () => 1))).toMatchObject({
      code: "UPSTREAM",
      message: "batch(): the source, asked for item 1, failed: disk",
    });
  });

  test("tells of a source that fails late what was begun, and what came of it", async () => {
    const clock = new FakeClock();
    async function* items() {
      yield* [0, 1, 2];
      await clock.sleep(10);
      throw new BatonError("CONNECT_FAILED", "gone", { effect: "none" });
    }
    const run = failure(batch(items(), (item) => (item === 1 ? new Promise(() => {}) : "done"), { clock }));
    await clock.advance(10);
    expect(await run).toMatchObject({
      code: "CONNECT_FAILED",
      effect: "possible",
      data: { index: 3, outcomes: [{ item: 0 }, { item: 2 }] },
    });
  });

  test("lets a signal fire while neither source nor work ever waits", async () => {
    function* endless() {
      for (let item = 0; ; item++) yield item;
    }
    const run = failure(batch(endless(), () => null, { signal: AbortSignal.timeout(20) }));
    expect((await run).code).toBe("CANCELLED");
  });

  test("passes an interrupt by identity", async () => {
    const asked = interrupt();
    const run = batch([1, 2], () => {
      throw asked;
    });
    await expect(run).rejects.toBe(asked);
  });

  test("refuses options and items that are none", async () => {
    const error = await failure(
      batch([], () => 1, { concurrency: 0, perSecond: 0, onError: "skip" as never }),
    );
    expect((error.data.faults as unknown[]).length).toBe(3);
    expect((await failure(batch(5 as never, () => 1))).message).toBe(
      "batch(): items must be iterable, or asynchronously so",
    );
  });
});
