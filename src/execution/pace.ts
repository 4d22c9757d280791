import type { Clock } from "../core/clock.js";

/** How fast work may start. */
export interface Pace {
  /** Milliseconds until the next start is due; 0 when it is. */
  waitMs(): number;
  /** Counts a start. */
  start(): void;
}

/** Starts evenly apart, so that there are never more than `perSecond` in any second, not even at first. */
export function createPace(perSecond: number | undefined, clock: Clock): Pace {
  if (perSecond === undefined) return { waitMs: () => 0, start: () => {} };
  const apartMs = 1000 / perSecond;
  let dueAt = Number.NEGATIVE_INFINITY;
  return {
    waitMs() {
      const now = clock.now();
      // When the machine's time was set back, the next start must not wait for the old one to come again.
      dueAt = Math.min(dueAt, now + apartMs);
      return Math.max(0, dueAt - now);
    },
    start() {
      // A late start is not made up for: two would come too close.
      dueAt = Math.max(dueAt, clock.now()) + apartMs;
    },
  };
}
