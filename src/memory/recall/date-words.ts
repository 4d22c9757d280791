/**
 * What a word means in a date, as one number: 0 nothing; a kind (`MONTH + 5` is May) plus what it names. Kinds are ten
 * thousands, so that a number up to 9,999 fits beneath the next.
 */
export const MONTH = 10_000;
/** `MONTH` for a word that is an ordinary word as well: may, march. */
export const PERHAPS_MONTH = 20_000;
/** 0 is Sunday. */
export const WEEKDAY = 30_000;
export const NUMBER = 40_000;
/** A number that can only be a day: 1st, 22nd. */
export const ORDINAL = 50_000;
/** In days; a month is 30, a year 365. */
export const UNIT = 60_000;
/** Days from now plus 5: yesterday is 4. */
export const DAY = 70_000;
/** Last 0, this 1, next 2. */
export const WHICH = 80_000;
export const AGO = 90_000;
export const WEEKEND = 100_000;
/** Words that speak of time but name no date: morning, recently, since. */
export const TIME = 110_000;
/** 0 spring to 3 winter. */
export const SEASON = 120_000;

const KIND = 10_000;

/** The kind of a date word. */
export function kindOf(code: number): number {
  return code - (code % KIND);
}

const codes = new Map<string, number>();
const put = (kind: number, words: string, first = 0): void => {
  words.split(" ").forEach((group, index) => {
    for (const word of group.split("|")) codes.set(word, kind + first + index);
  });
};
put(
  MONTH,
  "january|jan february|feb mar april|apr # june|jun july|jul august|aug september|sep|sept october|oct november|nov december|dec",
  1,
);
codes.delete("#");
codes.set("may", PERHAPS_MONTH + 5);
codes.set("march", PERHAPS_MONTH + 3);
codes.set("mar", PERHAPS_MONTH + 3);
put(
  WEEKDAY,
  "sunday|sun monday|mon tuesday|tue|tues wednesday|wed thursday|thu|thurs friday|fri saturday|sat",
);
for (const ordinary of ["sun", "sat", "wed"]) codes.delete(ordinary);
put(NUMBER, "one|a|an two|couple three|few four five six seven eight nine ten eleven twelve", 1);
put(DAY, "yesterday|yday today|tonight|tonite tomorrow", 4);
put(WHICH, "last|past|previous this next|following|coming|upcoming");
put(AGO, "ago|earlier|back");
put(WEEKEND, "weekend|weekends");
put(SEASON, "spring summer autumn|fall winter");
for (const [word, days] of Object.entries({
  day: 1,
  week: 7,
  fortnight: 14,
  month: 30,
  year: 365,
  decade: 3650,
})) {
  codes.set(word, UNIT + days);
  codes.set(`${word}s`, UNIT + days);
}
for (const word of [
  "morning|afternoon|evening|night|noon|midnight|recently|lately|since|until|soon|later|before|after|while|when",
  "already|now|earlier|anniversary|birthday|hour|hours|minute|minutes|oclock|date|dates|annual|weekly|daily|monthly",
].flatMap((line) => line.split("|")))
  if (!codes.has(word)) codes.set(word, TIME);

/** The date code of a word in lower case; 0 for most. */
export function dateCodeOf(word: string): number {
  const first = word.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) {
    const match = /^(\d{1,4})(st|nd|rd|th|s)?$/.exec(word);
    if (match === null) return 0;
    const number = Number(match[1]);
    if (match[2] === undefined) return NUMBER + number;
    return match[2] !== "s" && number >= 1 && number <= 31 ? ORDINAL + number : 0;
  }
  return codes.get(word) ?? 0;
}
