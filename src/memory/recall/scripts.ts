/** What a UTF-16 unit is to the tokeniser. */
export const SEPARATOR = 1;
export const LETTER = 2;
/** Of a script that puts no spaces between words. */
export const UNSPACED = 3;
/** Half of a character beyond the 16 bits. */
export const SURROGATE = 4;

const LETTER_PATTERN = /[\p{L}\p{N}\p{M}]/u;
const UNSPACED_PATTERN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]/u;

/** Filled as characters turn up; 0 is unknown. */
const classes = new Uint8Array(0x10000);

/** The class of one UTF-16 unit. */
export function classOf(unit: number): number {
  if (classes[unit] === 0) classes[unit] = classify(unit);
  return classes[unit] as number;
}

/** The class of a character beyond the 16 bits. */
export function classOfPair(codePoint: number): number {
  return classify(codePoint);
}

function classify(codePoint: number): number {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return SURROGATE;
  const character = String.fromCodePoint(codePoint);
  if (!LETTER_PATTERN.test(character)) return SEPARATOR;
  return UNSPACED_PATTERN.test(character) ? UNSPACED : LETTER;
}

/** Lower case without accents, compatible forms made alike: `Élan`, `ＥＬＡＮ` and `elan` are one. */
export function fold(word: string): string {
  const lower = word.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is ASCII
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  // Marks of other scripts are vowels, and stay.
  const plain = lower
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]+/g, "")
    .normalize("NFC");
  return plain.replaceAll("’", "'").replaceAll("ß", "ss").toLowerCase();
}
