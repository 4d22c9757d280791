const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
const ASCII = /^[ -~]*$/;
/** What is drawn over the letter before it, or not at all. */
const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11FF]/u;
/** Signs that are drawn as one picture, flags and families of joined ones too. */
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;
/** Beyond these and the letters of Europe a font may have no sign of one column, and takes another font's. */
const ONE_COLUMN = /[ -\u10FF\u1E00-\u27BF]/u;
/** Texts with these are shown in another order than they are written in. */
const DIRECTIONS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
/** `\u200C` and `\u200D` are left: they join signs. */
const CONTROLS = /[\s\p{Cc}\p{Cs}\u00AD\u200B\u2060-\u2064\uFEFF\uFFF9-\uFFFB]+/gu;
/** Of one sign; what would have more is a trick, and is cut. */
const LONGEST_SIGN = 40;
/** No name and no label is longer, in UTF-16 units. */
const LONGEST_LINE = 10_000;

/** Columns that a text takes where each letter is one wide, and Chinese, Japanese, Korean and emoji are two. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of GRAPHEMES.segment(text)) columns += columnsOfSign(segment);
  return columns;
}

/** A text of at most so many columns, in one line and without controls; what was cut shows as `…`. */
export function shorten(text: string, columns: number): string {
  const most = Math.min(LONGEST_LINE, (columns + 1) * LONGEST_SIGN);
  const isCut = text.length > most;
  const line = (isCut ? text.slice(0, most) : text).replace(DIRECTIONS, "").replace(CONTROLS, " ");
  if (!isCut && columnsOf(line) <= columns) return line;
  let kept = "";
  let used = 1;
  for (const { segment } of GRAPHEMES.segment(line)) {
    used += columnsOfSign(segment);
    if (used > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As `shorten`, but what names often differ by stays: their end. */
export function shortenMiddle(text: string, columns: number): string {
  const line = shorten(text, LONGEST_LINE);
  if (columnsOf(line) <= columns) return line;
  let end = "";
  for (const { segment } of [...GRAPHEMES.segment(line)].reverse()) {
    if (columnsOf(segment + end) > columns / 3) break;
    end = segment + end;
  }
  return shorten(line, columns - columnsOf(end)) + end;
}

/** `1,234 calls`, `1 call`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

/** Of what readers take for one sign, however many characters it is made of. */
function columnsOfSign(sign: string): number {
  if (EMOJI.test(sign)) return 2;
  let columns = 0;
  for (const character of sign) if (!NO_COLUMN.test(character)) columns += ONE_COLUMN.test(character) ? 1 : 2;
  return columns;
}
