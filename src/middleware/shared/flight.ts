import type { Call } from "../../core/call.js";
import type { Clock } from "../../core/clock.js";
import { BatonError, isBatonError } from "../../core/errors.js";
import { cancelled } from "./cancelled.js";

type Outcome<T> = { readonly value: T } | { readonly error: unknown };
type Effect = "none" | "possible";

/** One run that equal calls wait for instead of running themselves. */
export interface Flight<T> {
  /** The call that runs, under its own signal and limits alone. */
  readonly leader: Call;
  /** Never rejects. */
  readonly outcome: Promise<Outcome<T>>;
}

/** Runs the work and lets others {@link join} it under its key until it has ended. */
export function lead<T>(
  flights: Map<string, Flight<T>>,
  key: string,
  leader: Call,
  work: () => Promise<T>,
): Promise<T> {
  const run = work();
  const land = (outcome: Outcome<T>): Outcome<T> => {
    flights.delete(key);
    return outcome;
  };
  const outcome = run.then(
    (value) => land({ value }),
    (error: unknown) => land({ error }),
  );
  flights.set(key, { leader, outcome });
  return run;
}

/**
 * Waits for a run of somebody else, within the call's own signal and deadline. Undefined when the leader gave up for
 * a reason of its own, an abort or a shorter limit, which says nothing of how the call itself would fare.
 *
 * @param effect what is said of the tool when the wait ends first
 * @throws {BatonError} `CANCELLED`, `TIMEOUT`; what the leader met, when the call would meet the same
 */
export async function join<T>(
  { leader, outcome }: Flight<T>,
  call: Call,
  clock: Clock,
  effect: Effect,
): Promise<{ readonly value: T } | undefined> {
  const ended = await within(outcome, call, clock, effect);
  if ("value" in ended) return ended;
  if (isItsOwn(ended.error, leader, call)) return undefined;
  throw ended.error;
}

/** Waits for work that goes on without us. */
export function within<T>(work: Promise<T>, call: Call, clock: Clock, effect: Effect): Promise<T> {
  const { signal, deadline } = call;
  if (signal === undefined && deadline === undefined) return work;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      // Nobody waits for it any more, and a rejection that nobody hears would end the process.
      work.catch(() => {});
      return reject(cancelled(call, effect));
    }
    const leftMs = deadline === undefined ? undefined : Math.max(0, deadline - clock.now());
    const stopTimer =
      leftMs === undefined ? undefined : clock.after(leftMs, () => end(reject, late(call, leftMs, effect)));
    const onAbort = (): void => end(reject, cancelled(call, effect));
    const end = <V>(settle: (value: V) => void, value: V): void => {
      stopTimer?.();
      signal?.removeEventListener("abort", onAbort);
      settle(value);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    work.then(
      (value) => end(resolve, value),
      (error: unknown) => end(reject, error),
    );
  });
}

/** The error of a call whose deadline passed while it waited for another of its kind. */
export function late({ server, tool }: Call, timeoutMs: number, effect: Effect): BatonError {
  const message = `server '${server}', tool '${tool}': what it shares with other calls did not answer within ${timeoutMs} ms; give it more time`;
  return new BatonError("TIMEOUT", message, { retryable: true, effect, data: { server, tool, timeoutMs } });
}

function isItsOwn(error: unknown, leader: Call, call: Call): boolean {
  // What is not ours to know, an interrupt for example, belongs to the graph that it came from.
  if (!isBatonError(error) || leader.signal?.aborted || error.code === "CANCELLED") return true;
  return (
    error.code === "TIMEOUT" && (isLonger(call, leader, "deadline") || isLonger(call, leader, "timeoutMs"))
  );
}

function isLonger(call: Call, leader: Call, limit: "deadline" | "timeoutMs"): boolean {
  return (call[limit] ?? Number.POSITIVE_INFINITY) > (leader[limit] ?? Number.POSITIVE_INFINITY);
}
