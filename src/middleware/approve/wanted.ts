import type { Call } from "../../core/call.js";
import type { Clock } from "../../core/clock.js";
import { BatonError } from "../../core/errors.js";
import { cancelled } from "../shared/cancelled.js";

/** A time at which nobody waits any longer, and what the call then fails with. */
export interface Limit {
  readonly at: number;
  readonly error: () => BatonError;
}

/**
 * Settles as the work does, or at once when the caller gives up, its deadline passes or the limit is reached. The
 * signal tells the work so; what it still does is of no account.
 */
export function whileWanted<T>(
  call: Call,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
  limit?: Limit,
): Promise<T> {
  const { signal, deadline } = call;
  const limits = [
    ...(limit ? [limit] : []),
    ...(deadline === undefined ? [] : [deadlineOf(call, deadline, clock)]),
  ];
  const first = limits.reduce<Limit | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(call));
      return;
    }
    const over = new AbortController();
    const giveUp = (error: BatonError): void => {
      clean();
      reject(error);
      over.abort(error);
    };
    const onAbort = (): void => giveUp(cancelled(call));
    const cancelTimer =
      first && clock.after(Math.max(0, first.at - clock.now()), () => giveUp(first.error()));
    const clean = (): void => {
      cancelTimer?.();
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    work(over.signal).then(resolve, reject).finally(clean);
  });
}

function deadlineOf({ server, tool }: Call, at: number, clock: Clock): Limit {
  const timeoutMs = Math.max(0, at - clock.now());
  const message = `server '${server}', tool '${tool}': the deadline passed before a person had decided; give it more time`;
  const error = () =>
    new BatonError("TIMEOUT", message, { retryable: true, data: { server, tool, timeoutMs } });
  return { at, error };
}
