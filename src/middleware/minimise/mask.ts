import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { BatonError } from "../../core/errors.js";
import { findCards } from "./card.js";
import type { Detector, Span } from "./detector.js";
import { findEmails } from "./email.js";
import { findIbans } from "./iban.js";
import { findIps } from "./ip.js";
import { findPhones } from "./phone.js";
import { findSecrets } from "./secret.js";

/** Finds by name. Where two find the same, the first one names it. */
const DETECTORS: Readonly<Record<string, Detector>> = {
  secret: findSecrets,
  card: findCards,
  iban: findIbans,
  email: findEmails,
  ip: findIps,
  phone: findPhones,
};
/** The mark of what a regular expression found. */
const OWN = "masked";
const MARK = new RegExp(String.raw`\[(?:${[...Object.keys(DETECTORS), OWN].join("|")})\]`, "g");
const PATTERN = /^\/(.+)\/(i?)$/s;
/** After a mark the text beside it may look different once more; a text that never comes to rest goes as a whole. */
const MOST_ROUNDS = 6;

/** Underscores around a text in Markdown. Within a word or a token they are a part of it. */
const EMPHASIS = /(?<![\w+/-])_+(?=[^\s_])|(?<=[^\s_])_+(?![\w+/-])/g;

/** A text with what was found in it replaced by marks; the very same text when nothing was. */
export type Mask = (text: string, key?: string) => string;

/**
 * A mask out of names of detectors and regular expressions between slashes, `/EMP-\d{6}/` or, for either case, with an
 * `i` after it. These run on RE2, in linear time. Idempotent: marks are never part of what is found.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a name that is none, and for what RE2 does not take
 */
export function createMask(masks: readonly string[]): Mask {
  const names = new Set(masks);
  const named: (readonly [mark: string, find: Detector])[] = [];
  for (const [name, find] of Object.entries(DETECTORS))
    if (names.delete(name)) named.push([`[${name}]`, find]);
  const patterns = Array.from(names, toDetector);
  const once: Mask = (text, key) => {
    const found: Found[] = [];
    const add = (spans: readonly Span[], mark: string, rank: number): void => {
      for (const { start, end } of spans) found.push({ start, end, mark, rank });
    };
    const plain = withoutEmphasis(text);
    named.forEach(([mark, find], rank) => void add(find(plain, key), mark, rank));
    for (const find of patterns) add(find(text), `[${OWN}]`, named.length);
    return found.length === 0 ? text : replace(text, found);
  };
  return (text, key) => {
    let current = text;
    try {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const next = once(current, key);
        if (next === current) return current;
        current = next;
      }
    } catch (error) {
      // An expression ran out of stack, as happens with millions of groups of digits.
      if (!(error instanceof RangeError)) throw error;
    }
    return `[${OWN}]`;
  };
}

/** For the detectors the sign is a space, of the same length so that places stay. */
function withoutEmphasis(text: string): string {
  return text.includes("_") ? text.replace(EMPHASIS, (signs) => " ".repeat(signs.length)) : text;
}

function toDetector(text: string): Detector {
  const [, source, flag] = PATTERN.exec(text) ?? [];
  if (source === undefined) {
    const known = Object.keys(DETECTORS).join(", ");
    throw invalid(
      text,
      `is no detector: write one of ${known}, or a regular expression between slashes, /EMP-\\d{6}/`,
    );
  }
  let pattern: RE2JS;
  try {
    const { RE2JS } = engine();
    pattern = RE2JS.compile(source, flag === "i" ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw invalid(text, `is no regular expression that RE2 takes: ${(error as Error).message}`, error);
  }
  return (input) => {
    const spans: Span[] = [];
    const matcher = pattern.matcher(input);
    while (matcher.find()) spans.push({ start: matcher.start(), end: matcher.end() });
    return spans;
  };
}

/** Loaded when an expression is first used: it is large, and most stacks have none. */
function engine(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js") as typeof import("re2js");
}

function invalid(mask: string, problem: string, cause?: unknown): BatonError {
  return new BatonError("CONFIG_INVALID", `minimise(): the mask ${JSON.stringify(mask)} ${problem}`, {
    cause,
    data: { part: "minimise", mask },
  });
}

interface Found extends Span {
  readonly mark: string;
  readonly rank: number;
}

/** Spans that overlap become one, named by the longest of them. Marks that are there already stay. */
function replace(text: string, found: Found[]): string {
  found.sort((a, b) => a.start - b.start || a.rank - b.rank);
  const marks = Array.from(text.matchAll(MARK), ({ 0: mark, index }) => ({
    start: index,
    end: index + mark.length,
  }));
  let masked = "";
  let done = 0;
  let nextMark = 0;
  for (let i = 0; i < found.length; ) {
    let longest = found[i] as Found;
    let { start, end } = longest;
    for (i++; i < found.length && (found[i] as Found).start < end; i++) {
      const next = found[i] as Found;
      if (next.end - next.start > longest.end - longest.start) longest = next;
      end = Math.max(end, next.end);
    }
    const put = (until: number): void => {
      masked += text.slice(done, start);
      const hidden = text.slice(start, until);
      masked += hidden.trim() === "" ? hidden : longest.mark;
      done = until;
    };
    while (nextMark < marks.length && (marks[nextMark] as Span).end <= start) nextMark++;
    for (let at = nextMark; at < marks.length; at++) {
      const mark = marks[at] as Span;
      if (mark.start >= end) break;
      if (mark.start > start) put(mark.start);
      start = Math.max(start, mark.end);
    }
    if (start < end) put(end);
  }
  return masked + text.slice(done);
}
