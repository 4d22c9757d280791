const DAY_MS = 86_400_000;

/** Days are `YYYY-MM-DD` texts, counted in UTC so that no machine's time zone shifts them. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

export function isWeekday(date: string): boolean {
  const day = new Date(date).getUTCDay();
  return day !== 0 && day !== 6;
}

/** The date itself, or the Monday after a weekend. */
export function nextWeekday(date: string): string {
  return isWeekday(date) ? date : nextWeekday(addDays(date, 1));
}

/** Monday to Friday from `from` to `to`, both included. */
export function weekdays(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) if (isWeekday(date)) dates.push(date);
  return dates;
}

/** True for a day that exists, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
