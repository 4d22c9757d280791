import { setMaxListeners } from "node:events";
import { whileWanted } from "../../agents/work/while-wanted.js";
import type { Clock } from "../../core/clock.js";
import { BatonError, type ErrorCode, isBatonError, isInterrupt, reasonOf } from "../../core/errors.js";
import { later } from "../../execution/later.js";
import type { Notes } from "./notes.js";
import type { RecordedError } from "./record.js";
import type { StepRetry } from "./step.js";

export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  /** For what this attempt does: the same until somebody says that it ran and failed. */
  readonly key: string;
  readonly signal: AbortSignal;
}

export interface AttemptOptions {
  /** What is tried, for the error of one that takes too long: `step 'order'`. */
  readonly what: string;
  readonly key: string;
  readonly retry: Required<StepRetry>;
  /** Of one attempt. */
  readonly timeoutMs: number | undefined;
  /** Nothing is tried after this, in milliseconds since the epoch. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  onRetry(attempt: number, error: RecordedError): void;
  readonly notes: Notes;
  /** Known from earlier. @default 0 */
  readonly refusals?: number;
  /** It has something that undoes it: that it was begun must outlive the process. */
  readonly isUndoable: boolean;
}

/** What attempts came to. */
export type Attempted<T> =
  | { readonly status: "done"; readonly value: T; readonly attempts: number }
  | {
      readonly status: "failed";
      readonly error: RecordedError;
      /** Nobody knows whether it was done. */
      readonly effect?: "possible";
      readonly attempts: number;
      /** How often somebody said that it ran and failed, all told. */
      readonly refusals: number;
    };

/** Another attempt would come to the same, or must not be made. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "BUDGET_EXCEEDED",
  "CANCELLED",
  "CONFIG_INVALID",
  "DEFINITION_CHANGED",
  "DENIED",
  "IDEMPOTENCY_CONFLICT",
  "INVALID_ARGUMENTS",
  "OUTCOME_UNKNOWN",
  "REJECTED",
  "RESULT_TOO_LARGE",
  "UNAUTHORIZED",
]);

/**
 * Tries until it succeeds or may not be tried again. A failure is an outcome; an interrupt and the end of the whole run
 * are thrown. What ran and said that it failed is tried under a new key, as whoever keeps results by key would only
 * repeat what it said; everything else under the same.
 */
export async function tryUntilDone<T>(
  work: (attempt: Attempt) => Promise<T>,
  options: AttemptOptions,
): Promise<Attempted<T>> {
  const { key, retry, clock, signal, notes, isUndoable } = options;
  let refusals = Math.max(options.refusals ?? 0, await notes.refusalsOf(key));
  let unknown = isUndoable && (await notes.wasBegun(key));
  if (isUndoable && !unknown) await notes.begin(key);
  for (let number = 1; ; number++) {
    try {
      const attempt = { number, key: refusals === 0 ? key : `${key}#${refusals + 1}` };
      return { status: "done", value: await inTime(attempt, work, options), attempts: number };
    } catch (error) {
      if (isInterrupt(error)) throw error;
      if (signal?.aborted) throw signal.reason;
      const recorded = toRecordedError(error);
      const isFinal = isBatonError(error) && FINAL.has(error.code);
      const isRefusal = ranAndFailed(error);
      // What may have been done stays so, until an answer to the same key says that it was not.
      unknown = !isRefusal && (unknown || (isBatonError(error) && error.effect === "possible"));
      if (isFinal || number > retry.times || isPast(options)) {
        return {
          status: "failed",
          error: recorded,
          ...(unknown ? { effect: "possible" as const } : {}),
          attempts: number,
          refusals: refusals + (isRefusal ? 1 : 0),
        };
      }
      if (isRefusal) await notes.refuse(key, ++refusals);
      options.onRetry(number + 1, recorded);
      const delayMs = Math.min(retry.delayMs * 2 ** (number - 1), retry.maxDelayMs);
      await clock.sleep(delayMs * (1 + clock.random()), signal);
    }
  }
}

/** The work, or its end by the caller's signal or the limits, also when it does not listen. */
async function inTime<T>(
  attempt: Omit<Attempt, "signal">,
  work: (attempt: Attempt) => Promise<T>,
  { what, timeoutMs, deadline, signal, clock }: AttemptOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const leftMs = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - clock.now();
  if (leftMs <= 0) throw tooLate(what, "none");
  const limitMs = Math.min(timeoutMs ?? Number.POSITIVE_INFINITY, leftMs);
  const limit = new AbortController();
  const both = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]);
  setMaxListeners(0, both);
  const cancel =
    limitMs === Number.POSITIVE_INFINITY
      ? undefined
      : later(clock, limitMs, () =>
          limit.abort(limitMs === leftMs ? tooLate(what, "possible") : tooLong(what, limitMs)),
        );
  try {
    return await whileWanted(Promise.resolve(work({ ...attempt, signal: both })), both);
  } finally {
    cancel?.();
  }
}

function isPast({ deadline, clock }: AttemptOptions): boolean {
  return deadline !== undefined && clock.now() >= deadline;
}

/** Somebody answered, and the answer is that it did not work. */
function ranAndFailed(error: unknown): boolean {
  return isBatonError(error) && error.data.result !== undefined;
}

const LONGEST_REASON = 2000;

export function toRecordedError(error: unknown): RecordedError {
  const reason = reasonOf(error);
  const message = reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON)}…`;
  return isBatonError(error) ? { code: error.code, message } : { message };
}

function tooLong(what: string, timeoutMs: number): BatonError {
  const problem = `${what} took longer than ${timeoutMs} ms: raise its timeoutMs, or make it quicker`;
  return new BatonError("TIMEOUT", problem, { retryable: true, effect: "possible", data: { timeoutMs } });
}

function tooLate(what: string, effect: "none" | "possible"): BatonError {
  const problem = `${what} was not done before the time of the run was over: raise the workflow's timeoutMs`;
  return new BatonError("TIMEOUT", problem, { effect });
}
