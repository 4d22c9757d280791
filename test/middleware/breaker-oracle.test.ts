import assert from "node:assert/strict";
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  type IBreaker,
  IterableBackoff,
} from "cockatiel";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCall } from "../../src/core/call.js";
import { BatonError, isBatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type BreakerOptions, breaker } from "../../src/middleware/breaker.js";
import { FakeClock, settle } from "../support/fake-clock.js";

const SEQUENCES = 10_000;
const SEED = Number(process.env.SEED ?? 20_261_121);
const fine: Result = { content: [] };
const fault = new BatonError("UPSTREAM", "down", { retryable: true });
const neutral = new BatonError("CANCELLED", "cancelled");

const kinds = ["consecutive", "share", "both"] as const;
type Outcome = "success" | "failure" | "neutral";
type Event =
  | { readonly type: "call" }
  /** One of those that run ends; which one, by its place among them. */
  | { readonly type: "end"; readonly pick: number; readonly outcome: Outcome }
  | { readonly type: "time"; readonly ms: number };
type Rules = Required<
  Pick<BreakerOptions, "consecutive" | "failureRate" | "window" | "minCalls" | "openMs" | "halfOpen">
>;

const outcome = fc.constantFrom<Outcome>("success", "success", "failure", "failure", "neutral");
const callEvent = fc.constant<Event>({ type: "call" });
const endEvent = fc.record({ type: fc.constant("end" as const), pick: fc.nat(7), outcome });
const timeEvent = (...ms: number[]) =>
  fc.record({ type: fc.constant("time" as const), ms: fc.constantFrom(...ms) });
const events = (time: fc.Arbitrary<Event>) =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: callEvent },
      { weight: 5, arbitrary: endEvent },
      { weight: 2, arbitrary: time },
    ),
    {
      maxLength: 60,
      size: "max",
    },
  );
const someRules = (most: { halfOpen: number }): fc.Arbitrary<Rules> =>
  fc.record({
    consecutive: fc.integer({ min: 1, max: 5 }),
    failureRate: fc.constantFrom(0.07, 0.25, 0.3, 0.5, 0.7, 1),
    window: fc.integer({ min: 1, max: 8 }),
    minCalls: fc.integer({ min: 1, max: 10 }),
    openMs: fc.constant(100),
    halfOpen: fc.integer({ min: 1, max: most.halfOpen }),
  });

/** Ours, driven by hand: calls that run are kept in a list until they are told to end. */
function drive(rules: Rules) {
  const clock = Object.assign(new FakeClock(), { now: () => Date.now() });
  let state = "closed";
  let changes = 0;
  const guard = breaker({
    ...rules,
    clock,
    onChange: ({ from, to }) => {
      assert.equal(from, state);
      state = to;
      changes++;
    },
  });
  return {
    state: () => state,
    changes: () => changes,
    /** What ends the call, or undefined when it was refused. */
    start() {
      let finish: ((outcome: Outcome) => void) | undefined;
      guard(createCall({ server: "s", tool: "t", args: {} }), () => {
        return new Promise<Result>((resolve, reject) => {
          finish = (how) => (how === "success" ? resolve(fine) : reject(how === "failure" ? fault : neutral));
        });
      }).catch((error: unknown) => {
        if (error !== fault && error !== neutral && !isBatonError(error, "CIRCUIT_OPEN")) throw error;
      });
      return finish;
    },
  };
}

/** The rules once more, written down as plainly as can be: whole histories in place of counters. */
class Reference {
  state: "closed" | "open" | "half-open" = "closed";
  #outcomes: ("success" | "failure")[] = [];
  #running = new Map<number, number>();
  #era = 0;
  #looks: number[] = [];
  #openings = 0;

  constructor(readonly rules: Rules) {}

  #enter(state: Reference["state"]): void {
    if (state === "open") this.#openings = this.state === "half-open" ? this.#openings + 1 : 0;
    this.state = state;
    this.#era++;
    this.#outcomes = [];
    this.#looks = [Date.now()];
  }

  start(id: number): boolean {
    if (this.state === "open") {
      this.#looks.push(Date.now());
      const steps = this.#looks.slice(1).map((at, index) => at - (this.#looks[index] ?? at));
      const passedMs = steps.reduce((sum, step) => sum + Math.max(0, step), 0);
      if (passedMs < this.rules.openMs * Math.min(64, 1.5 ** this.#openings)) return false;
      this.#enter("half-open");
    }
    if (this.state === "half-open") {
      const running = [...this.#running.values()].filter((era) => era === this.#era).length;
      if (running + this.#outcomes.length >= this.rules.halfOpen) return false;
    }
    this.#running.set(id, this.#era);
    return true;
  }

  end(id: number, outcome: Outcome): void {
    const isCurrent = this.#running.get(id) === this.#era;
    this.#running.delete(id);
    if (!isCurrent || outcome === "neutral") return;
    this.#outcomes.push(outcome);
    if (this.state === "half-open") {
      if (outcome === "failure") this.#enter("open");
      else if (this.#outcomes.length === this.rules.halfOpen) this.#enter("closed");
      return;
    }
    if (outcome === "success") return;
    const { consecutive, failureRate, window, minCalls } = this.rules;
    const isRow =
      this.#outcomes.length >= consecutive &&
      this.#outcomes.slice(-consecutive).every((each) => each === "failure");
    const recent = this.#outcomes.slice(-window);
    const share = recent.filter((each) => each === "failure").length / recent.length;
    const isShare = recent.length >= Math.min(minCalls, window) && share >= failureRate;
    if (isRow || isShare) this.#enter("open");
  }
}

/**
 * Cockatiel's breaker behind the same interface. Where it differs by intent, the difference is mapped:
 * it opens above a share, ours at it; its window starts with the probe's success, ours empty; callers queue behind its
 * probe, ours are refused; an error that it does not handle closes it, ours goes on probing.
 */
class Cockatiel {
  readonly #rules: Rules;
  readonly #breaker: IBreaker;
  #policy: CircuitBreakerPolicy;

  constructor(kind: (typeof kinds)[number], rules: Rules) {
    this.#rules = rules;
    const row = new ConsecutiveBreaker(rules.consecutive);
    const share = (): CountBreaker =>
      new CountBreaker({
        threshold: rules.failureRate - 1e-9,
        size: rules.window,
        minimumNumberOfCalls: rules.minCalls,
      });
    let recent = share();
    this.#breaker = {
      state: undefined,
      success(state) {
        row.success();
        if (state === CircuitState.HalfOpen) recent = share();
        else recent.success(state);
      },
      failure(state) {
        const isRow = row.failure();
        const isShare = recent.failure(state);
        return (kind !== "share" && isRow) || (kind !== "consecutive" && isShare);
      },
    };
    this.#policy = this.#create();
  }

  #create(initialState?: unknown): CircuitBreakerPolicy {
    const isFault = handleWhen((error) => error === fault);
    const { openMs } = this.#rules;
    return circuitBreaker(isFault, {
      halfOpenAfter: new IterableBackoff(
        Array.from({ length: 20 }, (_, opening) => Math.min(64, 1.5 ** opening) * openMs),
      ),
      breaker: this.#breaker,
      ...(initialState ? { initialState } : {}),
    });
  }

  isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  async start(): Promise<((outcome: Outcome) => void) | undefined> {
    if (this.#policy.state === CircuitState.HalfOpen) return undefined;
    let finish: ((outcome: Outcome) => void) | undefined;
    const policy = this.#policy;
    policy
      .execute(
        () =>
          new Promise<void>((resolve, reject) => {
            finish = (how) => (how === "success" ? resolve() : reject(how === "failure" ? fault : neutral));
          }),
      )
      .catch(() => {});
    await settle();
    if (policy.state !== CircuitState.HalfOpen) return finish;
    return (how) => {
      // Open, and due at once: its own way to write down a circuit whose probe is gone. It counts the probe as failed.
      if (how === "neutral") {
        const { ownState, ...rest } = policy.toJSON() as { ownState: { attemptNo: number } };
        this.#policy = this.#create({
          ...rest,
          ownState: { ...ownState, attemptNo: ownState.attemptNo - 1 },
        });
      } else finish?.(how);
    };
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

describe(`breaker() in ${SEQUENCES} random histories, seed ${SEED}`, () => {
  test("does what the written rules say, and half-open never has more than n calls out", async () => {
    const seen = { calls: 0, refused: 0, opened: 0, halfOpened: 0, closed: 0 };
    const history = events(timeEvent(1, 50, 99, 100, 100, 1000, -1, -60, -3_600_000));
    await fc.assert(
      fc.asyncProperty(someRules({ halfOpen: 3 }), history, async (rules, steps) => {
        const ours = drive(rules);
        const reference = new Reference(rules);
        const running: { id: number; era: number; finish: (outcome: Outcome) => void }[] = [];
        for (const [id, step] of steps.entries()) {
          if (step.type === "time") vi.setSystemTime(Date.now() + step.ms);
          else if (step.type === "call") {
            const finish = ours.start();
            assert.equal(finish !== undefined, reference.start(id));
            seen.calls++;
            if (finish) running.push({ id, era: ours.changes(), finish });
            else seen.refused++;
          } else {
            const [ended] = running.splice(step.pick % Math.max(1, running.length), 1);
            if (!ended) continue;
            ended.finish(step.outcome);
            reference.end(ended.id, step.outcome);
            const before = ours.state();
            await settle();
            if (before !== ours.state()) seen[ours.state() === "open" ? "opened" : "closed"]++;
          }
          assert.equal(ours.state(), reference.state);
          if (ours.state() !== "half-open") continue;
          if (step.type === "call") seen.halfOpened++;
          const probes = running.filter(({ era }) => era === ours.changes());
          assert.ok(probes.length <= rules.halfOpen);
        }
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(500);
  }, 120_000);

  test("agrees with cockatiel", async () => {
    const seen = { opened: 0, closed: 0 };
    const some = fc.tuple(fc.constantFrom(...kinds), someRules({ halfOpen: 1 })).map(([kind, rules]) => ({
      kind,
      ...rules,
      // What is not compared must never open it.
      consecutive: kind === "share" ? 10_000 : rules.consecutive,
      minCalls: kind === "consecutive" ? 10_000 : Math.min(rules.minCalls, rules.window),
      window: kind === "consecutive" ? 10_000 : rules.window,
    }));
    await fc.assert(
      fc.asyncProperty(some, events(timeEvent(1, 50, 99, 100, 1000)), async ({ kind, ...rules }, steps) => {
        const ours = drive(rules);
        const theirs = new Cockatiel(kind, rules);
        const running: { era: number; ends: ((outcome: Outcome) => void)[] }[] = [];
        for (const step of steps) {
          if (step.type === "time") vi.setSystemTime(Date.now() + step.ms);
          else if (step.type === "call") {
            const end = ours.start();
            const theirEnd = await theirs.start();
            assert.equal(end !== undefined, theirEnd !== undefined);
            if (end && theirEnd) running.push({ era: ours.changes(), ends: [end, theirEnd] });
          } else {
            const [ended] = running.splice(step.pick % Math.max(1, running.length), 1);
            if (!ended) continue;
            const isLate = ended.era !== ours.changes();
            const before = ours.state();
            ended.ends[0]?.(step.outcome);
            // To cockatiel a late outcome still counts; a neutral one does not.
            ended.ends[1]?.(isLate ? "neutral" : step.outcome);
            await settle();
            if (before !== ours.state()) seen[ours.state() === "open" ? "opened" : "closed"]++;
          }
          assert.equal(theirs.isClosed(), ours.state() === "closed");
        }
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(500);
  }, 120_000);
});
