import { setMaxListeners } from "node:events";
import { BatonError } from "../core/errors.js";
import { cancelled } from "./failure.js";

/** What one call of a function of this folder runs in. */
export interface Scope {
  /** Fires when the caller gives up, and when all is settled and something may still run. */
  readonly signal: AbortSignal;
  /** What the error of a caller that gives up is to say. */
  told: { readonly effect?: "none" | "possible"; readonly data?: () => Readonly<Record<string, unknown>> };
}

/** Why the signal fires at the end. One for all: an error of its own would be made for every call, for nobody to read. */
const NO_LONGER_WANTED = new BatonError("CANCELLED", "the result is no longer wanted");

/**
 * Runs work that ends at once when the caller's signal fires, whatever the work does about it. Afterwards the caller's
 * signal has no listener more than before.
 *
 * @throws {BatonError} `CANCELLED` by the signal, with its reason as the cause; else what the work throws
 */
export async function inScope<T>(
  what: string,
  signal: AbortSignal | undefined,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw cancelled(what, signal);
  const controller = new AbortController();
  // Each job listens, and each call that it makes: many at once are no leak.
  setMaxListeners(0, controller.signal);
  const scope: Scope = { signal: controller.signal, told: {} };
  let giveUp: (() => void) | undefined;
  try {
    if (signal === undefined) return await work(scope);
    return await new Promise<T>((resolve, reject) => {
      giveUp = () => {
        const { effect, data } = scope.told;
        reject(cancelled(what, signal, { effect, data: data?.() }));
        controller.abort(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      work(scope).then(resolve, reject);
    });
  } finally {
    if (giveUp) signal?.removeEventListener("abort", giveUp);
    if (!controller.signal.aborted) controller.abort(NO_LONGER_WANTED);
  }
}
