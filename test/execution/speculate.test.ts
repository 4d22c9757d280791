import { describe, expect, test } from "vitest";
import { speculate } from "../../src/execution/speculate.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createJobs, createSignal, expectNothingLeft, failing, timed } from "./support.js";

describe("speculate()", () => {
  test("the first accepted result wins and the others are cancelled", async () => {
    const { jobs, succeed, cancelled } = createJobs("a", "b", "c");
    const run = speculate(jobs, { accept: (value) => value !== "bad" });
    succeed("b", "bad");
    await settle();
    succeed("c", "C");
    expect(await run).toEqual({ name: "c", value: "C", durationMs: expect.any(Number) });
    expect(cancelled).toContain("a");
  });

  test("starts the next after the delay, or when the one before fails", async () => {
    const clock = new FakeClock();
    const { jobs, started, fail, succeed } = createJobs("a", "b", "c", "d");
    const run = speculate(jobs, { clock, delayMs: 100 });
    await clock.advance(99);
    expect(started).toEqual(["a"]);
    await clock.advance(1);
    expect(started).toEqual(["a", "b"]);
    fail("a");
    await clock.advance(50);
    // It was not the last one: the next one's time has not come.
    expect(started).toEqual(["a", "b"]);
    fail("b");
    await settle();
    expect(started).toEqual(["a", "b", "c"]);
    await clock.advance(99);
    expect(started).toEqual(["a", "b", "c"]);
    await clock.advance(1);
    expect(started).toEqual(["a", "b", "c", "d"]);
    succeed("c", "C");
    expect((await run).name).toBe("c");
    expect(clock.pending).toBe(0);
  });

  test("never starts the others when the first one is fast enough", async () => {
    const clock = new FakeClock();
    const { jobs, started, succeed } = createJobs("a", "b");
    const run = speculate(jobs, { clock, delayMs: 100 });
    succeed("a", "A");
    await run;
    await clock.advance(1000);
    expect(started).toEqual(["a"]);
  });

  test("with a score the best of all that come in time wins, of equals the first", async () => {
    const clock = new FakeClock();
    const jobs = [
      timed(clock, "a", 10, 1),
      timed(clock, "b", 30, 3),
      timed(clock, "c", 20, 3),
      timed(clock, "d", 200, 9),
    ];
    const run = speculate(jobs, { clock, score: async (value) => value, timeoutMs: 100 });
    await clock.advance(100);
    expect(await run).toEqual({ name: "c", value: 3, score: 3, durationMs: 20 });
    expect(clock.pending).toBe(0);
  });

  test("a score that is enough ends it early", async () => {
    const clock = new FakeClock();
    const jobs = [timed(clock, "a", 10, 1), timed(clock, "b", 20, 5), timed(clock, "c", 30, 9)];
    const run = speculate(jobs, { clock, score: (value) => value, enough: 5 });
    await clock.advance(20);
    expect((await run).name).toBe("b");
    expect(clock.pending).toBe(0);
  });

  test("fails when nothing is accepted, and says why of each", async () => {
    const clock = new FakeClock();
    const jobs = [
      timed(clock, "a", 1, 1),
      failing(clock, "b", 2, new Error("ill")),
      timed(clock, "c", 50, 1),
    ];
    const score = () => Number.NaN;
    const error = failure(speculate(jobs, { clock, score, timeoutMs: 10 }));
    await clock.advance(10);
    expect(await error).toMatchObject({
      code: "QUORUM_NOT_REACHED",
      message: expect.stringMatching(
        /a: its score is NaN, which is no number.*b failed: ill.*c: not over within 10 ms/,
      ),
    });
  });

  test("settles at once when the signal fires, while one waits for its time", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { jobs, started } = createJobs("a", "b");
    const run = failure(speculate(jobs, { clock, signal, delayMs: 50, timeoutMs: 100 }));
    await settle();
    fire();
    expect((await run).code).toBe("CANCELLED");
    await clock.advance(1000);
    expect(started).toEqual(["a"]);
    expectNothingLeft(clock, { listeners });
  });

  test("refuses `enough` without a score", async () => {
    const error = await failure(speculate([], { enough: 1 }));
    expect(error.message).toBe("speculate(): enough must be left out without a score");
  });
});
