const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Between a second and a day people count in other steps than tens. */
const CLOCK_TIMES: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/** The shortest time that is no shorter and that people count in, in milliseconds: 1, 2, 5 ms, 15 s, 1 h, 20 d. */
export function niceTimeFrom(ms: number): number {
  if (ms <= SECOND / 2) return roundUp(ms);
  return CLOCK_TIMES.find((time) => time >= ms) ?? roundUp(ms / DAY) * DAY;
}

/** All such times between two, both included, the shortest first. */
export function niceTimesBetween(fromMs: number, toMs: number): number[] {
  const times: number[] = [];
  for (let ms = niceTimeFrom(fromMs); ms <= toMs; ms = niceTimeFrom(ms * 1.01)) times.push(ms);
  return times;
}

/** How much a time deserves its place where there is none for all: 2 for a whole unit or ten of it, 1 for its fives. */
export function weightOf(ms: number): number {
  const unit = [DAY, HOUR, MINUTE, SECOND, 1].find((each) => ms >= each) ?? 1;
  const count = ms / unit;
  if (Number.isInteger(Math.log10(count))) return 2;
  return Number.isInteger(Math.log10(count / 5)) || count === 30 || count === 6 ? 1 : 0;
}

/** To the next of 1, 2, 5, 10, 20 and so on. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}
