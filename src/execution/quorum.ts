import type { Clock } from "../core/clock.js";
import { type Accept, accepting } from "./accepting.js";
import { RULE } from "./check-options.js";
import { collect, notReached } from "./collect.js";
import type { JobEvent, Jobs, Settled } from "./job.js";

export interface QuorumOptions<T> {
  /** How many accepted results are enough. */
  readonly size: number;
  /** Whether a result counts. One that throws counts against its job. @default every result does */
  readonly accept?: Accept<T>;
  /** Longest time of the whole call in milliseconds; what is not over then counts as failed. @default none */
  readonly timeoutMs?: number;
  /** Most jobs at the same time. @default all */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Hears of each job. Must not throw. */
  readonly onEvent?: (event: JobEvent) => void;
}

const RULES = {
  size: { ...RULE.wholeFromOne, isRequired: true },
  accept: RULE.function,
  timeoutMs: RULE.timeoutMs,
  concurrency: RULE.count,
  signal: RULE.signal,
  clock: RULE.clock,
  onEvent: RULE.function,
};

/**
 * The first `size` accepted results, in the order in which they came; the rest is cancelled at once.
 *
 * @throws {BatonError} `QUORUM_NOT_REACHED` as soon as too few jobs are left, with what was accepted until then;
 *   `CANCELLED`; `TIMEOUT` when the jobs could not be listed in time; `CONFIG_INVALID`
 * @example
 * ```ts
 * const prices = await quorum(calls(servers, "quote", { symbol }), { size: 3, timeoutMs: 5_000 });
 * ```
 */
export async function quorum<T>(jobs: Jobs<T>, options: QuorumOptions<T>): Promise<readonly Settled<T>[]> {
  const { size, accept } = options;
  return collect(jobs, options, {
    what: "quorum()",
    rules: RULES,
    toRun: (job) => accepting(job, accept),
    isEnough: ({ total, results, errors }) => results.length >= size || total - errors.length < size,
    conclude(progress) {
      if (progress.results.length < size) throw notReached("quorum()", size, progress);
      return progress.results;
    },
  });
}
