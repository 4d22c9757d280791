import type { TimelineSpan } from "../timeline.js";
import type { Interval } from "./time-scale.js";

/** Of the time that a picture shows; less is not worth a word. */
const LEAST_SHARE = 0.05;
/** In milliseconds: what the work between a call and its attempts may cost in a short run. */
const LEAST_MS = 10;

/**
 * The times of a call in which none of its attempts ran, in order, in milliseconds since the epoch. Between two
 * attempts at one server each counts: a retry waits for a random time, and one that happens to be short is a wait too.
 * Others, until there is a place or a token for example, count from 5 % of the time that is shown and 10 ms on: below
 * that they are overhead, which is another in every run.
 *
 * @param lastMs where calls that have not ended are drawn to
 * @param shownMs how much time the picture shows
 */
export function waitsOf(span: TimelineSpan, lastMs: number, shownMs: number): Interval[] {
  const { startMs, endMs = lastMs, attempts = [] } = span;
  if (attempts.length === 0) return [];
  const leastMs = Math.max(LEAST_MS, LEAST_SHARE * shownMs);
  const waits: Interval[] = [];
  let fromMs = startMs;
  let asked: string | undefined;
  const end = (toMs: number, isRetry: boolean): void => {
    if (toMs - fromMs >= (isRetry ? 1 : leastMs)) waits.push({ fromMs, toMs });
  };
  for (const attempt of attempts) {
    end(Math.min(attempt.startMs, endMs), attempt.server === asked);
    fromMs = Math.max(fromMs, attempt.endMs ?? endMs);
    asked = attempt.server;
  }
  end(endMs, false);
  return waits;
}
