import {
  AGO,
  DAY,
  kindOf,
  MONTH,
  NUMBER,
  SEASON,
  TIME as TIME_WORD,
  UNIT,
  WEEKDAY,
  WEEKEND,
  WHICH,
} from "./date-words.js";
import { CAPITAL, FIRST_PERSON, NEGATION, STOP, TIME, type Vocabulary } from "./vocabulary.js";

/** Bits of an item. */
export const ASKS = 1;
export const FACT = 2;
export const HAS_TIME = 4;
export const HAS_SELF = 16;
export const HAS_NOT = 32;
/** Says when: a month, a year, yesterday, last week, two days ago. */
export const HAS_DATE = 64;

/** What an item is like, whatever is asked. Shares are 0 to 255. */
export interface TraitsOfItem {
  readonly bits: number;
  /** Of characters in questions. */
  readonly asking: number;
  /** Capital letters within sentences, at most 3. */
  readonly names: number;
}

export interface Traits {
  take(word: number, text: string, start: number): void;
  /** What was taken since the last time. */
  finish(text: string): TraitsOfItem;
}

const QUESTION_MARKS = /[?？؟]/;
const SENTENCE_END = /[.!。?？؟]/;
const MOST_CHARACTERS = 4096;

export function createTraits({ bitsOf, dateOf }: Vocabulary): Traits {
  let [bits, names, dateBefore] = [0, 0, 0];

  return {
    take(word, text, start) {
      const kinds = bitsOf.data[word] as number;
      if ((kinds & FIRST_PERSON) !== 0) bits |= HAS_SELF;
      if ((kinds & (CAPITAL | STOP)) === CAPITAL && start > 1 && /[\p{Ll},;]/u.test(text.charAt(start - 2)))
        names++;
      if ((kinds & TIME) !== 0) bits |= HAS_TIME;
      if ((kinds & NEGATION) !== 0) bits |= HAS_NOT;
      const date = dateOf.data[word] as number;
      if (date !== 0 || dateBefore !== 0) bits |= dateBits(dateBefore, date);
      dateBefore = date;
    },
    finish(text) {
      const seen = text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
      let asking = 0;
      if (QUESTION_MARKS.test(seen)) {
        bits |= ASKS;
        asking = Math.round((255 * lengthOfQuestions(seen)) / seen.length);
      }
      const traits = { bits, asking, names: Math.min(3, names) };
      bits = names = dateBefore = 0;
      return traits;
    },
  };
}

function dateBits(before: number, date: number): number {
  const [kindBefore, kind] = [kindOf(before), kindOf(date)];
  if (kind === MONTH || kind === AGO || (kind === DAY && date !== DAY + 5)) return HAS_DATE;
  if (kind === NUMBER && date - NUMBER >= 1900 && date - NUMBER <= 2100) return HAS_DATE;
  const isUnit = kind === UNIT || kind === WEEKDAY || kind === WEEKEND || kind === SEASON;
  if (kindBefore === WHICH && (isUnit || kind === TIME_WORD)) return HAS_DATE;
  return 0;
}

function lengthOfQuestions(text: string): number {
  let [asked, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (!SENTENCE_END.test(text.charAt(at))) continue;
    if (QUESTION_MARKS.test(text.charAt(at))) asked += at + 1 - start;
    start = at + 1;
  }
  return asked;
}
