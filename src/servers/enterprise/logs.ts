import { REFERENCE_DATE } from "./data/company.js";
import { addDays, isDate, isWeekday } from "./data/dates.js";
import { createRandom, type Random, seedFrom } from "./data/random.js";

const KEPT_DAYS = 30;

const SERVICES = ["api", "planner", "sync-worker", "auth", "notifier"] as const;

const ROUTES = ["/v3/orders", "/v3/stock", "/v3/suppliers", "/v3/forecasts", "/v3/plans"] as const;

const WARNINGS = [
  "slow query on table stock_levels",
  "supplier feed is late, using the last one",
  "rate limit close for tenant",
  "cache miss ratio above 0.4",
] as const;

const ERRORS = [
  "supplier API answered 502, will retry",
  "deadlock found, transaction repeated",
  "forecast job exceeded its memory limit",
  "webhook delivery failed after 5 attempts",
] as const;

/** The days for which logs are kept, newest first. */
export function logDates(): string[] {
  return Array.from({ length: KEPT_DAYS }, (_, days) => addDays(REFERENCE_DATE, -days));
}

/** The application log of one day, always the same for the same day; undefined when none is kept. */
export function logOf(date: string): string | undefined {
  if (!isDate(date) || !logDates().includes(date)) return undefined;
  const random = createRandom(seedFrom(`log ${date}`));
  const lines = isWeekday(date) ? random.integer(50, 80) : random.integer(15, 25);
  const seconds = Array.from({ length: lines }, () => random.integer(0, 86_399)).sort((a, b) => a - b);
  return seconds.map((second) => `${timestamp(date, second, random)} ${entry(random)}`).join("\n");
}

function timestamp(date: string, second: number, random: Random): string {
  return new Date(Date.parse(date) + second * 1000 + random.integer(0, 999)).toISOString();
}

function entry(random: Random): string {
  const level = random.weighted({ INFO: 88, WARN: 9, ERROR: 3 });
  const service = random.pick(SERVICES);
  const trace = random.integer(0x100000, 0xffffff).toString(16);
  if (level === "INFO") {
    const duration = Math.round(20 + random.next() ** 3 * 900);
    return `INFO  ${service} request completed route=${random.pick(ROUTES)} status=200 duration_ms=${duration} trace=${trace}`;
  }
  return level === "WARN"
    ? `WARN  ${service} ${random.pick(WARNINGS)} trace=${trace}`
    : `ERROR ${service} ${random.pick(ERRORS)} trace=${trace}`;
}
