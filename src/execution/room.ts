import type { BatonError } from "../core/errors.js";
import { cancelled } from "./failure.js";

/** Those who wait until there is room for one more. */
export interface Room {
  wait(signal: AbortSignal | undefined): Promise<void>;
  /** To be called when there may be room. */
  serve(): void;
  /** Nobody will be let in any more. */
  close(error: BatonError): void;
}

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (error: BatonError) => void;
}

/** Lets in one after the other, in the order in which they came, each when the one before has had time to take its room. */
export function createRoom(what: string, isFree: () => boolean): Room {
  const line = new Set<Waiter>();
  let isServing = false;

  function serve(): void {
    if (isServing || line.size === 0) return;
    isServing = true;
    // What follows the `await` of the one before runs first.
    queueMicrotask(serveNext);
  }

  function serveNext(): void {
    isServing = false;
    const [first] = line;
    if (first === undefined || !isFree()) return;
    first.enter();
    serve();
  }

  return {
    // Not async: each hop of a promise would let another one in between.
    wait(signal) {
      if (signal?.aborted) return Promise.reject(cancelled(what, signal));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          line.delete(waiter);
          signal?.removeEventListener("abort", onAbort);
        };
        const waiter: Waiter = {
          enter() {
            leave();
            resolve();
          },
          refuse(error) {
            leave();
            reject(error);
          },
        };
        const onAbort = (): void => {
          if (signal) waiter.refuse(cancelled(what, signal));
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        line.add(waiter);
        serve();
      });
    },
    serve,
    close(error) {
      for (const waiter of line) waiter.refuse(error);
    },
  };
}
