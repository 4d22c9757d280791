import type { Call, Handler } from "../../core/call.js";
import type { Result } from "../../core/result.js";

/** Runs a handler so that one that throws at once fails like any other: what waits for it is cleaned up by one way. */
export async function started(next: Handler, call: Call): Promise<Result> {
  return next(call);
}
