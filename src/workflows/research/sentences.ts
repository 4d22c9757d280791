/**
 * The sentences of a Markdown or plain text as they stand in it, in order: the lines of a paragraph belong together, an
 * item of a list and a row of a table stand alone, and headings, rules and code say nothing by themselves.
 */
export function sentencesOf(text: string): readonly string[] {
  return blocksOf(text).flatMap((block) =>
    block
      .split(/(?<=[.!?]["”’)]?)\s+(?=["“(*_[]?[\p{Lu}\d])/u)
      .map((sentence) => sentence.trim())
      .filter((sentence) => /\p{L}/u.test(sentence)),
  );
}

const ITEM = /^\s*(?:[-*•+>]|\d+[.)])\s+/;

function blocksOf(text: string): readonly string[] {
  const blocks: string[] = [];
  let isOpen = false;
  let isCode = false;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (/^(?:```|~~~)/.test(trimmed)) isCode = !isCode;
    const isNothing = isCode || trimmed === "" || /^(?:#{1,6}\s|[-=*_|:\s]+$|```|~~~)/.test(trimmed);
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

/** A text for comparing: without marks of Markdown, kinds of quotation marks, spaces and case. */
export function plain(text: string): string {
  return text
    .replace(/[*_`~]|^\s*(?:>|#{1,6}\s|[-•+]\s|\d+[.)]\s)/gmu, "")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[‘’]/gu, "'")
    .replace(/[‐-―]/gu, "-")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase();
}

/** Whether a quotation stands in a text; one with "..." in it, all of its pieces in their order. */
export function isQuotedFrom(quote: string, text: string): boolean {
  const whole = plain(text);
  let from = 0;
  for (const piece of quote.split(/\[?(?:\.{3}|…)\]?/u).map(plain)) {
    const at = whole.indexOf(piece.replace(/[.,;:]+$/u, ""), from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return true;
}
