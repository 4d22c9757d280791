import { BatonError, isBatonError, reasonOf } from "../core/errors.js";

/** What was thrown as the one class of errors: one that is none becomes `UPSTREAM` that says whose it was. */
export function toBatonError(name: string, error: unknown): BatonError {
  if (isBatonError(error)) return error;
  return new BatonError("UPSTREAM", `${name} failed: ${reasonOf(error)}`, {
    cause: error,
    effect: "possible",
  });
}

/** An error's code and message under the name of what failed: fit for JSON, without stacks and causes. */
export function toFacts({ name, error }: { readonly name: string; readonly error: BatonError }) {
  return { name, code: error.code, message: error.message };
}

/** The error of work that its caller gave up. */
export function cancelled(
  what: string,
  signal: AbortSignal,
  facts: {
    readonly effect?: "none" | "possible" | undefined;
    readonly data?: Readonly<Record<string, unknown>> | undefined;
  } = {},
): BatonError {
  const { effect = "none", data = {} } = facts;
  const state = effect === "none" ? "before anything was started" : "before it was over";
  return new BatonError("CANCELLED", `${what}: cancelled by its caller ${state}`, {
    cause: signal.reason,
    effect,
    data,
  });
}

/** The error of work that had no more time. */
export function late(what: string, timeoutMs: number, isStarted: boolean): BatonError {
  const state = isStarted ? "not over" : "not started";
  return new BatonError(
    "TIMEOUT",
    `${what}: ${state} within ${timeoutMs} ms; give it more time, or ask for less`,
    {
      retryable: true,
      effect: isStarted ? "possible" : "none",
      data: { timeoutMs },
    },
  );
}
