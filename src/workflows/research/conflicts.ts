import { stem, termsOf, wordsOf } from "../../models/offline/words.js";
import type { Finding, Point } from "./state.js";

/** How much of the shorter sentence the other must say, beside its figures, to be about the same. */
const SAME_SUBJECT = 0.5;
const LEAST_COMMON = 2;

/**
 * Marks the points that a newer document contradicts: they speak of the same, and name another figure of the same kind,
 * as "up to 20 days a year" beside "up to 30 days a year". Where no date tells which is newer, none is marked.
 *
 * @param today `YYYY-MM-DD`: what is of a later day, as a draft is, replaces nothing yet
 */
export function markSuperseded(findings: readonly Finding[], today: string): readonly Finding[] {
  const all = findings.flatMap((finding) => finding.points.map((point) => ({ finding, point })));
  return findings.map((finding) => ({
    ...finding,
    points: finding.points.map((point) => {
      const newer = all.find(
        (other) =>
          other.finding.number !== finding.number &&
          other.point.query === point.query &&
          isNewer(other, { finding, point }, today) &&
          contradicts(other.point.quote, point.quote),
      );
      return newer === undefined ? point : { ...point, supersededBy: newer.finding.number };
    }),
  }));
}

interface Said {
  readonly finding: Finding;
  readonly point: Point;
}

function isNewer(one: Said, other: Said, today: string): boolean {
  const [a, b] = [one.finding.updated, other.finding.updated];
  return a !== undefined && b !== undefined && a > b && a <= today;
}

/** Whether two sentences name different figures for the same. */
export function contradicts(one: string, other: string): boolean {
  const [left, right] = [withPlainFigures(one), withPlainFigures(other)];
  const [a, b] = [figuresIn(left), figuresIn(right)];
  const units = [...a.keys()].filter((unit) => b.has(unit));
  const differ = units.some((unit) => !a.get(unit)?.some((figure) => b.get(unit)?.includes(figure)));
  return differ && isSameSubject(left, right, units) && !isOfOthers(left, right);
}

/** "1,500", "1.500" and "1’500" alike as 1500, and "2.5" as one word. A date is no figure. */
function withPlainFigures(text: string): string {
  return text
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, "")
    .replace(/(?<![\d.,])\d{1,3}(?:[.,'’\u00A0\u202F]\d{3})+(?!\d)/g, (figure) => figure.replace(/\D/g, ""))
    .replace(/(\d)[.,](\d)/g, "$1point$2");
}

/** The figures of a sentence by what they count: "days" has 30, "EUR" has 600. */
function figuresIn(text: string): ReadonlyMap<string, readonly string[]> {
  const figures = new Map<string, string[]>();
  const words = wordsOf(text);
  for (const [at, word] of words.entries()) {
    if (!FIGURE.test(word) || isYear(word)) continue;
    const unit = stem(words[at + 1] ?? "");
    figures.set(unit, [...(figures.get(unit) ?? []), word]);
  }
  return figures;
}

/** Beside the figures and what they count. */
function isSameSubject(one: string, other: string, units: readonly string[]): boolean {
  const [a, b] = [one, other].map((text) =>
    termsOf(text).filter((term) => !FIGURE.test(term) && !units.includes(term)),
  ) as [string[], string[]];
  const common = a.filter((term) => b.includes(term)).length;
  return common >= LEAST_COMMON && common >= SAME_SUBJECT * Math.min(a.length, b.length);
}

const FIGURE = /^\d+(?:point\d+)?$/;
/** What a figure is said of stands before it, or behind one of these: "30 days in Germany", "5 days a month". */
const SAYS_OF_WHAT = /^(?:a|an|per|each|every|in|for|at|of|if|when|during|within|to)$/;
const ENDS_PHRASE = /[,;:().]|\b(?:with|since|because|as|and|or|but|from|by)\b/u;

/** Whether each of two sentences is of something that the other is not: meals and hotels, Germany and France. */
function isOfOthers(one: string, other: string): boolean {
  const [a, b] = [subjectOf(one), subjectOf(other)];
  return a.some((term) => !b.includes(term)) && b.some((term) => !a.includes(term));
}

function subjectOf(text: string): readonly string[] {
  const at = text.search(/\d/);
  const phrase =
    text
      .slice(at)
      .replace(/^[\d\w]+/, "")
      .split(ENDS_PHRASE, 1)[0] ?? "";
  const words = phrase.split(/\s+/);
  const from = words.findIndex((word) => SAYS_OF_WHAT.test(word.toLowerCase()));
  const said = termsOf(`${text.slice(0, at)} ${from === -1 ? "" : words.slice(from).join(" ")}`);
  return said.filter((term) => !FIGURE.test(term));
}

function isYear(word: string): boolean {
  return /^(?:19|20)\d{2}$/.test(word);
}
