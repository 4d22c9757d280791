import type { Call, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { isSafeToRepeat } from "../core/repeat.js";
import { withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { cancelled } from "./shared/cancelled.js";
import { perKey } from "./shared/per-key.js";

export interface RetryOptions {
  /** Most runs of one call, the first included. @default 5 */
  readonly attempts?: number;
  /** Longest wait before the second attempt in milliseconds; it doubles with each further one. @default 100 */
  readonly baseMs?: number;
  /**
   * No wait is longer, in milliseconds; one that a server asks for and that is longer ends the call. Nor is a server
   * that is not there, or held back by a breaker, waited for longer in all. @default 10_000
   */
  readonly maxDelayMs?: number;
  /** Retries that a server may cost at once; one that keeps failing gets no more than these. @default 50 */
  readonly reserve?: number;
  /** What each success gives back to the reserve: the share of retries that a server may cost for long. @default 0.2 */
  readonly perSuccess?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** A server that is away is looked for often: to find it gone again costs it nothing. */
const LONGEST_UNSENT_MS = 500;

/**
 * Runs a call again when that may help and can do no harm: the error is `retryable`, and nothing was sent, or the
 * tool is `readOnly` or `idempotent`, or the call has an idempotency key. A tool that ran and said that it failed is
 * never repeated.
 *
 * Waits a random time up to the exponential one (full jitter), or as long as the server asked for, and never past
 * the call's deadline. Runs that found no connection or an open breaker do not count. Retries come out of a budget per
 * server, a token bucket that successes fill, so that a server that is down sees hardly more calls than without
 * retries. The result says `obtained.attempts`, an error `data.attempts`, when there was more than one.
 *
 * Source of the method: "Exponential Backoff And Jitter" and the retry quota of the AWS SDKs' standard mode.
 *
 * @throws {BatonError} the last attempt's error; `CANCELLED` by the signal during a wait
 */
export function retry(options: RetryOptions = {}): Middleware {
  checkOptions("retry", options);
  const { attempts = 5, baseMs = 100, maxDelayMs = 10_000, clock = systemClock } = options;
  const { reserve = 50, perSuccess = 0.2 } = options;
  const budgetOf = perKey(() => ({ tokens: reserve }));

  return async function retrying(call, next) {
    const budget = budgetOf(call.server);
    let attempt = 1;
    let unsent = 0;
    let unsentSince = 0;
    for (;;) {
      try {
        const result = await next(call);
        if (budget.tokens < reserve) budget.tokens = Math.min(reserve, budget.tokens + perSuccess);
        return attempt === 1 ? result : withObtained(result, { attempts: attempt });
      } catch (error) {
        if (!isBatonError(error)) throw error;
        const now = clock.now();
        const wasSent = !isUnsent(error);
        if (!wasSent && unsent++ === 0) unsentSince = now;
        const delayMs = canRepeat(call, error)
          ? delayAfter(wasSent ? attempt : unsent, error)
          : Number.POSITIVE_INFINITY;
        const isOver = wasSent
          ? attempt >= attempts || budget.tokens < 1
          : now + delayMs - unsentSince > maxDelayMs;
        const isInTime = call.deadline === undefined || now + delayMs < call.deadline;
        if (isOver || !isInTime || delayMs === Number.POSITIVE_INFINITY)
          throw attempt === 1 ? error : counted(error, attempt);
        if (wasSent) {
          attempt++;
          unsent = 0;
          budget.tokens--;
        }
        await wait(delayMs, call, error);
      }
    }
  };

  /** In milliseconds; infinite when the server wants more time than we give. */
  function delayAfter(failures: number, error: BatonError): number {
    const longestMs = Math.min(
      isUnsent(error) ? LONGEST_UNSENT_MS : maxDelayMs,
      baseMs * 2 ** (failures - 1),
    );
    const { retryAfterMs } = error.data;
    if (typeof retryAfterMs !== "number") return clock.random() * longestMs;
    // All who were told the same time would come back at the same time.
    return retryAfterMs > maxDelayMs ? Number.POSITIVE_INFINITY : retryAfterMs + clock.random() * baseMs;
  }

  async function wait(delayMs: number, call: Call, error: BatonError): Promise<void> {
    try {
      await clock.sleep(delayMs, call.signal);
    } catch (reason) {
      if (call.signal?.aborted) throw cancelled(call, error.effect);
      throw reason;
    }
  }
}

/**
 * It never came as far as the server: there was no connection, or a breaker held it back. That is no attempt and costs
 * the server nothing, so it is waited for, but not for long.
 */
function isUnsent({ code, effect }: BatonError): boolean {
  if (code === "TIMEOUT") return effect === "none";
  return code === "CIRCUIT_OPEN" || code === "NOT_CONNECTED" || code === "CONNECT_FAILED";
}

function canRepeat(call: Call, error: BatonError): boolean {
  return error.retryable && isSafeToRepeat(call, error) && call.signal?.aborted !== true;
}

/** The same error, and how often it was tried. */
function counted(
  { code, message, retryable, effect, data, cause }: BatonError,
  attempts: number,
): BatonError {
  return new BatonError(code, `${message} (${attempts} attempts)`, {
    cause,
    retryable,
    effect,
    data: { ...data, attempts },
  });
}
