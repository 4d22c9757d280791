import { startOfCentred, textAt, tickAt } from "../pictures/svg.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From tick to tick; what is longer goes by 365 days. */
const STEPS_MS = [
  ...[1, 5, 15, 30].map((count) => count * SECOND),
  ...[1, 5, 15, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 91, 182, 365].map((count) => count * DAY),
];
/** A label, and half of one more where it must not leave the picture. */
const TICK_ROOM = 125;

/** Where a moment lies in the picture. */
export interface TimeAxis {
  /** The place of a time in milliseconds since the epoch. */
  xOf(timeMs: number): number;
  /** From when to when, in words. */
  readonly words: string;
  /** Lines from `top` to `bottom`, their words above; times are UTC. */
  draw(top: number, bottom: number): string[];
}

/** An axis over all of these times, in milliseconds since the epoch, between two places. */
export function timeAxis(timesMs: readonly number[], left: number, right: number): TimeAxis {
  const first = timesMs.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const last = timesMs.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const spanMs = Math.max(0, last - first);
  const inner = right - left;
  // A single moment stands in the middle.
  const xOf = (timeMs: number): number =>
    spanMs === 0 ? left + inner / 2 : left + ((timeMs - first) / spanMs) * inner;
  const [from, to] = [first, last].map((timeMs) => new Date(timeMs).toISOString().slice(0, 10));
  return {
    xOf,
    words: from === to ? `${from}, UTC` : `${from} to ${to}, UTC`,
    draw(top, bottom) {
      const stepMs = stepFor(spanMs, Math.floor(inner / TICK_ROOM));
      const ticks = spanMs === 0 ? [first] : ticksOf(first, last, stepMs);
      return ticks.flatMap((timeMs) => {
        const x = xOf(timeMs);
        const label = labelOf(timeMs, spanMs, stepMs);
        const labelX = startOfCentred(label, x, left, right);
        return [tickAt(x, top, bottom), textAt(labelX, top - 6, label, "lb-faint")];
      });
    },
  };
}

function stepFor(spanMs: number, most: number): number {
  const least = spanMs / Math.max(1, most);
  return STEPS_MS.find((step) => step >= least) ?? Math.ceil(least / (365 * DAY)) * 365 * DAY;
}

function ticksOf(first: number, last: number, stepMs: number): number[] {
  const start = Math.ceil(first / stepMs) * stepMs;
  const count = Math.floor((last - start) / stepMs) + 1;
  // A span that lies between two ticks is told by its ends.
  return count < 1 ? [first] : Array.from({ length: count }, (_, index) => start + index * stepMs);
}

function labelOf(timeMs: number, spanMs: number, stepMs: number): string {
  const iso = new Date(timeMs).toISOString();
  if (spanMs === 0) return iso.slice(0, 16).replace("T", " ");
  if (stepMs >= DAY) return iso.slice(0, 10);
  if (spanMs > DAY) return iso.slice(5, 16).replace("T", " ");
  return stepMs >= MINUTE ? iso.slice(11, 16) : iso.slice(11, 19);
}
