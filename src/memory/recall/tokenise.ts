import { classOf, classOfPair, LETTER, SURROGATE, UNSPACED } from "./scripts.js";

/** Longer runs without a break are keys, hashes and encoded bytes: their beginning tells them apart. */
const LONGEST_WORD = 40;
const APOSTROPHE = 0x27;
const TYPOGRAPHIC_APOSTROPHE = 0x2019;

/**
 * Hands each word of a text to `visit`, in order and as it is written; a word keeps an apostrophe inside it. Where a
 * script puts no spaces between words, each character and each pair of neighbours is one.
 *
 * @param most words after which the rest of the text is left out
 */
export function tokenise(text: string, most: number, visit: (word: string, start: number) => void): void {
  const { length } = text;
  let visited = 0;
  let at = 0;
  while (at < length && visited < most) {
    const unit = text.charCodeAt(at);
    let kind = classOf(unit);
    if (kind === SURROGATE) kind = classOfSurrogate(text, at);
    if (kind === LETTER) {
      const start = at;
      at = endOfWord(text, start);
      visit(text.slice(start, Math.min(at, start + LONGEST_WORD)), start);
      visited++;
    } else if (kind === UNSPACED) {
      const width = classOf(unit) === SURROGATE ? 2 : 1;
      visit(text.slice(at, at + width), at);
      visited++;
      const next = at + width;
      if (next < length && isUnspaced(text, next) && visited < most) {
        visit(text.slice(at, next + (classOf(text.charCodeAt(next)) === SURROGATE ? 2 : 1)), at);
        visited++;
      }
      at = next;
    } else at++;
  }
}

function endOfWord(text: string, start: number): number {
  const { length } = text;
  let at = start;
  while (at < length) {
    const unit = text.charCodeAt(at);
    const kind = classOf(unit);
    if (kind === LETTER) at++;
    else if (kind === SURROGATE && classOfSurrogate(text, at) === LETTER) at += 2;
    else if (
      (unit === APOSTROPHE || unit === TYPOGRAPHIC_APOSTROPHE) &&
      at > start &&
      at + 1 < length &&
      classOf(text.charCodeAt(at + 1)) === LETTER
    )
      at++;
    else break;
  }
  return at;
}

function isUnspaced(text: string, at: number): boolean {
  const kind = classOf(text.charCodeAt(at));
  return kind === UNSPACED || (kind === SURROGATE && classOfSurrogate(text, at) === UNSPACED);
}

/** A lone surrogate is a separator. */
function classOfSurrogate(text: string, at: number): number {
  const codePoint = text.codePointAt(at) as number;
  return codePoint > 0xffff ? classOfPair(codePoint) : 0;
}
