/** Columns that a text takes where each letter is one wide, and Chinese, Japanese, Korean and emoji are two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return columns;
}

/** A text of at most so many columns, in one line and without controls; what was cut shows as `…`. */
export function shorten(text: string, columns: number): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ");
  if (columnsOf(line) <= columns) return line;
  let kept = "";
  let used = 2;
  for (const character of line) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** As `shorten`, but what names often differ by stays: their end. */
export function shortenMiddle(text: string, columns: number): string {
  const line = shorten(text, Number.POSITIVE_INFINITY);
  if (columnsOf(line) <= columns) return line;
  let end = "";
  for (const character of [...line].reverse()) {
    if (columnsOf(character + end) > columns / 3) break;
    end = character + end;
  }
  return shorten(line, columns - columnsOf(end)) + end;
}

/** `3 calls`, `1 call`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
