import type { Call, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { isRepeatable } from "../core/repeat.js";
import type { Result } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { createLatencyWindow } from "./shared/latency.js";
import { perKey } from "./shared/per-key.js";
import { started } from "./shared/started.js";

export interface AdaptiveTimeoutOptions {
  /** An attempt may take this many times as long as 95 % of the tool's recent ones. @default 4 */
  readonly factor?: number;
  /** Never less, in milliseconds. @default 5_000 */
  readonly minMs?: number;
  /** Never more, in milliseconds. @default 60_000 */
  readonly maxMs?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Everything inside ends within `totalMs`: all attempts of a `retry` together when this stands outside of it.
 * It sets `call.deadline`, which every wait and every request inside keeps to. Should something inside not, the call
 * still ends, a twentieth later.
 *
 * @throws {BatonError} `TIMEOUT`; `CONFIG_INVALID` when `totalMs` is no whole number of milliseconds up to a day
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [timeout(30_000), retry()] });
 * ```
 */
export function timeout(
  totalMs: number,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Middleware {
  checkOptions("timeout", { totalMs });
  return function withinDeadline(call, next) {
    const now = clock.now();
    const deadline = Math.min(call.deadline ?? Number.POSITIVE_INFINITY, now + totalMs);
    const leftMs = deadline - now;
    // What waits inside says better why it ended, so it gets a moment to do so.
    const guardMs = leftMs + Math.min(100, leftMs / 20);
    return new Promise<Result>((resolve, reject) => {
      if (leftMs <= 0) {
        reject(late(call, "the deadline had passed before anything was sent", 0, "none"));
        return;
      }
      const giveUp = (): void => reject(late(call, `not finished within ${leftMs} ms`, leftMs, "possible"));
      const cancel = clock.after(guardMs, giveUp);
      started(next, { ...call, deadline }).then(
        (result) => {
          cancel();
          resolve(result);
        },
        (error: unknown) => {
          cancel();
          reject(error);
        },
      );
    });
  };
}

/**
 * Limits each attempt by how long the tool usually takes, so that a hanging one is given up in seconds and not at
 * the server's limit. Only attempts that can be repeated: to cut the others short would turn a slow success into
 * an unknown outcome. Progress extends the limit as any other. Place it innermost.
 *
 * A tool's first 20 calls run under the usual limit, or under a shorter one that the call or its server has.
 *
 * @throws {BatonError} `CONFIG_INVALID` for an option that cannot be used
 */
export function adaptiveTimeout(options: AdaptiveTimeoutOptions = {}): Middleware {
  checkOptions("timeout", options);
  const { factor = 4, minMs = 5_000, maxMs = 60_000, clock = systemClock } = options;
  const windowOf = perKey(createLatencyWindow);
  return async function withinUsualTime(call, next) {
    const recent = windowOf(`${call.server}.${call.tool}`);
    const startedAt = clock.now();
    const attempt = limited(call, recent.percentile(0.95));
    try {
      const result = await next(attempt);
      recent.record(clock.now() - startedAt);
      return result;
    } catch (error) {
      // What ran into our limit counts as long, or it would never learn that a tool has become slower. What a caller's
      // own limit cut short says nothing of the tool.
      const tookMs = clock.now() - startedAt;
      if (attempt !== call && isBatonError(error, "TIMEOUT") && tookMs >= (attempt.timeoutMs ?? 0))
        recent.record(tookMs);
      throw error;
    }
  };

  function limited(call: Call, usualMs: number | undefined): Call {
    if (!isRepeatable(call)) return call;
    const adaptedMs = usualMs === undefined ? maxMs : Math.min(maxMs, Math.max(minMs, usualMs * factor));
    const timeoutMs = Math.min(adaptedMs, call.timeoutMs ?? Number.POSITIVE_INFINITY);
    return timeoutMs === call.timeoutMs ? call : { ...call, timeoutMs };
  }
}

function late(
  { server, tool }: Call,
  problem: string,
  timeoutMs: number,
  effect: "none" | "possible",
): BatonError {
  const message = `server '${server}', tool '${tool}': ${problem}; give it more time, or ask for less`;
  return new BatonError("TIMEOUT", message, { retryable: true, effect, data: { server, tool, timeoutMs } });
}
