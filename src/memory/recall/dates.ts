import {
  AGO,
  DAY,
  kindOf,
  MONTH,
  NUMBER,
  ORDINAL,
  PERHAPS_MONTH,
  SEASON,
  UNIT,
  WEEKDAY,
  WEEKEND,
  WHICH,
} from "./date-words.js";

/** A span of time in milliseconds since the epoch, `from` included, `to` not. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;
const MOST = 4;

/**
 * The dates that a text names, in UTC: absolute ones ("5 July 2023", "May 5th", "2023-07-05", "in June"), and those
 * counted from when it was said ("yesterday", "last week", "two months ago", "next Friday"). English.
 *
 * @param codes the date code of each word of the text, in order
 * @param base what relative dates are counted from, and what decides the year of a date without one
 * @returns at most four
 */
export function findDates(codes: ArrayLike<number>, base: number): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < codes.length && spans.length < MOST; at++) {
    const code = codes[at] as number;
    if (code === 0) continue;
    const span = absolute(codes, at, base) ?? relative(codes, at, base);
    if (span !== undefined) spans.push(span);
  }
  return spans;
}

/** Start of that day. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

function absolute(codes: ArrayLike<number>, at: number, base: number): Span | undefined {
  const code = codes[at] as number;
  const kind = kindOf(code);
  if (kind === NUMBER && isYear(code - NUMBER)) {
    const [month, day] = [numberAt(codes, at + 1), numberAt(codes, at + 2)];
    // 2023-07-05
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31) return dayIn(code - NUMBER, month, day);
    const before = kindAt(codes, at - 1);
    const twoBefore = kindAt(codes, at - 2);
    const isOfMonth =
      before === MONTH || before === PERHAPS_MONTH || twoBefore === MONTH || twoBefore === PERHAPS_MONTH;
    return isOfMonth ? undefined : { from: Date.UTC(code - NUMBER, 0), to: Date.UTC(code - NUMBER + 1, 0) };
  }
  if (kind === SEASON) {
    const year = yearAt(codes, at + 1);
    if (year === undefined && kindAt(codes, at - 1) !== WHICH) return undefined;
    const season = code - SEASON;
    const of = year ?? yearBefore(base, 2 + 3 * season);
    return { from: Date.UTC(of, 2 + 3 * season), to: Date.UTC(of, 5 + 3 * season) };
  }
  if (kind !== MONTH && kind !== PERHAPS_MONTH) return undefined;
  const month = code - kind;
  const dayBefore = numberAt(codes, at - 1);
  const dayAfter = numberAt(codes, at + 1);
  const hasBefore = dayBefore >= 1 && dayBefore <= 31;
  const hasAfter = !hasBefore && dayAfter >= 1 && dayAfter <= 31;
  const year = yearAt(codes, at + (hasAfter ? 2 : 1));
  if (
    kind === PERHAPS_MONTH &&
    !hasBefore &&
    !hasAfter &&
    year === undefined &&
    kindAt(codes, at - 1) !== WHICH
  )
    return undefined;
  const of = year ?? yearBefore(base, month - 1);
  if (hasBefore) return dayIn(of, month, dayBefore);
  if (hasAfter) return dayIn(of, month, dayAfter);
  return { from: Date.UTC(of, month - 1), to: Date.UTC(of, month) };
}

function relative(codes: ArrayLike<number>, at: number, base: number): Span | undefined {
  const code = codes[at] as number;
  const kind = kindOf(code);
  const today = dayOf(base);
  if (kind === DAY) return days(today + (code - DAY - 5) * DAY_MS, 1);
  const which = kindAt(codes, at - 1) === WHICH ? (codes[at - 1] as number) - WHICH : undefined;
  const weekday = new Date(today).getUTCDay();
  if (kind === WEEKDAY) {
    const ahead = (code - WEEKDAY - weekday + 7) % 7;
    // What is said of a day of the week without more has mostly been.
    return days(today + (which === 2 ? ahead || 7 : ahead - 7) * DAY_MS, 1);
  }
  if (kind === WEEKEND && which !== undefined) {
    const saturday = today + ((6 - weekday) % 7) * DAY_MS;
    return days(saturday + (which - 1) * 7 * DAY_MS, 2);
  }
  if (kind !== UNIT) return undefined;
  const unit = code - UNIT;
  if (which !== undefined) return around(today, unit, which - 1);
  const count = kindAt(codes, at - 1) === NUMBER ? (codes[at - 1] as number) - NUMBER : undefined;
  if (count !== undefined && count <= 366 && kindAt(codes, at + 1) === AGO) {
    const middle = today - count * unit * DAY_MS;
    const slack = Math.floor(unit / 2) * DAY_MS;
    return { from: middle - slack, to: middle + slack + DAY_MS };
  }
  return undefined;
}

/** The day, week, month or year before this one, this one, or the one after. */
function around(today: number, unit: number, offset: number): Span {
  const date = new Date(today);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 30) return { from: Date.UTC(year, month + offset), to: Date.UTC(year, month + offset + 1) };
  if (unit === 365) return { from: Date.UTC(year + offset, 0), to: Date.UTC(year + offset + 1, 0) };
  const monday = unit === 7 ? today - ((date.getUTCDay() + 6) % 7) * DAY_MS : today;
  return days(monday + offset * unit * DAY_MS, unit);
}

function days(from: number, count: number): Span {
  return { from, to: from + count * DAY_MS };
}

function dayIn(year: number, month: number, day: number): Span {
  return days(Date.UTC(year, month - 1, day), 1);
}

/** The last year in which this month had begun. */
function yearBefore(base: number, month: number): number {
  const date = new Date(base);
  return date.getUTCFullYear() - (date.getUTCMonth() < month ? 1 : 0);
}

function kindAt(codes: ArrayLike<number>, at: number): number {
  return at < 0 || at >= codes.length ? 0 : kindOf(codes[at] as number);
}

/** The number that stands there, 0 for none. */
function numberAt(codes: ArrayLike<number>, at: number): number {
  const kind = kindAt(codes, at);
  return kind === NUMBER || kind === ORDINAL ? (codes[at] as number) - kind : 0;
}

function yearAt(codes: ArrayLike<number>, at: number): number | undefined {
  if (kindAt(codes, at) !== NUMBER) return undefined;
  const number = (codes[at] as number) - NUMBER;
  return isYear(number) ? number : undefined;
}

function isYear(number: number): boolean {
  return number >= FIRST_YEAR && number <= LAST_YEAR;
}
