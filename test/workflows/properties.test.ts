import { MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { BatonError, isBatonError } from "../../src/core/errors.js";
import { runWorkflow, type WorkflowOutcome } from "../../src/workflows/run.js";
import type { FunctionStep } from "../../src/workflows/workflow/step.js";
import { createWorkflow } from "../../src/workflows/workflow.js";
import { FakeClock } from "../support/fake-clock.js";
import { createRandom } from "../support/simulation-clock.js";

/** A seed to be run alone, and how many are run else. */
const { SIMULATION_SEED, SIMULATION_SEEDS = "100" } = process.env;
const HOUR_MS = 3_600_000;
/** Of the fake clock. */
const TICK_MS = 5;
const MOST_TICKS = 20_000;
/** Of failures: from here on a tool says that it ran and failed; before, nothing was sent. */
const REFUSAL = 0.3;
const NEVER = Number.POSITIVE_INFINITY;

test.skipIf(SIMULATION_SEED === undefined)(
  `a random workflow keeps its promises in seed ${SIMULATION_SEED}`,
  { timeout: HOUR_MS },
  async () => {
    const { violations, log } = await simulate(Number(SIMULATION_SEED));
    process.stdout.write(`${log.join("\n")}\n`);
    expect(violations).toEqual([]);
  },
);

test.skipIf(SIMULATION_SEED !== undefined)(
  `random workflows keep their promises in ${SIMULATION_SEEDS} seeds`,
  { timeout: HOUR_MS },
  async () => {
    const broken: string[] = [];
    const ends = { done: 0, undone: 0, failed: 0, waiting: 0 };
    let cancelled = 0;
    for (let seed = 1; seed <= Number(SIMULATION_SEEDS); seed++) {
      const { violations, status, cancels } = await simulate(seed);
      broken.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
      if (status !== undefined) ends[status]++;
      cancelled += cancels;
    }
    expect(broken).toEqual([]);
    // Runs that always end in the same way would prove little.
    const few = Number(SIMULATION_SEEDS) / 50;
    expect(Math.min(ends.done, ends.undone, ends.failed, cancelled)).toBeGreaterThan(few);
  },
);

interface Planned {
  readonly step: FunctionStep;
  readonly needs: readonly string[];
  readonly isWanted: boolean;
  /** Each is one thing to do: the step, or an item of its list. */
  readonly whats: readonly string[];
}

/** One random workflow in a world that notes what happens, with its process cancelled and begun again at random moments. */
async function simulate(seed: number) {
  const random = createRandom(seed);
  const clock = new FakeClock(undefined, seed);
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const chance = (share: number): boolean => random() < share;
  const log: string[] = [];
  const world = createWorld(clock, random, log);
  const list = Array.from({ length: upTo(4) }, (_, index) => index);
  const planned: Planned[] = [];
  for (let number = 0; number < 2 + upTo(6); number++) planned.push(planStep(number));

  function planStep(number: number): Planned {
    const name = `s${number}`;
    const before = planned.map(({ step }) => step.name);
    const isChained = chance(0.3);
    const needs = isChained ? before.slice(-1) : before.filter(() => chance(0.4));
    const isWanted = chance(0.85);
    const isList = chance(0.3);
    const whats = isList ? list.map((index) => `${name}/${index}`) : [name];
    const times = upTo(2);
    for (const what of whats) world.decide(what);
    const step: FunctionStep = {
      name,
      run: ({ key, index, signal }) =>
        world.act(index === undefined ? name : `${name}/${index}`, key, signal),
      ...(isChained ? {} : { needs }),
      ...(isWanted && chance(0.5) ? {} : { when: chance(0.5) ? `input.${name}` : () => isWanted }),
      ...(isList ? { each: "input.list", concurrency: 1 + upTo(2) } : {}),
      ...(times > 0 ? { retry: { times, delayMs: 10 } } : {}),
      ...(chance(0.2) ? { optional: true } : {}),
      ...(chance(0.7)
        ? {
            compensate: ({ key, index, signal }) =>
              world.act(`undo ${index === undefined ? name : `${name}/${index}`}`, key, signal),
          }
        : {}),
    };
    if (step.compensate) for (const what of whats) world.decide(`undo ${what}`);
    return { step, needs, isWanted, whats };
  }

  const workflow = createWorkflow({
    name: "random",
    clock,
    parallel: 1 + upTo(3),
    steps: planned.map(({ step }) => step),
    graph: { checkpointer: new MemorySaver() },
  });
  const input = { list, ...Object.fromEntries(planned.map(({ step, isWanted }) => [step.name, isWanted])) };
  const violations: string[] = [];
  let cancels = 0;
  let given: { readonly input?: unknown } = { input };
  for (const afterMs of Array.from({ length: chance(0.5) ? 0 : 1 + upTo(2) }, () => upTo(120))) {
    const stop = new AbortController();
    const cancel = clock.after(afterMs, () => {
      log.push("cancelled");
      stop.abort(new Error("stopped by the test"));
    });
    try {
      await settled(runWorkflow(workflow, { id: "run", ...given, signal: stop.signal }), clock);
    } catch (error) {
      if (!stop.signal.aborted) violations.push(`it threw ${String(error)}`);
      else if (!isBatonError(error, "CANCELLED")) violations.push(`cancelled, it threw ${String(error)}`);
      cancels++;
    }
    cancel();
    given = {};
  }
  const outcome = await settled(runWorkflow(workflow, { id: "run", ...given }), clock).catch(
    (error: unknown) => {
      violations.push(`it threw ${String(error)}`);
      return undefined;
    },
  );
  if (outcome === undefined) return { violations, log, cancels, status: undefined };
  const noted = log.length;
  const again = await settled(runWorkflow(workflow, { id: "run" }), clock);
  if (JSON.stringify(again) !== JSON.stringify(outcome))
    violations.push("asked again, it gave something else");
  if (log.length > noted) violations.push("asked again, it did something");
  if (clock.pending > 0) violations.push(`${clock.pending} timers are left`);
  violations.push(...faultsIn(outcome, planned, world, cancels > 0));
  return { violations, log, cancels, status: outcome.status };
}

interface Event {
  /** `end`: it had its effect. */
  readonly event: "begin" | "end" | "fail";
  readonly what: string;
  readonly key: string;
  readonly at: number;
}

/** Does things after a while, or fails to, as it was decided at the beginning. */
function createWorld(clock: FakeClock, random: () => number, log: string[]) {
  const failures = new Map<string, number>();
  const failed = new Map<string, number>();
  const events: Event[] = [];
  const note = (event: Event["event"], what: string, key: string): void => {
    events.push({ event, what, key, at: clock.now() });
    log.push(`${event} ${what} ${key}`);
  };
  /** Who keeps results by key repeats a refusal as well. */
  const refused = new Set<string>();
  const isKnown = (asked: string): boolean =>
    events.some(({ event, key }) => event === "end" && key === asked);
  return {
    events,
    failures,
    decide(what: string): void {
      const drawn = random();
      const isUndo = what.startsWith("undo ");
      failures.set(
        what,
        drawn < (isUndo ? 0.1 : 0.06) ? NEVER : drawn < 0.25 ? 1 + Math.floor(random() * 2) : 0,
      );
    },
    async act(what: string, key: string, signal: AbortSignal): Promise<string> {
      note("begin", what, key);
      await clock.sleep(Math.floor(random() * 30), signal);
      const times = failed.get(what) ?? 0;
      const fails = refused.has(key) || times < (failures.get(what) ?? 0);
      const kind = refused.has(key) ? REFUSAL : random();
      failed.set(what, times + 1);
      if (fails && kind < 0.6) {
        note("fail", what, key);
        // Said by whoever could not ask for it, or by a tool that ran: none would under a key that it knows.
        const isRefusal = kind >= REFUSAL && !isKnown(key);
        if (isRefusal) refused.add(key);
        throw !isRefusal
          ? new Error(`${what} does not work`)
          : new BatonError("UPSTREAM", `${what} failed`, { effect: "possible", data: { result: "no" } });
      }
      if (!isKnown(key)) note("end", what, key);
      // It may be cancelled between its effect and the record of it.
      await clock.sleep(Math.floor(random() * 30), signal);
      if (!fails) return what;
      note("fail", what, key);
      throw new BatonError("UPSTREAM", `the answer to ${what} was lost`, { effect: "possible" });
    },
  };
}

/** Lets the fake time pass until something is settled. */
async function settled<T>(work: Promise<T>, clock: FakeClock): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  work.then(settle, settle);
  for (let tick = 0; !isSettled; tick++) {
    if (tick === MOST_TICKS) throw new Error("it does not come to an end");
    await clock.advance(TICK_MS);
  }
  return work;
}

function faultsIn(
  outcome: WorkflowOutcome,
  planned: readonly Planned[],
  { events, failures }: ReturnType<typeof createWorld>,
  wasCancelled: boolean,
): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const first = (event: Event["event"], what: string) =>
    events.findIndex((one) => one.event === event && one.what === what);
  const has = (event: Event["event"], what: string) => first(event, what) >= 0;
  const keysOf = (what: string) =>
    new Set(events.filter((one) => one.event === "end" && one.what === what).map(({ key }) => key));
  const byName = new Map(planned.map((one) => [one.step.name, one]));
  const recordOf = (what: string) => {
    const [name = "", index] = what.split("/");
    const record = outcome.steps[name];
    return index === undefined ? record : record?.items?.[Number(index)];
  };
  const { status, undone } = outcome;

  for (const what of new Set(events.map((event) => event.what)))
    check(keysOf(what).size <= 1, `'${what}' was done under different keys`);
  for (const { step, needs, isWanted, whats } of planned) {
    const record = outcome.steps[step.name];
    for (const what of whats) {
      if (!has("begin", what)) continue;
      check(isWanted, `'${what}' was done though its condition says no`);
      for (const need of needs.flatMap((name) => byName.get(name)?.whats ?? []))
        check(
          recordOf(need)?.status !== "done" ||
            (has("end", need) && first("end", need) < first("begin", what)),
          `'${what}' began before '${need}' was done`,
        );
    }
    if (record?.status === "done") {
      check(
        whats.every((what) => has("end", what)),
        `'${step.name}' is called done, and is not`,
      );
      const result = step.each === undefined ? step.name : whats;
      check(
        JSON.stringify(record.result) === JSON.stringify(result),
        `'${step.name}' gave ${JSON.stringify(record.result)}`,
      );
    }
    if (!isWanted && record)
      check(record.status === "skipped", `'${step.name}' is ${record.status}, not skipped`);
  }
  const failed = planned.filter(
    ({ step }) => outcome.steps[step.name]?.status === "failed" && !step.optional,
  );
  check((status === "done") === (failed.length === 0), `it is ${status}, and ${failed.length} steps failed`);
  const settledSteps = planned.filter(({ step }) => outcome.steps[step.name] !== undefined).length;
  if (status === "done") check(settledSteps === planned.length, "it is done without all of its steps");
  if (!wasCancelled) {
    const isDoomed = ({ step, whats, isWanted }: Planned) => {
      const times = typeof step.retry === "object" ? step.retry.times : 0;
      return isWanted && !step.optional && whats.some((what) => (failures.get(what) ?? 0) > times);
    };
    check((status === "done") === !planned.some(isDoomed), `it is ${status}, and should not be`);
    const lastFails = failed.map(({ step }) => outcome.steps[step.name]?.endedAt ?? Number.NaN);
    for (const { step, whats } of planned) {
      const begun = events.find(({ event, what }) => event === "begin" && whats.includes(what));
      const isLate = begun !== undefined && lastFails.some((at) => at < begun.at);
      check(!isLate, `'${step.name}' was begun after a step had failed`);
    }
  }

  const begunUndoing = [
    ...new Set(events.flatMap(({ what }) => (what.startsWith("undo ") ? [what.slice("undo ".length)] : []))),
  ];
  // Or nobody knew: it was begun by a process that did not see its end.
  const mayBeDone = (what: string) =>
    has("end", what) || (wasCancelled && recordOf(what)?.effect === "possible");
  for (const what of begunUndoing) check(mayBeDone(what), `'${what}' was undone, and was not done`);
  const listed = undone.map(({ step, index }) => (index === undefined ? step : `${step}/${index}`));
  check(
    JSON.stringify(begunUndoing) === JSON.stringify(listed),
    `undone were ${begunUndoing}, and it says ${listed}`,
  );
  const orders = listed.map((what) => recordOf(what)?.order ?? Number.NaN);
  check(
    orders.every((order, at) => at === 0 || order < (orders[at - 1] ?? 0)),
    `undone in the order ${listed} of ${orders}`,
  );
  for (const { step, index, status: undoStatus } of undone) {
    const what = index === undefined ? step : `${step}/${index}`;
    check(undoStatus !== "undone" || has("end", `undo ${what}`), `undoing '${what}' is ${undoStatus}`);
  }
  for (const { step, whats } of planned)
    for (const what of step.compensate && (status === "undone" || status === "failed") ? whats : [])
      check(!has("end", what) || begunUndoing.includes(what), `'${what}' had its effect, and was not undone`);
  const isDue = (what: string) => recordOf(what)?.status === "done" || recordOf(what)?.effect === "possible";
  const due = planned.flatMap(({ step, whats }) => (step.compensate ? whats.filter(isDue) : []));
  const isUndone = status === "undone" || status === "failed";
  check(
    JSON.stringify(listed.toSorted()) === JSON.stringify(isUndone ? due.toSorted() : []),
    `to undo were ${due}, and it undid ${listed}`,
  );
  if (isUndone) {
    const isStuck = undone.some((one) => one.status === "failed");
    check(
      (status === "failed") === isStuck,
      `it is ${status}, and something ${isStuck ? "could not be" : "was"} undone`,
    );
    const firstUndo = events.findIndex(({ what }) => what.startsWith("undo "));
    const lastDone = events.findLastIndex(({ what }) => !what.startsWith("undo "));
    check(firstUndo < 0 || lastDone < firstUndo, "something was done after undoing began");
  }
  return faults;
}
