const LONGEST_INLINE = 200;

/**
 * What others name a thing, for a line of ours: on one line, of bounded length, and with no bracket of a citation or a
 * link, so that a title cannot pass for an entry of the list of sources.
 */
export function inline(text: string, longest = LONGEST_INLINE): string {
  const line = text
    .slice(0, 2 * longest)
    .replace(/[\s\p{Cc}\p{Bidi_C}]+/gu, " ")
    .replace(/[[【［]/gu, "(")
    .replace(/[\]】］]/gu, ")")
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
