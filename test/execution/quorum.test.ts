import { describe, expect, test } from "vitest";
import { quorum } from "../../src/execution/quorum.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createJobs, createSignal, expectNothingLeft, interrupt } from "./support.js";

describe("quorum()", () => {
  test("has the first results in the order in which they came, and cancels the rest at once", async () => {
    const clock = new FakeClock();
    const { signal, listeners } = createSignal();
    const { jobs, succeed, cancelled } = createJobs("a", "b", "c", "d");
    const run = quorum(jobs, { size: 2, clock, signal, timeoutMs: 100 });
    succeed("c", "C");
    await settle();
    succeed("a", "A");
    expect((await run).map(({ name, value }) => [name, value])).toEqual([
      ["c", "C"],
      ["a", "A"],
    ]);
    expect(cancelled).toEqual(expect.arrayContaining(["b", "d"]));
    expectNothingLeft(clock, { listeners });
  });

  test("counts only what is accepted; one that throws or says no counts against its job", async () => {
    const { jobs, succeed } = createJobs("a", "b", "c", "d");
    const accept = async (value: string, name: string) => {
      if (name === "a") throw new Error("unreadable");
      return value === "good";
    };
    const run = quorum(jobs, { size: 2, accept });
    for (const [name, value] of [
      ["a", "good"],
      ["b", "bad"],
      ["c", "good"],
    ] as const)
      succeed(name, value);
    await settle();
    succeed("d", "good");
    expect((await run).map(({ name }) => name)).toEqual(["c", "d"]);
  });

  test("fails as soon as it can no longer be reached, with what was accepted until then", async () => {
    const { jobs, succeed, fail, cancelled } = createJobs("a", "b", "c", "d");
    const run = failure(quorum(jobs, { size: 3, accept: (value) => value === "good" }));
    succeed("a", "good");
    succeed("b", "bad");
    fail("c");
    const error = await run;
    expect(error.code).toBe("QUORUM_NOT_REACHED");
    expect(error.message).toBe(
      "quorum(): 3 of 4 jobs must come to a result, and 1 did: c: UPSTREAM, c failed: c broke; b: INVALID_RESULT, b: its result was not accepted",
    );
    expect(error.data).toMatchObject({
      results: [{ name: "a", value: "good" }],
      errors: [{ name: "c" }, { name: "b", code: "INVALID_RESULT" }],
    });
    expect(cancelled).toContain("d");
  });

  test("fails when time is up, also while a result is being judged", async () => {
    const clock = new FakeClock();
    const { jobs, succeed } = createJobs("a");
    const run = failure(
      quorum(jobs, { size: 1, clock, timeoutMs: 100, accept: () => new Promise(() => {}) }),
    );
    succeed("a", "A");
    await clock.advance(100);
    const error = await run;
    expect(error.data.errors).toMatchObject([{ name: "a", code: "TIMEOUT" }]);
    expect(clock.pending).toBe(0);
  });

  test("starts no more than it may, and nothing after the last result that it needs", async () => {
    const { jobs, started, succeed } = createJobs("a", "b", "c");
    const run = quorum(jobs, { size: 2, concurrency: 1 });
    await settle();
    expect(started).toEqual(["a"]);
    succeed("a", "A");
    await settle();
    succeed("b", "B");
    await run;
    await settle();
    expect(started).toEqual(["a", "b"]);
  });

  test("settles at once when the signal fires", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { jobs, cancelled } = createJobs("a", "b");
    const run = failure(quorum(jobs, { size: 1, clock, signal, timeoutMs: 100 }));
    await settle();
    fire();
    expect(await run).toMatchObject({ code: "CANCELLED", cause: "enough" });
    expect(cancelled).toEqual(["a", "b"]);
    expectNothingLeft(clock, { listeners });
  });

  test("passes an interrupt by identity, also one of `accept`", async () => {
    const asked = interrupt();
    const { jobs, succeed } = createJobs("a", "b");
    const accept = () => {
      throw asked;
    };
    const run = quorum(jobs, { size: 1, accept });
    succeed("a", "A");
    await expect(run).rejects.toBe(asked);
  });

  test("runs nothing when there are too few jobs, and refuses a size that is none", async () => {
    const { jobs, started } = createJobs("a");
    expect((await failure(quorum(jobs, { size: 2 }))).code).toBe("QUORUM_NOT_REACHED");
    for (const size of [0, 1.5, Number.NaN, undefined])
      expect((await failure(quorum(jobs, { size: size as number }))).message).toBe(
        "quorum(): size must be a whole number of at least 1",
      );
    expect(started).toEqual([]);
  });
});
