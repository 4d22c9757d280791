import { describe, expect, test } from "vitest";
import type { Middleware } from "../../src/core/call.js";
import { isBatonError } from "../../src/core/errors.js";
import { standard } from "../../src/middleware/standard.js";
import { type MakeStack, type Simulation, simulate } from "./simulation/simulate.js";

/** A seed to be run alone, and how many are run else. */
const { SIMULATION_SEED, SIMULATION_SEEDS = "500" } = process.env;
/** Each of them is run twice. */
const REPLAYS = 20;
/** A fault of a stack must show in one of so many. */
const SEEDS_TO_FIND_A_FAULT = 60;
/** Inside of the breaker stand the rate limit, the limit and the limit of time. */
const INSIDE_THE_BREAKER = 3;
const HOUR_MS = 3_600_000;

const whole: MakeStack = (options, inside) => standard(options).toSpliced(-INSIDE_THE_BREAKER, 0, inside);

describe.skipIf(SIMULATION_SEED === undefined)("one seed", () => {
  test(`the standard stack keeps its promises in seed ${SIMULATION_SEED}`, { timeout: HOUR_MS }, async () => {
    const { history, violations } = await simulate(Number(SIMULATION_SEED), whole);
    process.stdout.write(`${history.join("\n")}\n`);
    expect(violations).toEqual([]);
  });
});

describe.skipIf(SIMULATION_SEED !== undefined)("many seeds", () => {
  test(`the standard stack keeps its promises in ${SIMULATION_SEEDS} seeds`, {
    timeout: HOUR_MS,
  }, async () => {
    const broken: Simulation[] = [];
    let calls = 0;
    let succeeded = 0;
    for (let seed = 1; seed <= Number(SIMULATION_SEEDS); seed++) {
      const run = await simulate(seed, whole);
      calls += run.calls;
      succeeded += run.succeeded;
      if (run.violations.length > 0) broken.push(run);
    }
    expect(broken.map(describeFault)).toEqual([]);
    // Servers that always failed, or never did, would prove little.
    expect(succeeded / calls).toBeGreaterThan(0.4);
    expect(succeeded / calls).toBeLessThan(0.9);
  });

  test("a seed runs the same each time", async () => {
    for (let seed = 1; seed <= REPLAYS; seed++) {
      const [first, second] = [await simulate(seed, whole), await simulate(seed, whole)];
      expect(second.history.join("\n"), `seed ${seed}`).toBe(first.history.join("\n"));
    }
  });
});

describe.skipIf(SIMULATION_SEED !== undefined)("a stack with a fault is found out", () => {
  const repeatsWrites: Middleware = async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      if (!isBatonError(error) || !error.retryable) throw error;
      return next(call);
    }
  };
  const deaf: Middleware = ({ signal: _, ...call }, next) => next(call);
  const forgetsDeadlines: Middleware = ({ deadline: _, ...call }, next) => next(call);
  const forgetsKeys: Middleware = (call, next) => next({ ...call, idempotencyKey: undefined });
  const remembersTooLong = (): Middleware => {
    const results = new Map<string, ReturnType<Middleware>>();
    return (call, next) => {
      if (call.tool !== "look") return next(call);
      const key = `${call.server} ${call.caller?.tenant} ${JSON.stringify(call.args)}`;
      const result = results.get(key) ?? next(call);
      results.set(key, result);
      result.catch(() => results.delete(key));
      return result;
    };
  };
  const tellsOthers = (): Middleware => {
    const running = new Map<string, ReturnType<Middleware>>();
    return async (call, next) => {
      if (call.tool !== "look") return next(call);
      const key = `${call.server} ${JSON.stringify(call.args)}`;
      const result = running.get(key) ?? next(call).finally(() => running.delete(key));
      running.set(key, result);
      return result;
    };
  };
  const inner =
    (middleware: Middleware): MakeStack =>
    (options, inside) => [...whole(options, inside), middleware];
  const outer =
    (middleware: Middleware): MakeStack =>
    (options, inside) => [middleware, ...whole(options, inside)];

  test.each<[string, MakeStack, RegExp]>([
    ["repeats what may have had its effect", inner(repeatsWrites), /possible effect|effect twice/],
    ["is deaf to its caller", outer(deaf), /after it was cancelled/],
    ["is deaf to its deadline", inner(forgetsDeadlines), /after its deadline/],
    ["forgets keys", inner(forgetsKeys), /another key/],
    [
      "leaves timers",
      (options, inside) => [leavesTimers(options.clock), ...whole(options, inside)],
      /timers are left/,
    ],
    ["leaves listeners", outer(leavesListeners), /listeners are left/],
    ["loses a call", outer(losesOne()), /never settles|waits for ever/],
    [
      "serves what was overwritten",
      (options, inside) => [remembersTooLong(), ...whole(options, inside)],
      /sees version/,
    ],
    [
      "mixes callers up",
      (options, inside) => [tellsOthers(), ...whole(options, inside)],
      /answer to another call/,
    ],
    [
      "has no limit",
      (options, inside) => whole({ ...options, limit: false }, inside),
      /attempts run at server/,
    ],
    [
      "lets too many probe",
      (options, inside) => whole(withBreaker(options, { halfOpen: 5 }), inside),
      /probes of/,
    ],
    [
      "lets everybody do everything",
      (options, inside) => whole({ ...options, permit: false }, inside),
      /is forbidden/,
    ],
    [
      "never closes its breaker",
      (options, inside) => whole(withBreaker(options, { openMs: HOUR_MS }), inside),
      /still fail/,
    ],
  ])("one that %s", { timeout: 60_000 }, async (_, makeStack, expected) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= SEEDS_TO_FIND_A_FAULT; seed++) {
      const { violations } = await simulate(seed, makeStack);
      for (const violation of violations) found.add(violation);
      if (violations.some((violation) => expected.test(violation))) return;
    }
    expect.fail(`not found; found was: ${[...found].slice(0, 5).join("; ")}`);
  });
});

type Options = Parameters<MakeStack>[0];

function withBreaker(options: Options, change: object): Options {
  return { ...options, breaker: { ...(options.breaker as object), ...change } };
}

function leavesTimers(clock: Options["clock"]): Middleware {
  return (call, next) => {
    clock?.after(HOUR_MS, () => {});
    return next(call);
  };
}

const leavesListeners: Middleware = (call, next) => {
  call.signal?.addEventListener("abort", () => {});
  return next(call);
};

function losesOne(): Middleware {
  let calls = 0;
  return (call, next) => (++calls % 100 === 0 ? new Promise(() => {}) : next(call));
}

function describeFault({ seed, violations }: Simulation): string {
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : "";
  return `seed ${seed} (to see all of it: SIMULATION_SEED=${seed}): ${violations[0]}${more}`;
}
