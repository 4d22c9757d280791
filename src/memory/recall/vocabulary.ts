import { dateCodeOf, kindOf, NUMBER, ORDINAL } from "./date-words.js";
import { createGrowing, type Growing } from "./growing.js";
import { fold } from "./scripts.js";
import { stem } from "./stem.js";
import { stopWords } from "./stop-words.js";

/** What kind of word it is; bits. */
export const STOP = 1;
export const FIRST_PERSON = 2;
export const CAPITAL = 4;
/** A number, in digits or as a word. */
export const DIGITS = 8;
/** Means something in a date. */
export const DATE = 16;
/** Speaks of time, and is no number. */
export const TIME = 32;
/** Turns what is said into its opposite. */
export const NEGATION = 64;

const FIRST_PERSON_WORDS = new Set(
  "i me my mine myself we us our ours i'm i've i'd i'll we're we've we'd we'll".split(" "),
);

const NEGATIONS = new Set(
  "no not never nor neither none nobody nothing without cannot ain't dont didnt".split(" "),
);

/** Every form of a word that was ever seen, and the term that forms share. */
export interface Vocabulary {
  /** The number of a word as it is written. Seen for the first time, it is folded, stemmed and looked at. */
  wordOf(written: string): number;
  /** The term of each word; stop words and single letters have one too. */
  readonly termOf: Growing<Int32Array>;
  /** Bits of each word. */
  readonly bitsOf: Growing<Uint8Array>;
  /** What each word means in a date. */
  readonly dateOf: Growing<Int32Array>;
  /** The term with this stem. */
  term(stem: string): number | undefined;
  /** Terms whose stem begins with these three letters. */
  beginningWith(letters: string): readonly number[];
  /** The stem of each term. */
  readonly stems: readonly string[];
}

export function createVocabulary(): Vocabulary {
  const words = new Map<string, number>();
  const terms = new Map<string, number>();
  const stems: string[] = [];
  const byStart = new Map<string, number[]>();
  const termOf = createGrowing(Int32Array, 1024);
  const bitsOf = createGrowing(Uint8Array, 1024);
  const dateOf = createGrowing(Int32Array, 1024);

  function learn(written: string): number {
    const word = words.size;
    // A slice would keep the whole text it was cut from alive.
    words.set(` ${written}`.slice(1), word);
    const { stemmed, bits, date } = look(written);
    let term = terms.get(stemmed);
    if (term === undefined) {
      term = stems.push(stemmed) - 1;
      terms.set(stemmed, term);
      const start = stemmed.slice(0, 3);
      const others = byStart.get(start);
      if (others === undefined) byStart.set(start, [term]);
      else others.push(term);
    }
    termOf.push(term);
    dateOf.push(date);
    bitsOf.push(bits);
    return word;
  }

  return {
    wordOf: (written) => words.get(written) ?? learn(written),
    termOf,
    bitsOf,
    dateOf,
    term: (stemmed) => terms.get(stemmed),
    beginningWith: (letters) => byStart.get(letters) ?? [],
    stems,
  };
}

/** What a written word is, without keeping it. */
export interface Looked {
  /** Folded, without the ending of a possessive. */
  readonly form: string;
  readonly stemmed: string;
  readonly bits: number;
  /** See `date-words.ts`. */
  readonly date: number;
}

export function look(written: string): Looked {
  const folded = fold(written);
  const form = bare(folded);
  const date = dateCodeOf(form);
  const isNumber = kindOf(date) === NUMBER || kindOf(date) === ORDINAL;
  const bits =
    (isStopWord(form, folded) ? STOP : 0) |
    (FIRST_PERSON_WORDS.has(form) ? FIRST_PERSON : 0) |
    (/^\p{Lu}/u.test(written) ? CAPITAL : 0) |
    (isNumber || /^\p{N}/u.test(form) ? DIGITS : 0) |
    (NEGATIONS.has(form) || form.endsWith("n't") ? NEGATION : 0) |
    (date !== 0 ? DATE : 0) |
    (date !== 0 && !isNumber ? TIME : 0);
  return { form, stemmed: stem(form), bits, date };
}

/** Without the ending of a possessive. */
export function bare(folded: string): string {
  if (folded.endsWith("'s") && !stopWords.has(folded)) return folded.slice(0, -2);
  return folded;
}

function isStopWord(form: string, folded: string): boolean {
  return stopWords.has(form) || stopWords.has(folded) || /^[a-z]$/.test(form) || /^'/.test(form);
}
