import { dateCodeOf } from "../../memory/recall/date-words.js";
import { findDates, type Span } from "../../memory/recall/dates.js";
import { tokenise } from "../../memory/recall/tokenise.js";

const MOST_WORDS = 500;
const ISO_DAY = /\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)/;
const DAY_MS = 86_400_000;
const SINCE = /\b(?:since|after|from)\s+\S+/iu;
/** A unit alone, "30 days a year", dates nothing; a year, a month with its year and a whole date do. */
const YEAR = /\b(?:19|20)\d{2}\b/;

/**
 * The time that a question asks about: "this year", "in March", "since May 2026".
 *
 * @param now what "this year" is counted from
 */
export function timeAsked(text: string, now: number): Span | undefined {
  const [span] = spansIn(text, now);
  if (span === undefined) return undefined;
  return SINCE.test(text) && span.from < now
    ? { from: span.from, to: Math.max(span.to, now + DAY_MS) }
    : span;
}

/** The dates that stand in a text with their year: those without are nobody's to guess. */
export function datesIn(text: string): readonly Span[] {
  return YEAR.test(text) ? spansIn(text, 0).filter(({ from }) => from >= EARLIEST) : [];
}

/** The first day that stands in a text, as `YYYY-MM-DD`: of a heading, a file's name, a line "Updated: ...". */
export function dayIn(text: string): string | undefined {
  const iso = ISO_DAY.exec(text)?.[0];
  if (iso !== undefined && isDay(iso)) return iso;
  const [span] = datesIn(text).filter(({ from, to }) => to - from <= LONGEST_MONTH_MS);
  return span && isoDay(span.from);
}

export function isWithin(day: string | undefined, span: Span): boolean {
  if (day === undefined) return false;
  const time = Date.parse(day);
  return time >= span.from && time < span.to;
}

export function overlaps(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}

export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** True for a day that there is, as `YYYY-MM-DD`. */
export function isDay(day: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
  return !Number.isNaN(time) && isoDay(time) === day;
}

/** True for a word of a date: "year", "March", "2026", "recently". */
export function isDateWord(word: string): boolean {
  return dateCodeOf(word.toLowerCase()) !== 0;
}

const EARLIEST = Date.UTC(1971, 0);
const LONGEST_MONTH_MS = 31 * DAY_MS;

function spansIn(text: string, base: number): Span[] {
  const codes: number[] = [];
  tokenise(text, MOST_WORDS, (word) => void codes.push(dateCodeOf(word.toLowerCase())));
  return findDates(codes, base);
}
