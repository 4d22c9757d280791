/** A part of a text: from `start` up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds one kind of personal or secret data in a text, in linear time. `key` is the name that the text stands under, when
 * it is a value of an object: "password" says of a word what the word does not say of itself.
 */
export type Detector = (text: string, key?: string) => readonly Span[];

/** All matches of a global expression: as `matchAll`, which copies the expression each time and is slow for short texts. */
export function matchesOf(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) matches.push(match);
  return matches;
}

export const NONE: readonly Span[] = [];

const LONGEST_CONTEXT = 32;

/** What stands right before a place: on the same line, or the name of the value that begins there. */
export function contextBefore(text: string, at: number, key: string | undefined): string {
  const before = text.slice(Math.max(0, at - LONGEST_CONTEXT), at);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return key !== undefined && at - line.length <= 0 ? `${key}: ${line}` : line;
}

/** One unbroken run of digits. */
export interface DigitGroup extends Span {
  readonly length: number;
}

/** The runs of digits in a text in which nothing else but separators stands. */
export function digitGroups(text: string, from: number): readonly DigitGroup[] {
  const groups: DigitGroup[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text, at)) continue;
    const start = at;
    while (isDigit(text, at)) at++;
    groups.push({ start: from + start, end: from + at, length: at - start });
  }
  return groups;
}

export function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** A letter, digit or underscore of ASCII. False outside of the text. */
export function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
  );
}
