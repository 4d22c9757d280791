import {
  contextBefore,
  type Detector,
  type DigitGroup,
  digitGroups,
  isWord,
  matchesOf,
  NONE,
  type Span,
} from "./detector.js";

/** Groups of digits with what stands between those of a phone number. */
const CHAIN = /\d+(?:[ \u00A0./()\u2010-\u2013-]{1,4}\d+)*/g;
const MOST_GROUPS = 7;
const SHORTEST = 7;
/** Country codes as assigned by ITU-T E.164. */
const COUNTRY =
  /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-689]\d|3[578]\d|42\d|50\d|59\d|6[789]\d|8[05-8]\d|9[679]\d)/;
const CALLED =
  /(?:phone|mobile|\bmobil|\bcell|\btel|\bfax|whatsapp|\bsms|\bdial|\bcall|msisdn|handy|telefon|\bring)(?:[ _-]?(?:numbers?|no|nr|line|home|work|office|me|us|him|her|them|on|at|is|was|under)\b){0,3}["']?\s*[:=.#]?\s*["']?[(+]?$/i;
const OTHERWISE =
  /(?:order|invoice|\bref|reference|\bid|\bno|\bnr|number|ticket|\bsku|serial|version|\bis[bs]n|\bpart|tracking|account|\bcase|batch|\bitem|model|build|\bpo|parcel|shipment)\b["']?[\s:.#=-]*["']?\(?$/i;
const DATE = /^(?:(?:19|20)\d\d[./-]\d\d?[./-]\d\d?|\d\d?[./-]\d\d?[./-](?:19|20)\d\d)/;

/**
 * Phone numbers: with a country code (+49 30 1234567), or written as their countries do, with an area code and in groups
 * ((555) 234-5678, 030 1234567, 06 12 34 56 78). Digits in one run count only where a word before them says what they are,
 * as in "phone: 5552345678": they may be anything.
 */
export const findPhones: Detector = (text, key) => {
  if (text.length < SHORTEST) return NONE;
  const spans: Span[] = [];
  for (const { 0: chain, index } of matchesOf(text, CHAIN)) {
    if (chain.length < SHORTEST) continue;
    const groups = digitGroups(chain, index);
    for (let first = 0; first < groups.length; first++) {
      const last = lastGroupOfPhone(text, groups, first, key);
      if (last === undefined) continue;
      const start = startOf(text, groups[first]?.start ?? 0);
      spans.push({ start, end: groups[last]?.end ?? 0 });
      first = last;
    }
  }
  return spans;
};

/** The plus sign and the bracket before the digits belong to the number. */
function startOf(text: string, digits: number): number {
  let start = digits;
  if (text[start - 1] === "(") start--;
  if (text[start - 1] === "+") start--;
  return start;
}

function lastGroupOfPhone(
  text: string,
  groups: readonly DigitGroup[],
  first: number,
  key: string | undefined,
): number | undefined {
  const head = groups[first];
  if (head === undefined) return undefined;
  const start = startOf(text, head.start);
  const before = text[start - 1] ?? " ";
  if (isWord(text, start - 1) || /[.@#$€£%&\\-]/.test(before) || (before === "/" && text[start] !== "+"))
    return undefined;
  const isSigned = text[start] === "+" || text[start] === "(";
  // A part of a longer row of numbers may be anything, unless its sign says otherwise.
  if (first > 0 && !isSigned && !isListNumber(text, groups[first - 1])) return undefined;
  const context = contextBefore(text, start, key);
  const isCalled = CALLED.test(context);
  if (!isCalled && OTHERWISE.test(context)) return undefined;
  const isMarked = isCalled || isSigned;
  let digits = "";
  let found: number | undefined;
  for (let last = first; last < groups.length && last < first + MOST_GROUPS; last++) {
    const group = groups[last];
    if (group === undefined) break;
    digits += text.slice(group.start, group.end);
    if (digits.length > 17) break;
    if (digits.length < SHORTEST || !endsAt(text, group.end)) continue;
    if (last < groups.length - 1 && !isMarked) continue;
    const written = text.slice(start, group.end);
    if (isPhone(written, digits, groups.slice(first, last + 1), isCalled)) {
      found = last;
      // What is already long enough takes in no further number that stands beside it.
      if (digits.length >= 9 && isCalled) break;
    }
  }
  return found;
}

/** As in "2) 030 1234567" and "2. 030 1234567". */
function isListNumber(text: string, group: DigitGroup | undefined): boolean {
  if (group === undefined || group.length > 2) return false;
  return /^[.)] /.test(text.slice(group.end, group.end + 2)) && /^$|\s/.test(text.charAt(group.start - 1));
}

function endsAt(text: string, at: number): boolean {
  const next = text[at] ?? " ";
  if (isWord(text, at)) return /^ ?x\d/.test(text.slice(at, at + 3));
  if (/[%°€$£@]/.test(next)) return false;
  return !/[-:./]/.test(next) || !isWord(text, at + 1);
}

function isPhone(written: string, digits: string, groups: readonly DigitGroup[], isCalled: boolean): boolean {
  if (DATE.test(written)) return false;
  if (written.startsWith("+") || written.startsWith("(+")) return isInternational(digits, written);
  const isGrouped = groups.length > 1;
  if (/^00[1-9]/.test(digits) && (isGrouped || isCalled)) return isInternational(digits.slice(2), written);
  if (isCalled && digits.length <= 15) return true;
  if (!isGrouped) return false;
  const lengths = groups.map(({ length }) => length);
  return isNorthAmerican(digits, lengths) || isNational(digits, lengths, written);
}

function isInternational(digits: string, written: string): boolean {
  const code = COUNTRY.exec(digits)?.[0];
  // One point makes it a number: a coordinate, a difference.
  if (/^\+\d+\.\d+$/.test(written)) return false;
  if (code === undefined || digits.length < 8 || digits.length > 15) return false;
  if (code === "1") return /^1[2-9]\d\d[2-9]\d{6}$/.test(digits);
  // The zero before an area code is not dialled from abroad; only Italy keeps it.
  return digits[code.length] !== "0" || code === "39" || written.includes("(0)");
}

/** 3-3-4 digits; area and exchange begin with 2 to 9 (NANP). */
function isNorthAmerican(digits: string, lengths: readonly number[]): boolean {
  return /^(?:1,)?3,3,4$/.test(lengths.join()) && /^1?[2-9]\d\d[2-9]\d{6}$/.test(digits);
}

/** An area code with its zero, or in brackets, and the rest in one or more groups. Chinese mobiles have no zero. */
function isNational(digits: string, lengths: readonly number[], written: string): boolean {
  if (lengths.some((length) => length < 2 || length > 8)) return false;
  if (lengths.join() === "3,4,4" && /^1[3-9]/.test(digits)) return true;
  const bracketed = /^\(\d{2,5}\)/.test(written);
  if (bracketed) return digits.length >= 9 && digits.length <= 12;
  if (!/^0[1-9]/.test(digits) || digits.length < 9 || digits.length > 12) return false;
  // With dots only in pairs, or after an area code: else it may be a version or an address.
  return !/^\d+\.\d+\./.test(written) || lengths.every((length) => length === 2);
}
