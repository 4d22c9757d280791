import type { Clock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { type Accept, accepting } from "./accepting.js";
import { RULE } from "./check-options.js";
import { collect, notReached } from "./collect.js";
import type { Job, JobEvent, Jobs, Settled } from "./job.js";

export interface SpeculateOptions<T> {
  /** Whether a result can win. One that throws counts against its job. @default every result can */
  readonly accept?: Accept<T>;
  /** How good a result is: the best of all that come in time wins. @default the first wins */
  readonly score?: (value: T, name: string) => number | Promise<number>;
  /** A score that ends the contest at once. Only with `score`. @default none */
  readonly enough?: number;
  /** The next job starts so many milliseconds after the one before, or when that one fails. @default 0, all at once */
  readonly delayMs?: number;
  /** Longest time of the whole call in milliseconds; the best until then wins. @default none */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Hears of each job. Must not throw. */
  readonly onEvent?: (event: JobEvent) => void;
}

/** Who won. */
export interface Winner<T> extends Settled<T> {
  /** Where there is a `score`. */
  readonly score?: number;
}

const RULES = {
  accept: RULE.function,
  score: RULE.function,
  enough: RULE.number,
  delayMs: RULE.delayMs,
  timeoutMs: RULE.timeoutMs,
  signal: RULE.signal,
  clock: RULE.clock,
  onEvent: RULE.function,
};

/**
 * Tries several ways to the same end: the first accepted result wins, or with `score` the best one, and the rest is
 * cancelled. The jobs should have no effect that is not wanted more than once.
 *
 * @throws {BatonError} `QUORUM_NOT_REACHED` when no job comes to an accepted result, with why each did not; `CANCELLED`;
 *   `TIMEOUT` when the jobs could not be listed in time; `CONFIG_INVALID`
 * @example
 * ```ts
 * const { value, name } = await speculate([fast, thorough], { delayMs: 500 });
 * ```
 */
export async function speculate<T>(jobs: Jobs<T>, options: SpeculateOptions<T> = {}): Promise<Winner<T>> {
  const { accept, score, enough = Number.POSITIVE_INFINITY } = options;
  return collect<T, Scored<T>, Winner<T>>(jobs, options, {
    what: "speculate()",
    rules: score ? RULES : { ...RULES, enough: NOT_WITHOUT_SCORE },
    toRun: (job) => scoring(accepting(job, accept), score),
    isEnough: ({ results }) => results.some(({ value: { score: s } }) => s === undefined || s >= enough),
    conclude(progress) {
      const [first, ...others] = progress.results;
      if (first === undefined) throw notReached("speculate()", 1, progress);
      // Of equals the one that came first.
      const { value: best, ...rest } = others.reduce(
        (one, other) => (isBetter(other, one) ? other : one),
        first,
      );
      return { ...rest, ...best };
    },
  });
}

const NOT_WITHOUT_SCORE = { must: "left out without a score", test: () => false };

interface Scored<T> {
  readonly value: T;
  readonly score?: number;
}

function scoring<T>(job: Job<T>, score: SpeculateOptions<T>["score"]): Job<Scored<T>> {
  const { name } = job;
  return {
    name,
    async run(signal) {
      const value = await job.run(signal);
      if (score === undefined) return { value };
      const points: unknown = await score(value, name);
      if (typeof points === "number" && !Number.isNaN(points)) return { value, score: points };
      throw new BatonError("INVALID_RESULT", `${name}: its score is ${String(points)}, which is no number`, {
        effect: "possible",
      });
    },
  };
}

function isBetter<T>(one: Settled<Scored<T>>, other: Settled<Scored<T>>): boolean {
  return (one.value.score ?? 0) > (other.value.score ?? 0);
}
