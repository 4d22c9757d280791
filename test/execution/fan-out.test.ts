import { describe, expect, test } from "vitest";
import { BatonError } from "../../src/core/errors.js";
import { fanOut } from "../../src/execution/fan-out.js";
import type { JobEvent } from "../../src/execution/job.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createJobs, createSignal, expectNothingLeft, failing, interrupt, timed } from "./support.js";

describe("fanOut()", () => {
  test("has results and errors in the order of the jobs, with what each took", async () => {
    const clock = new FakeClock();
    const jobs = [
      timed(clock, "a", 30, "A"),
      failing(clock, "b", 20, new BatonError("UPSTREAM", "b is ill")),
      timed(clock, "c", 10, "C"),
      failing(clock, "d", 5, new Error("odd")),
    ];
    const run = fanOut(jobs, { clock });
    await clock.advance(30);
    const { results, errors } = await run;
    expect(results).toEqual([
      { name: "a", value: "A", durationMs: 30 },
      { name: "c", value: "C", durationMs: 10 },
    ]);
    expect(
      errors.map(({ name, error, durationMs }) => [name, error.code, error.message, durationMs]),
    ).toEqual([
      ["b", "UPSTREAM", "b is ill", 20],
      ["d", "UPSTREAM", "d failed: odd", 5],
    ]);
    expect(errors[1]?.error.cause).toEqual(new Error("odd"));
  });

  test("keeps what came in time; the rest counts as TIMEOUT and is cancelled", async () => {
    const clock = new FakeClock();
    const { signal, listeners } = createSignal();
    const { jobs, succeed, cancelled } = createJobs("a", "b", "c");
    const run = fanOut(jobs, { clock, signal, timeoutMs: 100, concurrency: 2 });
    succeed("a", "A");
    await clock.advance(100);
    const { results, errors } = await run;
    expect(results.map(({ value }) => value)).toEqual(["A"]);
    expect(errors.map(({ name, error }) => [name, error.code, error.effect, error.retryable])).toEqual([
      ["b", "TIMEOUT", "possible", true],
      ["c", "TIMEOUT", "possible", true],
    ]);
    expect(cancelled).toEqual(["a", "b", "c"]);
    expectNothingLeft(clock, { listeners });
  });

  test("says of a job that never started that it had no effect", async () => {
    const clock = new FakeClock();
    const run = fanOut(createJobs("a", "b").jobs, { clock, timeoutMs: 10, concurrency: 1, require: 0 });
    await clock.advance(10);
    const { errors } = await run;
    expect(errors.map(({ error, durationMs }) => [error.message, error.effect, durationMs])).toEqual([
      ["a: not over within 10 ms; give it more time, or ask for less", "possible", 10],
      ["b: not started within 10 ms; give it more time, or ask for less", "none", 0],
    ]);
  });

  test("counts the time in which the jobs are listed", async () => {
    const clock = new FakeClock();
    const never = fanOut(new Promise<never>(() => {}), { clock, timeoutMs: 50 });
    const error = failure(never);
    await clock.advance(50);
    expect(await error).toMatchObject({ code: "TIMEOUT", effect: "none", data: { timeoutMs: 50 } });

    const listed = clock.sleep(30).then(() => [timed(clock, "a", 10, 1), timed(clock, "b", 30, 2)]);
    const run = fanOut(listed, { clock, timeoutMs: 50 });
    await clock.advance(50);
    expect((await run).errors.map(({ name }) => name)).toEqual(["b"]);
    expect(clock.pending).toBe(0);
  });

  test("runs no more than `concurrency` at once", async () => {
    const { jobs, started, succeed, fail } = createJobs("a", "b", "c", "d");
    const run = fanOut(jobs, { concurrency: 2 });
    await settle();
    expect(started).toEqual(["a", "b"]);
    fail("b");
    await settle();
    expect(started).toEqual(["a", "b", "c"]);
    succeed("a", "A");
    await settle();
    succeed("c", "C");
    succeed("d", "D");
    expect((await run).results).toHaveLength(3);
  });

  test("gives both lists to `merge` and returns what that makes of them", async () => {
    const { jobs, succeed, fail } = createJobs("a", "b");
    const run = fanOut(jobs, {
      merge: async (results, errors) => `${results.map(({ value }) => value)} ${errors.length}`,
    });
    succeed("a", "A");
    fail("b");
    expect(await run).toBe("A 1");
  });

  test("fails with fewer results than `require`, and says which job failed and why", async () => {
    const { jobs, succeed, fail } = createJobs("a", "b", "c");
    const run = failure(fanOut(jobs, { require: 3 }));
    succeed("a", "A");
    fail("b", new BatonError("RATE_LIMITED", "b is busy", { retryable: true }));
    fail("c");
    const error = await run;
    expect(error).toMatchObject({ code: "QUORUM_NOT_REACHED", retryable: true, effect: "possible" });
    expect(error.message).toBe(
      "fanOut(): 3 of 3 jobs must come to a result, and 1 did: b: RATE_LIMITED, b is busy; c: UPSTREAM, c failed: c broke",
    );
    expect(JSON.parse(JSON.stringify(error.data))).toMatchObject({
      results: [{ name: "a", value: "A" }],
      errors: [
        { name: "b", code: "RATE_LIMITED", message: "b is busy" },
        { name: "c", code: "UPSTREAM", message: "c failed: c broke" },
      ],
    });
  });

  test("needs one result, or none where there are no jobs", async () => {
    const { jobs, fail } = createJobs("a");
    const run = failure(fanOut(jobs));
    fail("a");
    expect((await run).code).toBe("QUORUM_NOT_REACHED");
    expect(await fanOut([])).toEqual({ results: [], errors: [] });
  });

  test("runs nothing when there are too few jobs", async () => {
    const { jobs, started } = createJobs("a");
    const error = await failure(fanOut(jobs, { require: 2 }));
    expect(error).toMatchObject({ code: "QUORUM_NOT_REACHED", effect: "none" });
    expect(started).toEqual([]);
  });

  test("settles at once when the signal fires, also when no job listens to it", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { jobs, cancelled } = createJobs("a", "b");
    const run = failure(fanOut(jobs, { clock, signal, timeoutMs: 100 }));
    await settle();
    expect(listeners()).toBe(1);
    fire("no more");
    expect(await run).toMatchObject({ code: "CANCELLED", cause: "no more", effect: "possible" });
    expect(cancelled).toEqual(["a", "b"]);
    expectNothingLeft(clock, { listeners });
  });

  test("starts nothing when the signal fires before or while the jobs are listed", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { jobs, started } = createJobs("a");
    const run = failure(
      fanOut(
        clock.sleep(10).then(() => jobs),
        { clock, signal, timeoutMs: 100 },
      ),
    );
    fire();
    expect(await run).toMatchObject({ code: "CANCELLED", effect: "none" });
    await clock.advance(10);
    expect((await failure(fanOut(Promise.reject(new Error("list")), { signal }))).code).toBe("CANCELLED");
    expect(started).toEqual([]);
    expectNothingLeft(clock, { listeners });
  });

  test("is cancelled while it merges", async () => {
    const { signal, fire } = createSignal();
    const run = failure(fanOut([], { signal, merge: () => new Promise(() => {}) }));
    await settle();
    fire();
    expect((await run).code).toBe("CANCELLED");
  });

  test("leaves no listener on the signal when all went well", async () => {
    const clock = new FakeClock();
    const { signal, listeners } = createSignal();
    const { jobs, succeed } = createJobs("a");
    const run = fanOut(jobs, { clock, signal, timeoutMs: 100 });
    succeed("a", "A");
    await run;
    expectNothingLeft(clock, { listeners });
  });

  test("passes an interrupt by identity and cancels the others", async () => {
    const clock = new FakeClock();
    const { jobs, fail, cancelled } = createJobs("a", "b");
    const run = fanOut(jobs, { clock, timeoutMs: 100 });
    const asked = interrupt();
    fail("a", asked);
    await expect(run).rejects.toBe(asked);
    expect(cancelled).toContain("b");
    expect(clock.pending).toBe(0);
  });

  test("a job that throws before it has a promise fails like any other", async () => {
    const jobs = [
      {
        name: "a",
        run() {
          throw new Error("at once");
        },
      },
      { name: "b", run: async () => 1 },
    ];
    expect((await fanOut(jobs)).errors[0]?.error.message).toBe("a failed: at once");
  });

  test("tells a listener of each job, and is not broken by one that throws", async () => {
    const clock = new FakeClock();
    const { jobs, succeed, fail } = createJobs("a", "b", "c");
    const events: JobEvent[] = [];
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const run = fanOut(jobs, {
      clock,
      timeoutMs: 50,
      onEvent(event) {
        events.push(event);
        throw new Error("listener");
      },
    });
    succeed("a", "A");
    fail("b");
    await clock.advance(50);
    expect((await run).results).toHaveLength(1);
    expect(events.map(({ job, status }) => `${job} ${status}`)).toEqual([
      "a started",
      "b started",
      "c started",
      "a done",
      "b failed",
      "c failed",
    ]);
    await settle();
    process.off("warning", onWarning);
    expect(warnings.map(({ message }) => message)).toEqual([
      "fanOut(): its listener threw, and must not: listener",
    ]);
  });

  test("refuses wrong options, all at once, and jobs that are none", async () => {
    const options = { timeoutMs: 0, concurrency: 1.5, require: -1, merge: 1, retries: 2 };
    const rejected = Promise.reject(new Error("nobody waits for it"));
    const error = await failure(fanOut(rejected, options as never));
    expect(error.code).toBe("CONFIG_INVALID");
    expect((error.data.faults as { path: string }[]).map(({ path }) => path)).toEqual([
      "retries",
      "timeoutMs",
      "concurrency",
      "require",
      "merge",
    ]);
    for (const jobs of [{}, [null], [{ name: "a" }], Promise.resolve("a")])
      expect((await failure(fanOut(jobs as never))).code).toBe("CONFIG_INVALID");
  });
});
