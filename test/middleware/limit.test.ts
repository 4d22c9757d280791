import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type LimitOptions, limit } from "../../src/middleware/limit.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const SEQUENCES = 10_000;
const SEED = Number(process.env.SEED ?? 20_261_121);
const fine: Result = { content: [] };

function setUp(options: LimitOptions = {}) {
  const clock = new FakeClock();
  const guard = limit({ clock, priority: ({ args }) => Number(args.priority ?? 0), ...options });
  /** Ids in the order in which they were sent, and how to end each. */
  const sent: string[] = [];
  const running = new Map<string, { succeed: () => void; reject: (error: unknown) => void }>();
  const handler: Handler = ({ id }) => {
    sent.push(id);
    return new Promise((resolve, reject) => {
      running.set(id, { succeed: () => resolve(fine), reject });
    });
  };
  const start = (id: string, rest: Partial<Call> = {}): Promise<Result> =>
    guard(createCall({ id, server: "s", tool: "t", args: {}, ...rest }), handler);
  const end = async (id: string, error?: unknown): Promise<void> => {
    const call = running.get(id);
    if (!call) throw new Error(`'${id}' does not run`);
    running.delete(id);
    if (error === undefined) call.succeed();
    else call.reject(error);
    await settle();
  };
  return { clock, sent, running, start, end };
}

/** Keeps a call whose end the test does not look at from being reported as unhandled. */
const quiet = (run: Promise<unknown>): void => void run.catch(() => {});

obeysLaws("limit", (clock) => limit({ clock }));

describe("limit()", () => {
  test("sends so many at once, the others in the order they came", async () => {
    const { sent, start, end } = setUp({ concurrent: 2 });
    const runs = ["a", "b", "c", "d"].map((id) => start(id));
    expect(sent).toEqual(["a", "b"]);
    await end("b");
    expect(sent).toEqual(["a", "b", "c"]);
    await end("a");
    await end("c");
    await end("d");
    expect(await Promise.all(runs)).toEqual([fine, fine, fine, fine]);
  });

  test("frees the place of a call that throws, in whatever way", async () => {
    const { sent, start, end } = setUp({ concurrent: 1 });
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt" });
    const first = start("a");
    const second = start("b");
    quiet(first);
    await end("a", interrupt);
    await expect(first).rejects.toBe(interrupt);
    await end("b");
    expect(await second).toBe(fine);
    const guard = limit({ concurrent: 1, queue: 0 });
    const call = createCall({ server: "s", tool: "t", args: {} });
    for (let i = 0; i < 3; i++) {
      const fault = new TypeError("at once");
      await expect(
        guard(call, () => {
          throw fault;
        }),
      ).rejects.toBe(fault);
    }
    expect(sent).toEqual(["a", "b"]);
  });

  test("sends a higher priority first, and within one who came first", async () => {
    const { sent, start, end } = setUp({ concurrent: 1 });
    quiet(start("running"));
    for (const [id, priority] of Object.entries({ a: 0, b: 5, c: -1, d: 5, e: 0, f: 9 }))
      quiet(start(id, { args: { priority } }));
    for (const id of ["running", "f", "b", "d", "a", "e", "c"]) await end(id);
    expect(sent).toEqual(["running", "f", "b", "d", "a", "e", "c"]);
  });

  test("takes a priority that is no number for 0", async () => {
    const { sent, start, end } = setUp({ concurrent: 1 });
    quiet(start("running"));
    quiet(start("a", { args: { priority: "x" } }));
    quiet(start("b", { args: { priority: 1 } }));
    quiet(start("c"));
    for (const id of ["running", "b", "a", "c"]) await end(id);
    expect(sent).toEqual(["running", "b", "a", "c"]);
  });

  test("refuses when the queue is full", async () => {
    const { start } = setUp({ concurrent: 1, queue: 1 });
    quiet(start("a"));
    quiet(start("b"));
    const error = await failure(start("c"));
    expect(error).toMatchObject({ code: "OVERLOADED", retryable: true, effect: "none" });
    expect(error.data).toEqual({ server: "s", tool: "t", limit: 1 });
    expect(error.message).toBe(
      `server 's', tool 't': not sent, as 1 calls run and 1 wait for this server; send less at once, or raise "concurrent" or "queue"`,
    );
  });

  test("lets none wait with a queue of 0", async () => {
    const { start, end } = setUp({ concurrent: 1, queue: 0 });
    quiet(start("a"));
    expect((await failure(start("b", { args: { priority: 9 } }))).code).toBe("OVERLOADED");
    await end("a");
    quiet(start("c"));
    await end("c");
  });

  test("refuses who came last of the lowest priority when a higher one comes", async () => {
    const { sent, start, end } = setUp({ concurrent: 1, queue: 3 });
    quiet(start("running"));
    quiet(start("a", { args: { priority: 1 } }));
    quiet(start("b"));
    const shed = start("c");
    quiet(start("d", { args: { priority: 1 } }));
    const error = await failure(shed);
    expect(error.code).toBe("OVERLOADED");
    expect(error.message).toContain("one of a higher priority took its place in the queue");
    expect((await failure(start("e"))).message).not.toContain("took its place");
    for (const id of ["running", "a", "d", "b"]) await end(id);
    expect(sent).toEqual(["running", "a", "d", "b"]);
  });

  test("keeps servers apart, and tools when told so", async () => {
    const perServer = setUp({ concurrent: 1, queue: 0 });
    quiet(perServer.start("a"));
    quiet(perServer.start("b", { server: "other" }));
    expect((await failure(perServer.start("c", { tool: "other" }))).code).toBe("OVERLOADED");
    const perTool = setUp({ concurrent: 1, queue: 0, per: "tool" });
    quiet(perTool.start("a"));
    quiet(perTool.start("b", { tool: "other" }));
    expect((await failure(perTool.start("c"))).message).toContain("for this tool");
    expect(perTool.sent).toEqual(["a", "b"]);
  });

  test("refuses options that cannot be used", () => {
    expect(() => limit({ concurrent: 0 })).toThrow(/limit\(\): the option concurrent 0/);
  });
});

describe("a call that waits", () => {
  test("leaves at once when it is cancelled", async () => {
    const { clock, sent, start, end } = setUp({ concurrent: 1 });
    const caller = new AbortController();
    quiet(start("running"));
    const waiting = start("a", { signal: caller.signal, deadline: clock.now() + 1000 });
    quiet(start("b"));
    const reason = new Error("enough");
    caller.abort(reason);
    const error = await failure(waiting);
    expect(error).toMatchObject({ code: "CANCELLED", effect: "none", data: { server: "s", tool: "t" } });
    expect(error.cause).toBe(reason);
    expect(clock.pending).toBe(0);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
    await end("running");
    expect(sent).toEqual(["running", "b"]);
  });

  test("leaves when its deadline passes", async () => {
    const { clock, sent, start, end } = setUp({ concurrent: 1 });
    const caller = new AbortController();
    quiet(start("running"));
    const waiting = failure(start("a", { signal: caller.signal, deadline: clock.now() + 1000 }));
    await clock.advance(1000);
    const error = await waiting;
    expect(error).toMatchObject({ code: "TIMEOUT", effect: "none" });
    expect(error.data).toEqual({ server: "s", tool: "t", timeoutMs: 1000 });
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
    await end("running");
    expect(sent).toEqual(["running"]);
  });

  test("keeps no timer and no listener when it is sent, or makes room for another", async () => {
    const { clock, start, end } = setUp({ concurrent: 1, queue: 1 });
    const caller = new AbortController();
    const rest = { signal: caller.signal, deadline: clock.now() + 1000 };
    quiet(start("running"));
    quiet(start("shed", rest));
    quiet(start("sent", { ...rest, args: { priority: 1 } }));
    await end("running");
    expect(clock.pending).toBe(0);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
    // It runs now, and what runs is no more the queue's to end.
    caller.abort();
    await end("sent");
  });

  test("does not start to wait when it is too late already", async () => {
    const { clock, start } = setUp({ concurrent: 1, queue: 1 });
    quiet(start("running"));
    expect((await failure(start("a", { signal: AbortSignal.abort() }))).code).toBe("CANCELLED");
    expect((await failure(start("b", { deadline: clock.now() }))).code).toBe("TIMEOUT");
    quiet(start("c"));
  });
});

type Event =
  | { readonly type: "call"; readonly priority: number; readonly waitMs: number | undefined }
  | { readonly type: "end" | "abort"; readonly pick: number; readonly fails: boolean }
  | { readonly type: "time"; readonly ms: number };

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("call" as const),
        priority: fc.integer({ min: 0, max: 3 }),
        waitMs: fc.constantFrom(undefined, 10, 100),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constantFrom("end" as const, "end" as const, "end" as const, "abort" as const),
        pick: fc.nat(7),
        fails: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("time" as const), ms: fc.constantFrom(5, 50) }) },
  ),
  { maxLength: 50, size: "max" },
);

/** The same rules on plain arrays. */
class Reference {
  sent: string[] = [];
  outcomes = new Map<string, string>();
  running: string[] = [];
  waiting: { id: string; priority: number; until: number }[] = [];

  constructor(
    readonly concurrent: number,
    readonly queue: number,
  ) {}

  call(id: string, priority: number, until: number): void {
    if (this.running.length < this.concurrent) {
      this.#send(id);
      return;
    }
    this.waiting.push({ id, priority, until });
    // Sorting is stable: who came first stays first.
    this.waiting.sort((a, b) => b.priority - a.priority);
    if (this.waiting.length > this.queue) this.outcomes.set(this.waiting.pop()?.id ?? "", "OVERLOADED");
  }

  end(id: string, outcome: string): void {
    this.running = this.running.filter((each) => each !== id);
    this.outcomes.set(id, outcome);
    const next = this.waiting.shift();
    if (next) this.#send(next.id);
  }

  leave(id: string, outcome: string): void {
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.outcomes.set(id, outcome);
  }

  #send(id: string): void {
    this.sent.push(id);
    this.running.push(id);
  }
}

test(`limit() does what the written rules say in ${SEQUENCES} random histories, seed ${SEED}`, async () => {
  const seen = new Map<string, number>();
  const sizes = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 5 }));
  await fc.assert(
    fc.asyncProperty(sizes, events, async ([concurrent, queue], steps) => {
      const { clock, sent, running, start, end } = setUp({ concurrent, queue });
      const reference = new Reference(concurrent, queue);
      const outcomes = new Map<string, string>();
      const callers = new Map<string, AbortController>();
      for (const [index, step] of steps.entries()) {
        const id = `${index}`;
        if (step.type === "call") {
          const caller = new AbortController();
          callers.set(id, caller);
          const until = step.waitMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + step.waitMs;
          const deadline = step.waitMs === undefined ? undefined : until;
          start(id, { args: { priority: step.priority }, signal: caller.signal, deadline }).then(
            () => outcomes.set(id, "fine"),
            (error: BatonError) => outcomes.set(id, error.code),
          );
          reference.call(id, step.priority, until);
        } else if (step.type === "time") {
          await clock.advance(step.ms);
          for (const each of reference.waiting)
            if (each.until <= clock.now()) reference.leave(each.id, "TIMEOUT");
        } else if (step.type === "end" && running.size > 0) {
          const ended = [...running.keys()][step.pick % running.size] ?? "";
          await end(ended, step.fails ? new BatonError("UPSTREAM", "down") : undefined);
          reference.end(ended, step.fails ? "UPSTREAM" : "fine");
        } else if (step.type === "abort" && reference.waiting.length > 0) {
          const left = reference.waiting[step.pick % reference.waiting.length]?.id ?? "";
          callers.get(left)?.abort();
          reference.leave(left, "CANCELLED");
        }
        await settle();
        assert.deepEqual(sent, reference.sent);
        assert.deepEqual(new Set(running.keys()), new Set(reference.running));
        assert.deepEqual(outcomes, reference.outcomes);
        assert.ok(running.size <= concurrent);
      }
      for (const outcome of outcomes.values()) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }),
    { numRuns: SEQUENCES, seed: SEED },
  );
  for (const outcome of ["fine", "UPSTREAM", "OVERLOADED", "CANCELLED", "TIMEOUT"])
    expect(seen.get(outcome), outcome).toBeGreaterThan(500);
}, 120_000);
