/**
 * The sentences of a Markdown or plain text as they stand in it, in order: the lines of a paragraph belong together, an
 * item of a list and a row of a table stand alone, and headings, rules, code and lists of sources say nothing by
 * themselves.
 */
export function sentencesOf(text: string): readonly string[] {
  return blocksOf(text).flatMap((block) =>
    block
      .split(/(?<=[.!?]["”’)]?)\s+(?=["“(*_[]?[\p{Lu}\d])/u)
      .map((sentence) => sentence.trim())
      .filter((sentence) => /\p{L}/u.test(sentence)),
  );
}

/** "Sources:", and the same with some of them on its line. */
export const SOURCES_LABEL =
  /^\W*(?:sources|references|citations|bibliography|further reading)(?:\W*|\s*:\W*\[?\d.*)$/iu;
const SOURCES_ENTRY = /^\[\^?\d{1,3}\](?::|\s)/u;
const ITEM = /^\s*(?:[-*•+>]|\d+[.)])\s+/;

function blocksOf(text: string): readonly string[] {
  const blocks: string[] = [];
  let isOpen = false;
  let isCode = false;
  let isSources = false;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (/^(?:```|~~~)/.test(trimmed)) isCode = !isCode;
    if (!isCode && SOURCES_LABEL.test(trimmed)) isSources = true;
    else if (trimmed !== "" && !ITEM.test(line) && !SOURCES_ENTRY.test(trimmed)) isSources = false;
    const isEntry = isSources || SOURCES_ENTRY.test(trimmed);
    const isNothing =
      isEntry || isCode || trimmed === "" || /^(?:#{1,6}\s|[-=*_|:\s]+$|```|~~~)/.test(trimmed);
    if (isNothing) isOpen = false;
    else if (isOpen && !ITEM.test(line) && !trimmed.startsWith("|"))
      blocks[blocks.length - 1] += ` ${trimmed}`;
    else {
      blocks.push(trimmed.replace(ITEM, ""));
      isOpen = !trimmed.startsWith("|");
    }
  }
  return blocks;
}

/** A text for comparing: without marks of Markdown, kinds of quotation marks and brackets, spaces and case. */
export function plain(text: string): string {
  return text
    .replace(/[*_`~]|^\s*(?:>|#{1,6}\s|[-•+]\s|\d+[.)]\s)/gmu, "")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[‘’]/gu, "'")
    .replace(/[‐-―]/gu, "-")
    .replace(/\[/g, "(")
    .replace(/\]/g, ")")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase();
}

/** Whether a quotation stands in a text; one with "..." in it, all of its pieces in their order. Words are not cut. */
export function isQuotedFrom(quote: string, text: string): boolean {
  const whole = plain(text);
  const pieces = quote
    .split(/\[?(?:\.{3}|…)\]?/u)
    .map((piece) => plain(piece).replace(/[.,;:\s]+$/u, ""))
    .filter((piece) => /[\p{L}\p{N}]/u.test(piece));
  let from = 0;
  for (const piece of pieces) {
    const at = placeOf(piece, whole, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return pieces.length > 0;
}

/** "12|5 days", "1,|500"; the scripts that put nothing between words have no such place. */
const WITHIN_WORD = /[\p{L}\p{N}]\|[\p{L}\p{N}]|\d[.,]\|\d|\d\|[.,]\d/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function placeOf(piece: string, whole: string, from: number): number {
  for (let at = whole.indexOf(piece, from); at !== -1; at = whole.indexOf(piece, at + 1)) {
    const end = at + piece.length;
    if (!isCut(whole, at) && !isCut(whole, end)) return at;
  }
  return -1;
}

/** Whether a place in a text is within a word or a number. */
function isCut(text: string, at: number): boolean {
  const [before, after] = [text.slice(Math.max(0, at - 2), at), text.slice(at, at + 2)];
  return WITHIN_WORD.test(`${before}|${after}`) && !UNSPACED.test(before.slice(-1) + after.slice(0, 1));
}
