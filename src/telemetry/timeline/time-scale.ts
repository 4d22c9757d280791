/** A time in which something ran, in milliseconds. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A part of the picture that shows time at its full length, or one that is folded to a fixed width. */
export interface Stretch extends Interval {
  readonly x: number;
  readonly width: number;
  readonly isFolded: boolean;
}

export interface TimeScale {
  /** Where a time lies, in the unit of `left` and `right`. */
  xOf(ms: number): number;
  /** From left to right, without a hole. */
  readonly stretches: readonly Stretch[];
  /** Milliseconds that are shown at full length, at least 1. */
  readonly shownMs: number;
}

/** A pause is folded when it is so many times as long as all that is shown, */
const FOLD_FACTOR = 4;
/** and not shorter than this, */
const SHORTEST_FOLD_MS = 1000;
/** and not one of many: those are the rhythm of the run. */
const MOST_FOLDS = 4;

/**
 * Lays time out between left and right. It is even, except that a long pause in which nothing ran, until a person
 * answered for example, is folded to the width `fold`: beside it nothing else would be seen.
 */
export function createTimeScale(
  intervals: readonly Interval[],
  left: number,
  right: number,
  fold: number,
): TimeScale {
  const runs = merged(intervals);
  const pauses = runs.slice(1).map(({ fromMs }, index) => ({ fromMs: runs[index]?.toMs ?? 0, toMs: fromMs }));
  let shownMs = runs.reduce((sum, run) => sum + lengthOf(run), 0);
  const folded = new Set<Interval>();
  const shortestFirst = [...pauses].sort((a, b) => lengthOf(a) - lengthOf(b));
  for (const [index, pause] of shortestFirst.entries()) {
    const isLong = lengthOf(pause) >= Math.max(SHORTEST_FOLD_MS, FOLD_FACTOR * shownMs);
    if (isLong && shortestFirst.length - index <= MOST_FOLDS) folded.add(pause);
    else shownMs += lengthOf(pause);
  }
  // Nothing may be divided by a run of no length.
  shownMs = Math.max(1, shownMs);
  const perMs = (right - left - folded.size * fold) / shownMs;

  const stretches: Stretch[] = [];
  let fromMs = runs[0]?.fromMs ?? 0;
  let x = left;
  const add = (toMs: number, isFolded: boolean, width: number): void => {
    stretches.push({ fromMs, toMs, x, width, isFolded });
    fromMs = toMs;
    x += width;
  };
  for (const pause of pauses.filter((each) => folded.has(each))) {
    add(pause.fromMs, false, (pause.fromMs - fromMs) * perMs);
    add(pause.toMs, true, fold);
  }
  add(runs.at(-1)?.toMs ?? fromMs + 1, false, right - x);

  const xOf = (ms: number): number => {
    const at = stretches.find(({ toMs }) => ms <= toMs) ?? stretches.at(-1);
    if (at === undefined) return left;
    const share = (ms - at.fromMs) / Math.max(at.isFolded ? 0 : 1, lengthOf(at));
    return Math.min(right, Math.max(left, at.x + share * at.width));
  };
  return { xOf, stretches, shownMs };
}

/** Intervals that meet become one; the earliest comes first. */
function merged(intervals: readonly Interval[]): Interval[] {
  const runs: Interval[] = [];
  for (const each of [...intervals].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = runs.at(-1);
    if (last === undefined || each.fromMs > last.toMs) runs.push(each);
    else runs[runs.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, each.toMs) };
  }
  return runs;
}

function lengthOf({ fromMs, toMs }: Interval): number {
  return toMs - fromMs;
}
