import { describe, expect, expectTypeOf, test } from "vitest";
import { BatonError } from "../../src/core/errors.js";
import { runDag, type StepEvent, type Steps } from "../../src/execution/dag.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createSignal, expectNothingLeft, interrupt } from "./support.js";

const HR = { headcount: 12 };

describe("runDag()", () => {
  test("gives each step what it needs, and has the results by name", async () => {
    const { results, steps } = await runDag(
      {
        headcount: { run: async () => HR.headcount },
        desks: {
          needs: ["headcount", "spare"],
          run: ({ headcount, spare }: { headcount: number; spare: number }) => headcount + spare,
        },
        spare: { run: ({ input }: { input: { spare: number } }) => input.spare },
      },
      { input: { spare: 3 } },
    );
    expectTypeOf(results).toEqualTypeOf<{
      readonly headcount: number;
      readonly desks: number;
      readonly spare: number;
    }>();
    expect(results).toEqual({ headcount: 12, desks: 15, spare: 3 });
    expect(Object.keys(results)).toEqual(["headcount", "desks", "spare"]);
    expect(steps.desks).toEqual({
      status: "done",
      attempts: 1,
      startedAt: expect.any(Number),
      endedAt: expect.any(Number),
    });
  });

  test("starts a step the moment all it needs is there, not when a wave is over", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const take = (ms: number) => () => clock.sleep(ms);
    const run = runDag(
      {
        slow: { run: take(100) },
        fast: { run: take(10) },
        afterFast: { needs: ["fast"], run: take(10) },
        afterBoth: { needs: ["slow", "afterFast"], run: take(10) },
      },
      { clock },
    );
    await clock.advance(200);
    const { steps } = await run;
    const startedAt = (name: keyof typeof steps) => (steps[name].startedAt ?? 0) - start;
    expect([startedAt("slow"), startedAt("fast"), startedAt("afterFast"), startedAt("afterBoth")]).toEqual([
      0, 0, 10, 100,
    ]);
  });

  test("where places are few, the longest way goes first, then the order given", async () => {
    const order: string[] = [];
    const run = (_: object, { name }: { name: string }) => void order.push(name);
    await runDag(
      {
        alone: { run },
        other: { run },
        first: { run },
        second: { needs: ["first"], run },
        third: { needs: ["second"], run },
      },
      { concurrency: 1 },
    );
    expect(order).toEqual(["first", "second", "alone", "other", "third"]);
  });

  test("a step whose `when` says no is skipped, and what needs it is given undefined", async () => {
    const { results, steps } = await runDag({
      found: { run: () => false },
      fix: { needs: ["found"], when: ({ found }: { found: boolean }) => found, run: () => "fixed" },
      report: { needs: ["fix"], run: ({ fix }: { fix?: string }) => fix ?? "nothing to do" },
    });
    expectTypeOf(results.fix).toEqualTypeOf<string | undefined>();
    expectTypeOf(results.report).toEqualTypeOf<string>();
    expect(results).toEqual({ found: false, report: "nothing to do" });
    expect(steps.fix).toEqual({ status: "skipped", attempts: 0, endedAt: expect.any(Number) });
  });

  test("a failure ends the run, cancels what runs, and says which step and what there was", async () => {
    const clock = new FakeClock();
    const { signal, listeners } = createSignal();
    let isCancelled = false;
    const run = failure(
      runDag(
        {
          a: { run: () => "A" },
          deaf: {
            run: (_: object, { signal: wanted }: { signal: AbortSignal }) => {
              wanted.addEventListener("abort", () => {
                isCancelled = true;
              });
              return new Promise(() => {});
            },
          },
          bad: {
            needs: ["a"],
            async run() {
              throw new BatonError("RATE_LIMITED", "slow down", { retryable: true });
            },
          },
          never: { needs: ["bad"], run: () => 1 },
        },
        { clock, signal },
      ),
    );
    expect(await run).toMatchObject({
      code: "RATE_LIMITED",
      message: "runDag(): step 'bad' failed, and ended the run: slow down",
      retryable: true,
      effect: "possible",
      cause: { code: "RATE_LIMITED" },
      data: { step: "bad", failed: [{ name: "bad", code: "RATE_LIMITED" }], results: { a: "A" } },
    });
    expect(isCancelled).toBe(true);
    expectNothingLeft(clock, { listeners });
  });

  test("with onFailure `continue` only what needs the failed step is skipped", async () => {
    const { results, steps } = await runDag(
      {
        bad: {
          run(): number {
            throw new Error("odd");
          },
        },
        next: { needs: ["bad"], run: () => 1 },
        afterNext: { needs: ["next", "fine"], run: () => 1 },
        soft: { needs: ["next"], optional: true, run: () => 1 },
        afterSoft: { needs: ["soft"], run: ({ soft }: { soft?: number }) => soft ?? 7 },
        fine: { run: () => 2 },
      },
      { onFailure: "continue" },
    );
    expectTypeOf(results.fine).toEqualTypeOf<number | undefined>();
    expect(results).toEqual({ fine: 2, afterSoft: 7 });
    expect(steps.bad).toMatchObject({ status: "failed", attempts: 1 });
    expect(steps.bad.error).toMatchObject({ code: "UPSTREAM", message: "step 'bad' failed: odd" });
    for (const name of ["next", "afterNext", "soft"] as const)
      expect(steps[name]).toMatchObject({ status: "skipped", because: "bad", attempts: 0 });
  });

  test("an optional step that fails ends nothing", async () => {
    const { results, steps } = await runDag({
      extra: { optional: true, run: () => Promise.reject<string>(new Error("odd")) },
      report: { needs: ["extra"], run: ({ extra }: { extra?: string }) => extra ?? "plain" },
    });
    expectTypeOf(results.extra).toEqualTypeOf<string | undefined>();
    expect(results).toEqual({ report: "plain" });
    expect(steps.extra.status).toBe("failed");
  });

  test("retries as often as it may, after growing random waits, and not what cannot help", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const at: number[] = [];
    const attempts: number[] = [];
    const events: StepEvent[] = [];
    const run = runDag(
      {
        shaky: {
          retry: { times: 3, delayMs: 100, maxDelayMs: 150 },
          run(_: object, { attempt }: { attempt: number }) {
            at.push(clock.now() - start);
            attempts.push(attempt);
            if (attempt < 4) throw new Error(`no ${attempt}`);
            return "yes";
          },
        },
        hopeless: {
          optional: true,
          retry: 5,
          run() {
            throw new BatonError("DENIED", "no");
          },
        },
        chosen: {
          optional: true,
          retry: { times: 5, delayMs: 0, when: (error) => (error as Error).message === "again" },
          run(_: object, { attempt }: { attempt: number }) {
            throw new Error(attempt < 3 ? "again" : "stop");
          },
        },
      },
      { clock, onEvent: (event) => events.push(event) },
    );
    await clock.advance(1000);
    const { results, steps } = await run;
    expect(results.shaky).toBe("yes");
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect([steps.shaky.attempts, steps.hopeless.attempts, steps.chosen.attempts]).toEqual([4, 1, 3]);
    const waits = events.flatMap(({ step, status, delayMs = 0 }) =>
      step === "shaky" && status === "retrying" ? [delayMs] : [],
    );
    expect(waits.every((wait, index) => wait <= ([100, 150, 150][index] ?? 0))).toBe(true);
    expect(at[3]).toBeCloseTo(waits.reduce((sum, wait) => sum + wait, 0));
    expect(clock.pending).toBe(0);
  });

  test("one run of a step takes no longer than its time, and is told so", async () => {
    const clock = new FakeClock();
    const reasons: unknown[] = [];
    const run = failure(
      runDag(
        {
          slow: {
            timeoutMs: 50,
            retry: { times: 1, delayMs: 0 },
            run: (_: object, { signal }: { signal: AbortSignal }) => {
              signal.addEventListener("abort", () => reasons.push(signal.reason.code));
              return new Promise(() => {});
            },
          },
        },
        { clock },
      ),
    );
    await clock.advance(100);
    expect(await run).toMatchObject({ code: "TIMEOUT", data: { step: "slow", timeoutMs: 50 } });
    expect(reasons).toEqual(["TIMEOUT", "TIMEOUT"]);
    expect(clock.pending).toBe(0);
  });

  test("a step with `each` runs once for each item, some at the same time, retried one by one", async () => {
    const clock = new FakeClock();
    let [running, most] = [0, 0];
    const failed = new Set<number>();
    const run = runDag(
      {
        people: { run: () => [1, 2, 3, 4, 5] },
        mails: {
          needs: ["people"],
          each: ({ people }: { people: number[] }) => people,
          concurrency: 2,
          retry: { times: 1, delayMs: 0 },
          async run(person: number, { index, inputs }: { index: number; inputs: object }) {
            most = Math.max(most, ++running);
            await clock.sleep(10);
            running--;
            if (person === 3 && !failed.has(person)) {
              failed.add(person);
              throw new Error("once");
            }
            return `${index}: ${person} of ${Object.keys(inputs)}`;
          },
        },
      },
      { clock },
    );
    await clock.advance(100);
    const { results, steps } = await run;
    expectTypeOf(results.mails).toEqualTypeOf<readonly string[]>();
    expect(results.mails).toEqual(
      [1, 2, 3, 4, 5].map((person, index) => `${index}: ${person} of input,people`),
    );
    expect(most).toBe(2);
    expect(steps.mails.attempts).toBe(6);
  });

  test("a failed item fails its step and says which it was", async () => {
    const error = await failure(
      runDag({
        mails: {
          each: () => ["a", "b"],
          run(item: string) {
            if (item === "b") throw new Error("odd");
          },
        },
      }),
    );
    expect(error.message).toMatch(/step 'mails' failed, and ended the run: step 'mails': item 1 failed.*odd/);
  });

  test("settles at once when the signal fires, with the results until then", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const events: string[] = [];
    const deaf = () => new Promise(() => {});
    const run = failure(
      runDag(
        {
          a: { run: () => "A" },
          plain: { run: deaf },
          limited: { timeoutMs: 100, run: deaf },
          retried: {
            retry: { times: 3, delayMs: 1000 },
            run() {
              throw new Error("odd");
            },
          },
          many: { each: () => [1, 2], run: deaf },
          never: { needs: ["plain"], run: deaf },
        },
        { clock, signal, onEvent: ({ step, status }) => events.push(`${step} ${status}`) },
      ),
    );
    await settle();
    expect(clock.pending).toBe(2);
    fire("no more");
    expect(await run).toMatchObject({
      code: "CANCELLED",
      cause: "no more",
      effect: "possible",
      data: { results: { a: "A" } },
    });
    await settle();
    expect(events.filter((event) => event.endsWith("cancelled"))).toEqual([
      "plain cancelled",
      "limited cancelled",
      "retried cancelled",
      "many cancelled",
    ]);
    expectNothingLeft(clock, { listeners });
    const before = await failure(runDag({ a: { run: deaf } }, { signal }));
    expect(before).toMatchObject({ code: "CANCELLED", effect: "none" });
  });

  test.each(["run", "when", "each"] as const)("passes an interrupt of `%s` by identity", async (place) => {
    const asked = interrupt();
    const ask = () => {
      throw asked;
    };
    const step = { run: () => 1, retry: 3, optional: true, [place]: ask };
    await expect(runDag({ step }, { onFailure: "continue" })).rejects.toBe(asked);
  });

  test("refuses a `when` that answers with a promise", async () => {
    const when = (async () => false) as never;
    expect((await failure(runDag({ a: { when, run: () => 1 } }))).message).toMatch(
      /a.when must answer at once/,
    );
  });

  test("runs a chain of 100,000 functions that return at once", { timeout: 120_000 }, async () => {
    const steps = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [
        `s${index}`,
        index === 0
          ? { run: () => 1 }
          : { needs: [`s${index - 1}`], run: (inputs: object) => Number(Object.values(inputs)[1]) + 1 },
      ]),
    );
    const { results } = await runDag(steps);
    expect(results.s99999).toBe(100_000);
    const failing: Steps = { ...steps, s0: { run: () => Promise.reject(new Error("odd")) } };
    const { steps: reports } = await runDag(failing, { onFailure: "continue" });
    expect(reports.s99999).toMatchObject({ status: "skipped", because: "s0" });
  });

  test("tells of each step in the order in which it happens", async () => {
    const events: string[] = [];
    await runDag(
      { a: { run: () => 1 }, b: { needs: ["a"], when: () => false, run: () => 1 } },
      { onEvent: ({ step, status }) => events.push(`${step} ${status}`) },
    );
    expect(events).toEqual(["a ready", "a started", "a done", "b ready", "b skipped"]);
  });

  test.each([
    ["no steps", {}, {}, /steps must be an object with at least one step/],
    [
      "a need that is no step",
      { a: { needs: ["b"], run } },
      {},
      /a.needs has 'b', which is no step; there are a/,
    ],
    ["a circle", { a: { needs: ["b"], run }, b: { needs: ["a"], run } }, {}, /: a -> b -> a$/],
    [
      "a circle behind others",
      { z: { run }, y: { needs: ["z", "x"], run }, x: { needs: ["w"], run }, w: { needs: ["x"], run } },
      {},
      /: x -> w -> x$/,
    ],
    ["a step that needs itself", { a: { needs: ["a"], run } }, {}, /: a -> a$/],
    ["a reserved name", { input: { run } }, {}, /input cannot be the name of a step/],
    ["input as a need", { a: { needs: ["input"], run } }, {}, /'input', which every step is given/],
    [
      "all at once",
      {
        a: { needs: "b", run: 1, retry: -1, timeoutMs: 0, after: 1 },
        b: { run, retry: { times: 1, delay: 1 } },
      },
      {},
      /a.after is not known.*a.needs must.*a.run must.*a.retry must.*a.timeoutMs must.*b.retry.delay is not known/,
    ],
    ["concurrency of one run", { a: { run, concurrency: 2 } }, {}, /a.concurrency is for a step with each/],
    [
      "options",
      { a: {} },
      { parallel: 1, onFailure: "skip" },
      /parallel is not known.*onFailure must be one of.*a.run must/,
    ],
  ])("refuses %s before anything runs", async (_, steps, options, message) => {
    const error = await failure(runDag(steps as never, options as never));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toMatch(message);
  });
});

function run(): never {
  throw new Error("it ran");
}
