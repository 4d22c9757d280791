import type { Call } from "../../core/call.js";
import { BatonError, reasonOf } from "../../core/errors.js";

const where = ({ server, tool }: Call): string => `server '${server}', tool '${tool}'`;

/** @param isDerived the key was made from the ids of thread and tool call */
export function conflict(call: Call, key: string, isDerived: boolean): BatonError {
  const cure = isDerived
    ? "it was derived from the ids of the thread and the tool call, which must be unique within a thread: do not use `derive` with a model that numbers its calls anew each turn"
    : "take a new key for another task";
  const message = `${where(call)}: not sent, as the idempotency key '${key}' was used with other arguments; ${cure}`;
  return new BatonError("IDEMPOTENCY_CONFLICT", message, {
    data: { server: call.server, tool: call.tool, key },
  });
}

/** @param record the key under which the store knows it */
export function outcomeUnknown(
  call: Call,
  key: string,
  record: string,
  why: string,
  store: string,
): BatonError {
  const message = `${where(call)}: not sent again, as ${why} and may have had its effect; look whether it did, and if not, call forget(error.data.record) of the ${store} store to let the idempotency key '${key}' run again`;
  const data = { server: call.server, tool: call.tool, key, record };
  return new BatonError("OUTCOME_UNKNOWN", message, { effect: "possible", data });
}

/** Before anything was sent. */
export function storeFailed(call: Call, store: string, cause: unknown): BatonError {
  const message = `${where(call)}: not sent, as the ${store} store of idempotency keys failed: ${reasonOf(cause)}; try again when it works`;
  const data = { server: call.server, tool: call.tool, store };
  return new BatonError("STORE", message, { cause, retryable: true, data });
}

/** The tool ran to its end, but what it said is lost. */
export function unreadable(call: Call, key: string, store: string): BatonError {
  const message = `${where(call)}: it ran before under the idempotency key '${key}', but the result in the ${store} store is broken; look at its effect`;
  const data = { server: call.server, tool: call.tool, store, key };
  return new BatonError("STORE", message, { effect: "possible", data });
}

export function notJson(call: Call, cause: unknown): BatonError {
  const message = `${where(call)}: not sent, as its arguments cannot be compared with those of another call: ${reasonOf(cause)}; give it plain JSON`;
  const data = { server: call.server, tool: call.tool };
  return new BatonError("INVALID_ARGUMENTS", message, { cause, data });
}
