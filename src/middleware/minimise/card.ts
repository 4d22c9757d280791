import {
  type Detector,
  type DigitGroup,
  digitGroups,
  isWord,
  matchesOf,
  NONE,
  type Span,
} from "./detector.js";

/** Issuers by their first digits and the lengths that they give out (ISO/IEC 7812). */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:30[0-5]|3095|36|3[89])/, [14, 16, 19]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16, 19]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]],
];
/** Groups of digits with one separator between them. */
const CHAIN = /\d+(?:[ -]\d+)*/g;
const SHORTEST = 13;
const LONGEST = 19;

/** Numbers of payment cards: a known issuer, a length that it uses, and a right check digit (Luhn). */
export const findCards: Detector = (text) => {
  if (text.length < SHORTEST) return NONE;
  const spans: Span[] = [];
  for (const chain of matchesOf(text, CHAIN)) {
    // After letters it is the rest of another number, of an account for example.
    if (chain[0].length < SHORTEST || isWord(text, chain.index - 1)) continue;
    const groups = digitGroups(chain[0], chain.index);
    for (let first = 0; first < groups.length; first++) {
      const last = lastGroupOfCard(text, groups, first);
      if (last === undefined) continue;
      spans.push({ start: groups[first]?.start ?? 0, end: groups[last]?.end ?? 0 });
      first = last;
    }
  }
  return spans;
};

function lastGroupOfCard(text: string, groups: readonly DigitGroup[], first: number): number | undefined {
  const head = groups[first];
  if (head === undefined || (head.length !== 4 && head.length < SHORTEST)) return undefined;
  // No issuer has any other first digit.
  if (!/[2-6]/.test(text[head.start] ?? "") || !isFree(text, head.start - 1, -1)) return undefined;
  let digits = "";
  for (let last = first; last < groups.length; last++) {
    const group = groups[last];
    if (group === undefined || (last > first && (group.length < 2 || group.length > 7))) return undefined;
    if (last > first + 1 && text[group.start - 1] !== text[head.end]) return undefined;
    digits += text.slice(group.start, group.end);
    if (digits.length > LONGEST) return undefined;
    if (digits.length >= SHORTEST && isFree(text, group.end, 1) && isCard(digits)) return last;
  }
  return undefined;
}

/** Whether a number may end here: not within a word, a decimal or a chain of other groups. */
function isFree(text: string, at: number, step: 1 | -1): boolean {
  if (isWord(text, at)) return false;
  return !/[-.]/.test(text[at] ?? " ") || !isWord(text, at + step);
}

function isCard(digits: string): boolean {
  return (
    ISSUERS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) &&
    passesLuhn(digits)
  );
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
