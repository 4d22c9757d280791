import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { test } from "vitest";
import { type BatonError, isBatonError } from "../../src/core/errors.js";
import { type DagResult, runDag, type Step, type StepContext, type Steps } from "../../src/execution/dag.js";
import { fanOut } from "../../src/execution/fan-out.js";
import type { Job } from "../../src/execution/job.js";
import { createQueue } from "../../src/execution/queue.js";
import { quorum } from "../../src/execution/quorum.js";
import { SimulationClock } from "../support/simulation-clock.js";

const RUNS = Number(process.env.SIMULATION_SEEDS ?? 200);
const SEED = Number(process.env.SEED ?? 20_261_122);
const HOUR_MS = 3_600_000;
const never = new Promise<never>(() => {});

/** How a piece of work behaves, run by run; the last one stands for all later ones. */
const behaviour = fc.record({
  ms: fc.integer({ min: 0, max: 50 }),
  ends: fc.constantFrom(
    "well" as const,
    "well" as const,
    "well" as const,
    "badly" as const,
    "never" as const,
  ),
  /** Answers without a promise. */
  atOnce: fc.boolean(),
});
const abortAt = fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined });
const concurrency = fc.constantFrom(1, 2, 3, undefined);

const step = fc.record({
  needs: fc.uniqueArray(fc.nat(30), { maxLength: 3 }),
  runs: fc.array(behaviour, { minLength: 1, maxLength: 3 }),
  retry: fc.constantFrom(0, 0, 1, 2),
  timeoutMs: fc.constantFrom(undefined, undefined, 20, 40),
  when: fc.constantFrom(true, true, true, false),
  optional: fc.boolean(),
});
/** What runs at a time, and the most that ever did. Work counts until its signal fires: then it is of no account. */
function createMeter() {
  const running = new Set<string>();
  let most = 0;
  return {
    get most() {
      return most;
    },
    running,
    async count<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
      assert(!running.has(name), `${name} runs twice at a time`);
      running.add(name);
      most = Math.max(most, running.size);
      signal.addEventListener("abort", () => running.delete(name), { once: true });
      try {
        return await work();
      } finally {
        running.delete(name);
      }
    },
  };
}

/** Runs to the end of the simulation, and proves that it came to one and left nothing. */
async function observe<T>(
  clock: SimulationClock,
  abortAtMs: number | undefined,
  start: (signal: AbortSignal) => Promise<T>,
): Promise<{ value?: T; error?: BatonError }> {
  const controller = new AbortController();
  let end: { value?: T; error?: BatonError } | undefined;
  let abortedAt: number | undefined;
  let endedAt = Number.NaN;
  if (abortAtMs !== undefined)
    clock.plan(abortAtMs, () => {
      if (end === undefined) abortedAt = clock.now();
      controller.abort("enough");
    });
  start(controller.signal).then(
    (value) => {
      end = { value };
      endedAt = clock.now();
    },
    (error: unknown) => {
      assert(isBatonError(error), String(error));
      end = { error };
      endedAt = clock.now();
    },
  );
  await clock.run();
  if (end === undefined) throw new Error("it never settles");
  if (abortedAt !== undefined && end.error?.code === "CANCELLED")
    assert.equal(endedAt, abortedAt, "settles late");
  assert.equal(clock.pending, 0, "timers are left");
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "listeners are left");
  return end;
}

test(`runDag() keeps its promises in ${RUNS} random runs, seed ${SEED}`, { timeout: HOUR_MS }, async () => {
  const seen = { done: 0, failed: 0, cancelled: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      concurrency,
      fc.constantFrom("stop" as const, "continue" as const),
      abortAt,
      fc.nat(),
      async (planned, limit, onFailure, abort, seed) => {
        const clock = new SimulationClock(seed);
        const meter = createMeter();
        const calls = new Map<string, number>();
        const settled = new Set<string>();
        const steps: Steps = Object.fromEntries(
          planned.map(({ needs, runs, retry, timeoutMs, when, optional }, index): [string, Step] => {
            const name = `s${index}`;
            const needed = [...new Set(needs.filter(() => index > 0).map((need) => `s${need % index}`))];
            const run = (_: object, { signal, attempt }: StepContext): unknown => {
              calls.set(name, (calls.get(name) ?? 0) + 1);
              assert.equal(calls.get(name), attempt);
              for (const need of needed) assert(settled.has(need), `${name} starts before ${need} is over`);
              const { ms, ends, atOnce } = runs[Math.min(attempt, runs.length) - 1] ?? {
                ms: 0,
                ends: "well",
              };
              if (atOnce && ends === "well") return name;
              return meter.count(name, signal, async () => {
                // Deaf to its signal.
                if (ends === "never") return never;
                await clock.sleep(ms, signal);
                if (ends === "badly") throw new Error(`${name} broke`);
                return name;
              });
            };
            const rest = { needs: needed, retry: { times: retry, delayMs: 10 }, optional, when: () => when };
            return [name, { ...rest, ...(timeoutMs === undefined ? {} : { timeoutMs }), run }];
          }),
        );
        const onEvent = ({ step: name, status }: { step: string; status: string }) => {
          if (["done", "failed", "skipped"].includes(status)) {
            assert(!settled.has(name), `${name} is over twice`);
            settled.add(name);
          }
        };
        // What never ends and has no limit of time is ended from outside.
        const end = await observe<DagResult<Steps, "stop" | "continue">>(clock, abort ?? 10_000, (signal) =>
          runDag(steps, {
            clock,
            signal,
            onFailure,
            onEvent,
            ...(limit === undefined ? {} : { concurrency: limit }),
          }),
        );
        assert(meter.most <= (limit ?? Number.POSITIVE_INFINITY), `${meter.most} run at a time`);
        assert.equal(meter.running.size, 0, "something still runs");
        for (const [name, count] of calls)
          assert(count <= 1 + (planned[Number(name.slice(1))]?.retry ?? 0), `${name} ran ${count} times`);
        const { value, error } = end;
        if (error?.code === "CANCELLED") seen.cancelled++;
        else if (error) {
          seen.failed++;
          assert.equal(onFailure, "stop");
        } else {
          seen.done++;
          assert.equal(settled.size, planned.length);
        }
        for (const [name, { status, because, attempts }] of Object.entries(value?.steps ?? {})) {
          const { needs = [], optional } = steps[name] as Step;
          const lacks = needs.some((need) => {
            const { status: of, because: for_ } = value?.steps[need] ?? {};
            return (of === "failed" || for_ !== undefined) && !steps[need]?.optional;
          });
          assert.equal(because !== undefined, lacks, `${name} is skipped wrongly`);
          assert.equal(attempts, calls.get(name) ?? 0);
          assert.equal(value?.results[name] === name, status === "done");
          if (status === "failed" && !optional) assert.equal(onFailure, "continue");
        }
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
  // Runs that all end alike would prove little.
  for (const [end, count] of Object.entries(seen)) assert(count > RUNS / 20, `only ${count} ended ${end}`);
});

function jobsOf(
  clock: SimulationClock,
  meter: ReturnType<typeof createMeter>,
  behaviours: readonly { ms: number; ends: "well" | "badly" | "never" }[],
  prefix = "j",
): readonly Job<string>[] {
  return behaviours.map(({ ms, ends }, index) => {
    const name = `${prefix}${index}`;
    return {
      name,
      run: (signal) =>
        meter.count(name, signal, async () => {
          if (ends === "never") return never;
          await clock.sleep(ms, signal);
          if (ends === "badly") throw new Error(`${name} broke`);
          return name;
        }),
    };
  });
}

test(`fanOut() and quorum() keep theirs in ${RUNS} random runs, seed ${SEED}`, {
  timeout: HOUR_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(behaviour, { maxLength: 10 }),
      concurrency,
      fc.constantFrom(undefined, 30, 60),
      fc.integer({ min: 1, max: 6 }),
      abortAt,
      async (behaviours, limit, timeoutMs, needed, abort) => {
        const clock = new SimulationClock(1);
        const limits = {
          clock,
          ...(limit === undefined ? {} : { concurrency: limit }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        };
        const meter = createMeter();
        const all = await observe(clock, abort ?? 10_000, (signal) =>
          fanOut(jobsOf(clock, meter, behaviours), { ...limits, signal, require: 0 }),
        );
        if (all.value) {
          const { results, errors } = all.value;
          assert.equal(results.length + errors.length, behaviours.length);
          for (const { name, value } of results) assert.equal(name, value);
          const places = results.map(({ name }) => Number(name.slice(1)));
          assert.deepEqual(
            places,
            places.toSorted((a, b) => a - b),
          );
        } else assert.equal(all.error?.code, "CANCELLED");

        const some = await observe(clock, abort ?? 10_000, (signal) =>
          quorum(jobsOf(clock, meter, behaviours), { ...limits, signal, size: needed }),
        );
        if (some.value) assert.equal(some.value.length, needed);
        else assert(["CANCELLED", "QUORUM_NOT_REACHED"].includes(some.error?.code ?? ""));
        // What all of them could reach together, a quorum of them reaches as well.
        if (abort === undefined && all.value && all.value.results.length >= needed) assert(some.value);
        assert(meter.most <= (limit ?? Number.POSITIVE_INFINITY));
        assert.equal(meter.running.size, 0);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});

test(`a queue keeps its promises in ${RUNS} random histories, seed ${SEED}`, {
  timeout: HOUR_MS,
}, async () => {
  const task = fc.record({
    atMs: fc.integer({ min: 0, max: 100 }),
    priority: fc.integer({ min: 0, max: 3 }),
    behaviour,
    abortAt,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(task, { maxLength: 15 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(undefined, 100),
      abortAt,
      async (tasks, limit, capacity, perSecond, cancelAt) => {
        const clock = new SimulationClock(1);
        const meter = createMeter();
        const queue = createQueue({
          clock,
          concurrency: limit,
          capacity,
          ...(perSecond ? { perSecond } : {}),
        });
        const waiting = new Map<string, { priority: number; order: number }>();
        const signals: AbortSignal[] = [];
        const startedAt: number[] = [];
        let settled = 0;
        let order = 0;
        for (const [index, { atMs, priority, behaviour: planned, abortAt: abort }] of tasks.entries()) {
          const name = `t${index}`;
          const controller = new AbortController();
          signals.push(controller.signal);
          const [job] = jobsOf(clock, meter, [planned], `${name}.`);
          clock.plan(atMs, () => {
            if (queue.waiting < capacity && !queue.closed) waiting.set(name, { priority, order: order++ });
            const run = async (signal: AbortSignal) => {
              const own = waiting.get(name);
              waiting.delete(name);
              startedAt.push(clock.now());
              for (const other of waiting.values())
                assert(
                  own &&
                    (own.priority > other.priority ||
                      (own.priority === other.priority && own.order < other.order)),
                );
              return job?.run(signal);
            };
            queue
              .add(run, { priority, signal: controller.signal, name })
              .catch((error: unknown) => {
                waiting.delete(name);
                if (isBatonError(error))
                  assert(["CANCELLED", "OVERLOADED"].includes(error.code), error.message);
                else assert.match(String(error), /broke/);
              })
              .finally(() => settled++);
          });
          // What never ends is ended.
          clock.plan(atMs + (abort ?? 5000), () => controller.abort());
        }
        clock.plan(cancelAt ?? 10_000, () => queue.cancel());
        await clock.run();
        assert.equal(settled, tasks.length, "one never settles");
        assert(meter.most <= limit);
        assert.deepEqual([queue.running, queue.waiting, clock.pending, meter.running.size], [0, 0, 0, 0]);
        assert(signals.every((signal) => getEventListeners(signal, "abort").length === 0));
        if (perSecond)
          assert(
            startedAt.every(
              (at, place) => place === 0 || at - (startedAt[place - 1] ?? 0) >= 1000 / perSecond,
            ),
          );
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});
