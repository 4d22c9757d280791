import type { Clock } from "../../core/clock.js";
import { isStopWord, stem, wordsOf } from "./words.js";

/** A number in a question, with the stems around it, which tell what it counts. */
export interface NumberFound {
  readonly value: number;
  /** As it stands in the text. */
  readonly written: string;
  readonly before: string;
  readonly after: readonly string[];
}

/** What a text holds that could be an argument as it stands. Each list is in the order of the text. */
export interface Evidence {
  readonly quoted: readonly string[];
  readonly urls: readonly string[];
  readonly emails: readonly string[];
  readonly paths: readonly string[];
  /** Patterns for file names, such as `*.md`. */
  readonly globs: readonly string[];
  /** YYYY-MM-DD. */
  readonly dates: readonly string[];
  readonly numbers: readonly NumberFound[];
  /** Names of people, places and things: capitalised words that do not open the sentence. */
  readonly names: readonly string[];
}

const QUOTED = /(?<=^|[\s(:=])(?:"([^"]+)"|'([^'\n]+)'(?=[\s.,;:?!)]|$)|“([^”]+)”|‘([^’]+)’|`([^`]+)`)/gu;
const URL_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+[^\s"'<>).,;?!]/giu;
const EMAIL = /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gu;
const GLOB = /(?<=^|\s)[\w./-]*\*[\w.*/-]*/gu;
const ISO_DATE = /\b\d{4}-\d{2}-\d{2}\b/gu;
/** Something with a slash, or a file name with an ending of letters; "3.5" and "U.S." are neither. */
const PATH =
  /(?<=^|\s|\()(?:\.{1,2}(?=\s|\?|$)|(?:~|\.{1,2}|[A-Za-z]:)?[\\/][\w.@\\/-]*\w[\\/]?|[\w.@-]+\/[\w.@/-]*|[\w@-][\w.@-]*\.[A-Za-z][A-Za-z0-9]{0,5}|\.[a-z]\w+)(?=[\s,;:?!)]|\.(?:\s|$)|$)/gu;
const NAMED_FOLDER =
  /\b(?:the\s+)?(?!(?:allowed|current|home|new|parent|root|same|whole|working)\b)([\w.-]+)\s+(?:folder|directory)\b(?!\s+\w)/giu;
const FOLDER_NAMED = /\b(?:folder|directory)\s+(?:(?:named|called)\s+)?([\w.-]*\w)(?=\s*[.,?!]?\s*$)/giu;
/** Where to look for a pattern: "*.md files in notes". */
const SEARCHED_FOLDER = /\b(?:in|inside|under)\s+(?:the\s+)?([\w.-]*\w)(?=\s*[.,?!]?\s*$)/giu;
const NUMBER = /(?<![\w.-])-?\d[\d,]*(?:\.\d+)?(?![\w-])/gu;
const NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const DAY_MS = 86_400_000;
const DAYS_AWAY: Readonly<Record<string, number>> = { today: 0, yesterday: -1, tomorrow: 1 };

/** Everything in a text that could be an argument. `clock` says which day "today" is (UTC). */
export function evidenceOf(text: string, clock: Pick<Clock, "now">): Evidence {
  let rest = text;
  // Each find is taken out, so that the digits of a date are not read again as numbers.
  const take = (pattern: RegExp): string[] => {
    const found: string[] = [];
    rest = rest.replace(pattern, (match, ...groups: unknown[]) => {
      const inner = groups.find((group): group is string => typeof group === "string" && group !== rest);
      found.push(pattern === QUOTED ? (inner ?? match) : match);
      return " ";
    });
    return found;
  };

  const quoted = take(QUOTED);
  const urls = take(URL_TEXT);
  const emails = take(EMAIL);
  const globs = take(GLOB);
  const dates = [...take(ISO_DATE), ...relativeDates(text, clock)];
  const numbers = numbersIn(rest);
  const paths = take(PATH).map((path) => path.replace(/(?<=\w)[.,;:]$/, ""));
  for (const pattern of globs.length > 0 ? [SEARCHED_FOLDER] : [NAMED_FOLDER, FOLDER_NAMED]) {
    for (const [, name = ""] of rest.matchAll(pattern)) if (!isStopWord(name.toLowerCase())) paths.push(name);
  }
  return { quoted, urls, emails, globs, dates, paths: [...new Set(paths)], numbers, names: namesIn(rest) };
}

function relativeDates(text: string, clock: Pick<Clock, "now">): string[] {
  return wordsOf(text).flatMap((word) => {
    const days = DAYS_AWAY[word];
    if (days === undefined) return [];
    return [new Date(clock.now() + days * DAY_MS).toISOString().slice(0, 10)];
  });
}

function numbersIn(text: string): NumberFound[] {
  const written = text.replace(/\p{L}+/gu, (word) => {
    const value = NUMBER_WORDS.indexOf(word.toLowerCase());
    // "One" is mostly a pronoun.
    return value === -1 || value === 1 ? word : String(value);
  });
  return [...written.matchAll(NUMBER)].map((match) => {
    const end = match.index + match[0].length;
    const before = wordsOf(written.slice(0, match.index)).at(-1) ?? "";
    const after = wordsOf(written.slice(end)).slice(0, 2).map(stem);
    return { value: Number(match[0].replaceAll(",", "")), written: match[0], before: stem(before), after };
  });
}

function namesIn(text: string): string[] {
  const names: string[] = [];
  let current: string[] = [];
  const close = () => {
    if (current.length > 0) names.push(current.join(" "));
    current = [];
  };
  for (const [index, token] of text.split(/\s+/).entries()) {
    const word = token.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "").replace(/['’]s$/u, "");
    const capital = /^\p{Lu}[\p{L}\p{N}.-]*$/u.test(word) && !(index === 0 && /^\p{Lu}\p{Ll}/u.test(word));
    if (capital && word !== "I" && !isStopWord(word.toLowerCase())) current.push(word);
    else close();
    if (/[,;:?!]$/.test(token)) close();
  }
  close();
  return names;
}
