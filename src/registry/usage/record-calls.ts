import type { Middleware } from "../../core/call.js";
import type { Clock } from "../../core/clock.js";
import { isBatonError, isInterrupt } from "../../core/errors.js";
import type { Ledger } from "./ledger.js";
import { bucketOf } from "./records.js";
import { saysNothing } from "./refusals.js";

/** Threads of which the last tool is remembered. */
const MOST_THREADS = 1000;

/** Passes every call on as it is, and notes how it went. */
export function recordCalls(ledger: Ledger, clock: Clock): Middleware {
  const lastOn = new Map<string, string>();

  function note(name: string, threadId: string | undefined, ok: boolean, durationMs: number): void {
    const at = clock.now();
    ledger.changeTool(name, (record) => {
      if (ok) record.ok++;
      else record.failed++;
      record.totalMs += durationMs;
      const bucket = bucketOf(durationMs);
      record.durations[bucket] = (record.durations[bucket] ?? 0) + 1;
      record.at = at;
    });
    if (threadId === undefined || !ok) return;
    const before = lastOn.get(threadId);
    if (before !== undefined && before !== name)
      ledger.changeTool(before, (record) => {
        record.next[name] = (record.next[name] ?? 0) + 1;
        record.at = at;
      });
    lastOn.delete(threadId);
    lastOn.set(threadId, name);
    if (lastOn.size > MOST_THREADS) lastOn.delete(lastOn.keys().next().value as string);
  }

  return async function recorded(call, next) {
    const startedAt = clock.now();
    const name = `${call.server}.${call.tool}`;
    const end = (ok: boolean): void => note(name, call.threadId, ok, Math.max(0, clock.now() - startedAt));
    try {
      const result = await next(call);
      end(result.isError !== true);
      return result;
    } catch (error) {
      if (!isInterrupt(error) && !(isBatonError(error) && saysNothing(error.code))) end(false);
      throw error;
    }
  };
}
