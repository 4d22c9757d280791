import type { Call, Caller, Handler, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { within } from "./shared/flight.js";
import { type Scope, scopeKey } from "./shared/scope.js";
import { memoryRateStore } from "./stores/memory-rate.js";

/** `calls` come back every `perMs`, evenly; `burst` of them can be saved up. */
export interface Rate {
  readonly calls: number;
  readonly perMs: number;
  readonly burst: number;
}

/** Where the buckets are kept. */
export interface RateStore {
  /** For error messages, as in "redis". */
  readonly name: string;
  /**
   * Takes one call out of the bucket of this key. 0 when it was there; else nothing is taken, and the answer is in how
   * many milliseconds it will be. Rejects when it cannot tell.
   */
  take(key: string, rate: Rate): number | Promise<number>;
}

export interface RateLimitOptions {
  /** So many calls in each `perMs`. */
  readonly calls: number;
  /** In milliseconds. */
  readonly perMs: number;
  /** Most calls at once after a quiet time. @default calls */
  readonly burst?: number;
  /** One limit for each server, each tool, or each caller whatever it calls. @default "server" */
  readonly per?: Scope | "caller";
  /** Shares the limit with other processes. @default this process's memory */
  readonly store?: RateStore;
  /** What becomes of calls while the store does not answer: "open" lets them pass, "closed" refuses. @default "closed" */
  readonly whenStoreFails?: "open" | "closed";
  /** Time for the limit in memory; a shared store has its own. @default systemClock */
  readonly clock?: Clock;
}

/**
 * At most `calls` in each `perMs`, with bursts up to `burst`: a token bucket, exact to the millisecond. A call over the
 * limit is refused and not delayed; a `retry` outside waits as long as it is told to.
 *
 * A caller is its tenant, user and agent together; all calls that say nothing of these share one limit.
 *
 * @throws {BatonError} `RATE_LIMITED` with `data.retryAfterMs`; `STORE` when the store fails and `whenStoreFails` is
 *   "closed"; `CANCELLED` while the store is asked. Nothing was sent then
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [rateLimit({ calls: 100, perMs: 60_000, per: "caller" })] });
 * ```
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkOptions("rateLimit", options);
  const { calls, perMs, burst = calls, per = "server", whenStoreFails = "closed" } = options;
  const { clock = systemClock } = options;
  if (calls === undefined || perMs === undefined) {
    const problem = "rateLimit(): calls and perMs are both needed, as in { calls: 100, perMs: 60_000 }";
    throw new BatonError("CONFIG_INVALID", problem, { data: { part: "rateLimit" } });
  }
  const rate: Rate = { calls, perMs, burst };
  const store = options.store ?? memoryRateStore(clock);
  const keyOf = per === "caller" ? callerKey : scopeKey(per);

  return function rateLimiting(call, next) {
    let waitMs: number | Promise<number>;
    try {
      waitMs = store.take(`${per}:${keyOf(call)}`, rate);
    } catch (error) {
      waitMs = Promise.reject(error);
    }
    if (waitMs === 0) return next(call);
    if (typeof waitMs === "number") return Promise.reject(limited(call, waitMs));
    return whenTold(waitMs, call, next);
  };

  async function whenTold(answer: Promise<number>, call: Call, next: Handler): Promise<Result> {
    let waitMs = 0;
    try {
      waitMs = await within(answer, call, clock, "none");
    } catch (error) {
      if (call.signal?.aborted || isBatonError(error, "TIMEOUT")) throw error;
      if (whenStoreFails === "closed") throw unknown(call, error);
    }
    if (waitMs > 0) throw limited(call, waitMs);
    return next(call);
  }

  function limited({ server, tool }: Call, retryAfterMs: number): BatonError {
    const message = `server '${server}', tool '${tool}': not sent, as this ${per} may make ${calls} calls in ${perMs} ms, ${burst} at once; try again in ${retryAfterMs} ms`;
    return new BatonError("RATE_LIMITED", message, { retryable: true, data: { server, tool, retryAfterMs } });
  }

  function unknown({ server, tool }: Call, cause: unknown): BatonError {
    const message = `server '${server}', tool '${tool}': not sent, as the ${store.name} store of the rate limit does not answer; try again, or let calls pass meanwhile with whenStoreFails "open"`;
    return new BatonError("STORE", message, {
      cause,
      retryable: true,
      data: { server, tool, store: store.name },
    });
  }
}

/** JSON keeps apart what is not there, what is empty, and what contains the separator of another encoding. */
function callerKey({ caller }: Call): string {
  const { tenant, user, agent }: Caller = caller ?? {};
  return JSON.stringify([tenant, user, agent]);
}
