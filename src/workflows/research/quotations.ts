/** Of each kind of marks, what stands between them; an apostrophe is no mark. */
const QUOTATION =
  /["“”„](?=\S)([^"“”„]+)["“”]|«([^«»]+)»|»([^«»]+)«|‹([^‹›]+)›|「([^「」]+)」|‘((?:[^‘’]|’(?=\p{L}))+)’|(?<![\p{L}\p{N}])'(?=\S)((?:[^']|(?<=\p{L})'(?=\p{L}))+)(?<=\S)'(?![\p{L}\p{N}])/gu;
/** Where a list, a table, a heading or another paragraph begins. */
const PIECE_START = /\n(?=\s*(?:\n|[-*•+]\s|#|\||\d+[.)]\s))/;

export interface Quotation {
  /** Without its marks. */
  readonly quote: string;
  readonly start: number;
  readonly end: number;
}

/** What a text puts in quotation marks of any kind, in order. */
export function quotationsIn(text: string): readonly Quotation[] {
  return [...text.matchAll(QUOTATION)].map((match) => {
    const [whole, ...kinds] = match;
    const quote = kinds.find((kind) => kind !== undefined) ?? "";
    return { quote, start: match.index, end: match.index + whole.length };
  });
}

/** A text in which no quotation goes over the end of a line. */
export function joinQuotedLines(text: string): string {
  return text
    .split(PIECE_START)
    .map((piece) => piece.replace(QUOTATION, (quoted) => quoted.replace(/\s*\n\s*(?:>\s*)*/g, " ")))
    .join("\n");
}

/** A text at the given borders, of which those in a quotation are none. */
export function splitOutsideQuotations(text: string, border: RegExp): readonly string[] {
  const quotations = quotationsIn(text);
  const pieces: string[] = [];
  let from = 0;
  for (const { 0: gap, index } of text.matchAll(border)) {
    if (quotations.some(({ start, end }) => index > start && index < end)) continue;
    pieces.push(text.slice(from, index));
    from = index + gap.length;
  }
  return [...pieces, text.slice(from)];
}
