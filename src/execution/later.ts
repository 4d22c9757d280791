import type { Clock } from "../core/clock.js";

/**
 * Runs `callback` after `ms` and returns what cancels it. Other than a clock's `after` it keeps the process alive: while
 * work waits for its turn, there may be nothing else that does. The callback must not throw.
 */
export function later(clock: Clock, ms: number, callback: () => void): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  clock.sleep(ms, signal).then(
    () => {
      // Time may have been up just before it was cancelled.
      if (!signal.aborted) callback();
    },
    () => {},
  );
  return () => controller.abort();
}
