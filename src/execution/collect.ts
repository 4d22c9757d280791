import { systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { configInvalid } from "../core/faults.js";
import { checkOptions, type Rules } from "./check-options.js";
import { toFacts } from "./failure.js";
import type { Job, Jobs } from "./job.js";
import { later } from "./later.js";
import { type Progress, type Run, type RunJobsOptions, runJobs } from "./run-jobs.js";
import { inScope, type Scope } from "./scope.js";

export interface CollectOptions extends RunJobsOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How one function differs from another. */
export interface Plan<Given, T, R> extends Pick<Run<T>, "what" | "isEnough"> {
  /** Of its options. */
  readonly rules: Rules;
  /** What is done with each job. */
  toRun(job: Job<Given>): Job<T>;
  /** Makes of it what the caller gets, or throws. */
  conclude(progress: Progress<T>): R | Promise<R>;
}

/** How many failures a message tells of. */
const SHOWN = 5;

/** Lists jobs and runs them until enough is known, then stops the rest. Settles at once when the signal fires. */
export async function collect<Given, T, R>(
  jobs: Jobs<Given>,
  options: CollectOptions,
  plan: Plan<Given, T, R>,
): Promise<R> {
  const promised = Promise.resolve(jobs);
  // Nobody waits for them when an option is wrong or the signal has fired.
  promised.catch(() => {});
  checkOptions(plan.what, options, plan.rules);
  return inScope(plan.what, options.signal, async (scope) => {
    const beganAt = (options.clock ?? systemClock).now();
    const list = Array.isArray(jobs) ? jobs : await inTime(promised, options, plan.what, scope);
    scope.signal.throwIfAborted();
    if (!isListOfJobs(list)) {
      const problem = "the jobs must be a list of objects { name, run(signal) }, or a promise of one";
      throw configInvalid(plan.what, [{ path: "", problem }]);
    }
    const { what, isEnough } = plan;
    const jobsToRun = list.map((job) => plan.toRun(job));
    return plan.conclude(await runJobs(jobsToRun, options, { what, isEnough, scope, beganAt }));
  });
}

function inTime<T>(
  jobs: Promise<readonly Job<T>[]>,
  { timeoutMs, clock = systemClock }: CollectOptions,
  what: string,
  { signal }: Scope,
): Promise<readonly Job<T>[]> {
  if (timeoutMs === undefined) return jobs;
  return new Promise((resolve, reject) => {
    const stop = later(clock, timeoutMs, () => {
      const problem = `${what}: the list of jobs was not there within ${timeoutMs} ms; nothing was started`;
      reject(new BatonError("TIMEOUT", problem, { retryable: true, data: { timeoutMs } }));
    });
    signal.addEventListener("abort", stop, { once: true });
    jobs.finally(stop).then(resolve, reject);
  });
}

/** The error of too few results: it says what failed and why. */
export function notReached<T>(
  what: string,
  needed: number,
  { total, results, errors }: Progress<T>,
): BatonError {
  const shown = errors.slice(0, SHOWN).map(({ name, error }) => `${name}: ${error.code}, ${error.message}`);
  const more = errors.length > SHOWN ? `; and ${errors.length - SHOWN} more` : "";
  const reasons = shown.length > 0 ? `: ${shown.join("; ")}${more}` : "; ask for fewer, or give it more jobs";
  const problem = `${what}: ${needed} of ${total} jobs must come to a result, and ${results.length} did${reasons}`;
  const hadEffect = results.length > 0 || errors.some(({ error }) => error.effect === "possible");
  return new BatonError("QUORUM_NOT_REACHED", problem, {
    retryable: errors.some(({ error }) => error.retryable),
    effect: hadEffect ? "possible" : "none",
    data: { needed, results, errors: errors.map(toFacts) },
  });
}

function isListOfJobs(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  // A copy, as every() leaves out holes.
  return [...list].every((job: unknown) => {
    const { name, run } = (job ?? {}) as Partial<Job<unknown>>;
    return typeof name === "string" && typeof run === "function";
  });
}
