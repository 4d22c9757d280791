/** A wait longer than this is none that a program should plan for. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * What a `Retry-After` header (RFC 9110, section 10.2.3) asks for, in milliseconds from now and at most a day;
 * undefined when it is missing or neither whole seconds nor a date.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  // Date.parse takes many a text for a date; one of HTTP's three forms starts with a day's name.
  const date =
    /^(?:mon|tue|wed|thu|fri|sat|sun)/i.test(text) && text.length < 40 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), LONGEST_MS);
}
