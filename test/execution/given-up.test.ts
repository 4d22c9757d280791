import { describe, expect, test } from "vitest";
import { batch, type Items } from "../../src/execution/batch.js";
import { runDag } from "../../src/execution/dag.js";
import { fanOut } from "../../src/execution/fan-out.js";
import type { Job } from "../../src/execution/job.js";
import { createPace } from "../../src/execution/pace.js";
import { failure } from "../support/calls.js";
import { root, run } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";

describe("nothing starts after a caller gave up", () => {
  test("in a listener of fanOut()", async () => {
    const controller = new AbortController();
    let runs = 0;
    const job = (name: string): Job<number> => ({ name, run: async () => ++runs });
    const error = await failure(
      fanOut([job("a"), job("b")], {
        signal: controller.signal,
        onEvent: ({ status }) => status === "started" && controller.abort(),
      }),
    );
    expect([error.code, error.effect, runs]).toEqual(["CANCELLED", "none", 0]);
  });

  test.each(["when", "onEvent"] as const)("in %s of runDag()", async (place) => {
    const controller = new AbortController();
    let runs = 0;
    const giveUp = (isIt: boolean): true => {
      if (isIt) controller.abort();
      return true;
    };
    const error = await failure(
      runDag(
        { a: { when: () => giveUp(place === "when"), run: () => ++runs } },
        {
          signal: controller.signal,
          onEvent: ({ status }) => giveUp(place === "onEvent" && status === "started"),
        },
      ),
    );
    expect([error.code, runs]).toEqual(["CANCELLED", 0]);
  });
});

describe("a condition of a retry", () => {
  test("may answer later", async () => {
    let runs = 0;
    const retry = { times: 3, when: async () => false };
    const a = {
      retry,
      run() {
        runs++;
        throw new Error("no");
      },
    };
    await failure(runDag({ a }));
    expect(runs).toBe(1);
  });

  test("that throws does not hide what the step failed with", async () => {
    const when = () => {
      throw new Error("a fault of the condition");
    };
    const a = {
      retry: { times: 3, when },
      run() {
        throw new Error("the disk is full");
      },
    };
    expect((await failure(runDag({ a }))).message).toContain("the disk is full");
  });
});

test("what is no job and no source is refused", async () => {
  const job: Job<number> = { name: "a", run: async () => 1 };
  const holes: Job<number>[] = [job];
  holes[2] = job;
  expect((await failure(fanOut(holes))).code).toBe("CONFIG_INVALID");
  const nothing = undefined as unknown as Items<number>;
  expect((await failure(batch(nothing, () => 1))).code).toBe("CONFIG_INVALID");
});

test("a clock that is set back holds up no start for longer than the pace", () => {
  const clock = new FakeClock();
  let behindMs = 0;
  const pace = createPace(10, { ...clock, now: () => clock.now() - behindMs } as FakeClock);
  pace.start();
  behindMs = 3_600_000;
  expect(pace.waitMs()).toBe(100);
  behindMs -= 100;
  expect(pace.waitMs()).toBe(0);
});

test("a process with nothing else to do sees the time run out, and no warning of listeners", async () => {
  const code = `
    import { runDag } from "./src/execution/dag.ts";
    import { fanOut } from "./src/execution/fan-out.ts";
    import { createQueue } from "./src/execution/queue.ts";
    const never = () => new Promise(() => {});
    const limited = (_, { signal }) => {
      for (let index = 0; index < 12; index++) signal.addEventListener("abort", () => {});
      return never();
    };
    const { signal } = new AbortController();
    const queue = createQueue({ concurrency: 1 });
    await Promise.all(Array.from({ length: 20 }, () => queue.add(() => 1, { signal })));
    const log = ({ code }) => console.log(code);
    await fanOut([{ name: "a", run: never }], { timeoutMs: 10 }).catch(log);
    await fanOut(never(), { timeoutMs: 10 }).catch(log);
    await runDag({ a: { timeoutMs: 10, run: limited } }).catch(log);`;
  const ended = await run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    cwd: root,
  });
  expect(ended).toEqual({ code: 0, stdout: "QUORUM_NOT_REACHED\nTIMEOUT\nTIMEOUT\n", stderr: "" });
}, 30_000);
