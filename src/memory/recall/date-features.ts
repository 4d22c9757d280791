import { columnOf } from "./columns.js";
import type { Span } from "./dates.js";

const DAY_MS = 86_400_000;
/** Longer spans are a season or a year. */
const LONG_MS = 100 * DAY_MS;
const SHORT_MS = 3 * DAY_MS;
/** What happened on a day is told of within this many. */
const TOLD_DAYS = 15;

/** Whether an item was said at a time that is asked about, or soon after it. */
export function measureDates(
  time: number,
  saysWhen: boolean,
  spans: readonly Span[],
  row: Float64Array,
): void {
  if (!saysWhen) row[columnOf.noDate] = 1;
  for (const { from, to } of spans) {
    if (to - from <= SHORT_MS) {
      const days = (time - from) / DAY_MS;
      if (days < -1 || days >= TOLD_DAYS) continue;
      row[columnOf.saidNear] = Math.max(row[columnOf.saidNear] as number, 1 - Math.abs(days) / TOLD_DAYS);
    } else if (time >= from && time < to)
      row[to - from > LONG_MS ? columnOf.saidInYear : columnOf.saidThen] = 1;
  }
}
