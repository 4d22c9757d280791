import type { Clock } from "../core/clock.js";
import { RULE } from "./check-options.js";
import { collect, notReached } from "./collect.js";
import type { Failed, JobEvent, Jobs, Settled } from "./job.js";

export interface FanOutOptions {
  /** Longest time of all jobs in milliseconds; what is not over then counts as failed. `merge` is not limited. @default none */
  readonly timeoutMs?: number;
  /** Most jobs at the same time. @default all */
  readonly concurrency?: number;
  /** Fewest results with which the call succeeds. @default 1, or 0 where there are no jobs */
  readonly require?: number;
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Hears of each job. Must not throw. */
  readonly onEvent?: (event: JobEvent) => void;
}

/** Makes one answer of many. Both lists are in the order of the jobs. */
export type Merge<T, R> = (results: readonly Settled<T>[], errors: readonly Failed[]) => R | Promise<R>;

/** What came of the jobs, in their order. */
export interface FanOutResult<T> {
  readonly results: readonly Settled<T>[];
  readonly errors: readonly Failed[];
}

const RULES = {
  timeoutMs: RULE.timeoutMs,
  concurrency: RULE.count,
  require: RULE.wholeFromZero,
  merge: RULE.function,
  signal: RULE.signal,
  clock: RULE.clock,
  onEvent: RULE.function,
};

/**
 * Runs all jobs at once and makes one answer of what comes back; some may fail.
 *
 * @throws {BatonError} `QUORUM_NOT_REACHED` with fewer results than `require`, which says what failed and why;
 *   `CANCELLED`; `TIMEOUT` when the jobs could not be listed in time; `CONFIG_INVALID`
 * @example
 * ```ts
 * const { results, errors } = await fanOut(calls(servers, "search", { query }), { timeoutMs: 30_000 });
 * ```
 */
export function fanOut<T>(jobs: Jobs<T>, options?: FanOutOptions): Promise<FanOutResult<T>>;
export function fanOut<T, R>(
  jobs: Jobs<T>,
  options: FanOutOptions & { readonly merge: Merge<T, R> },
): Promise<R>;
export async function fanOut<T, R>(
  jobs: Jobs<T>,
  options: FanOutOptions & { readonly merge?: Merge<T, R> } = {},
): Promise<FanOutResult<T> | R> {
  const { merge, require } = options;
  const neededOf = (total: number) => require ?? Math.min(1, total);
  return collect<T, T, FanOutResult<T> | R>(jobs, options, {
    what: "fanOut()",
    rules: RULES,
    toRun: (job) => job,
    // Not even the first one is run for nothing.
    isEnough: ({ total }) => total < neededOf(total),
    conclude(progress) {
      const { total, results, errors, ends } = progress;
      const needed = neededOf(total);
      if (results.length < needed) throw notReached("fanOut()", needed, progress);
      const ordered = {
        results: ends.filter((end): end is Settled<T> => end !== undefined && "value" in end),
        errors: errors.length === 0 ? errors : ends.filter(isFailed),
      };
      return merge ? merge(ordered.results, ordered.errors) : ordered;
    },
  });
}

function isFailed(end: object | undefined): end is Failed {
  return end !== undefined && "error" in end;
}
