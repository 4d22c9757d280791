import type { Call, Handler, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { type Result, withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { createLatencyWindow, type LatencyWindow } from "./shared/latency.js";
import { perKey } from "./shared/per-key.js";
import { redirected } from "./shared/redirected.js";
import { started } from "./shared/started.js";

export interface HedgeOptions {
  /** A second request goes out when the first takes longer than this share of the recent ones. @default 0.95 */
  readonly percentile?: number;
  /** Most second requests, as a share of all calls. @default 0.05 */
  readonly extra?: number;
  /** No second request sooner, in milliseconds. @default 1 */
  readonly minDelayMs?: number;
  /**
   * The server that gets the second request: a name, or a function of the call. It must be a replica that the same
   * callers may use, as rules that stand outside have decided about the first. Must not throw. @default the same server
   */
  readonly to?: string | ((call: Call) => string | undefined);
  /** @default systemClock */
  readonly clock?: Clock;
}

/** Unused allowance of quiet times does not pile up to a burst. */
const MOST_SAVED = 10;

/**
 * Asks a second time when an answer is late, takes whichever comes first and cancels the other. For `readOnly` tools
 * only, whatever keys or hints say else. Gains much where slowness is a server's bad moment and the second request
 * goes to a replica, and little where both end up in the same queue.
 *
 * Does nothing for a tool's first 20 calls, until it knows what late is. The result says `obtained.hedged` when
 * the second request gave it.
 *
 * Source of the method: Dean and Barroso, "The Tail at Scale" (2013).
 */
export function hedge(options: HedgeOptions = {}): Middleware {
  checkOptions("hedge", options);
  const { percentile = 0.95, extra = 0.05, minDelayMs = 1, clock = systemClock } = options;
  const target = typeof options.to === "function" ? options.to : () => options.to as string | undefined;
  const windowOf = perKey(createLatencyWindow);
  let allowance = 0;

  return async function hedged(call, next) {
    if (call.hints.readOnly !== true) return next(call);
    allowance = Math.min(MOST_SAVED, allowance + extra);
    const recent = windowOf(`${call.server}.${call.tool}`);
    const lateMs = recent.percentile(percentile);
    const startedAt = clock.now();
    if (lateMs === undefined || call.signal?.aborted) {
      const result = await next(call);
      recent.record(clock.now() - startedAt);
      return result;
    }
    return race(call, next, Math.max(minDelayMs, lateMs), recent);
  };

  function race(call: Call, next: Handler, delayMs: number, recent: LatencyWindow): Promise<Result> {
    const startedAt = clock.now();
    return new Promise((resolve, reject) => {
      const running = new Set<AbortController>();
      const stopAll = (): void => {
        for (const attempt of running) attempt.abort(call.signal?.reason);
      };
      const end = (): void => {
        cancelTimer();
        call.signal?.removeEventListener("abort", stopAll);
        stopAll();
      };
      const start = (attempted: Call, isSecond: boolean): void => {
        const attempt = new AbortController();
        running.add(attempt);
        started(next, { ...attempted, signal: attempt.signal }).then(
          (result) => {
            running.delete(attempt);
            // Of a first request that was overtaken nothing is known but that it took longer than this.
            recent.record(clock.now() - startedAt);
            end();
            const { server } = attempted;
            if (!isSecond) resolve(result);
            else resolve(withObtained(result, { hedged: true, ...(server !== call.server && { server }) }));
          },
          (error: unknown) => {
            running.delete(attempt);
            if (running.size > 0) return;
            end();
            reject(error);
          },
        );
      };
      const askAgain = (): void => {
        if (allowance >= 1) {
          allowance--;
          start(redirected(call, target(call) ?? call.server), true);
        } else {
          // As many calls are late as may be hedged. Those that are still there a little later are worth it most.
          cancelTimer = clock.after(Math.max(1, delayMs / 8), askAgain);
        }
      };
      let cancelTimer = clock.after(delayMs, askAgain);
      call.signal?.addEventListener("abort", stopAll, { once: true });
      start(call, false);
    });
  }
}
