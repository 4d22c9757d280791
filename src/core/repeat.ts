import type { Call } from "./call.js";
import { type BatonError, isBatonError } from "./errors.js";

/**
 * Whether a second run of a call that failed so can do no harm: nothing was sent, or the tool changes nothing,
 * changes the same thing to the same end, or knows the call by its key. Says nothing on whether it would help.
 */
export function isSafeToRepeat(call: Call, error: BatonError): boolean {
  return error.effect === "none" || isRepeatable(call);
}

/** Whether the call may run twice whatever became of the first run. */
export function isRepeatable({ hints, idempotencyKey }: Call): boolean {
  return hints.readOnly === true || hints.idempotent === true || idempotencyKey !== undefined;
}

/**
 * Whether an error says that the server or the way to it is ill. What the caller did wrong, what a limit of ours
 * refused and what the tool itself reported say nothing of that.
 */
export function isServerFault(error: unknown): boolean {
  if (!isBatonError(error)) return false;
  switch (error.code) {
    case "CONNECT_FAILED":
    case "NOT_CONNECTED":
    case "PROTOCOL":
      return true;
    case "TIMEOUT":
      // One without effect ran out before anything was sent.
      return error.effect === "possible";
    case "UPSTREAM":
      return error.retryable;
    default:
      return false;
  }
}
