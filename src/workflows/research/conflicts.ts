import { stem, termsOf, wordsOf } from "../../models/offline/words.js";
import type { Finding, Point } from "./state.js";

/** How much of the shorter sentence the other must say, beside its figures, to be about the same. */
const SAME_SUBJECT = 0.5;
const LEAST_COMMON = 2;

/**
 * Marks the points that a newer document contradicts: they speak of the same, and name another figure of the same kind,
 * as "up to 20 days a year" beside "up to 30 days a year". Where no date tells which is newer, none is marked.
 */
export function markSuperseded(findings: readonly Finding[]): readonly Finding[] {
  const all = findings.flatMap((finding) => finding.points.map((point) => ({ finding, point })));
  return findings.map((finding) => ({
    ...finding,
    points: finding.points.map((point) => {
      const newer = all.find(
        (other) =>
          other.finding.number !== finding.number &&
          other.point.query === point.query &&
          isNewer(other, { finding, point }) &&
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

function isNewer(one: Said, other: Said): boolean {
  const [a, b] = [one.finding.updated, other.finding.updated];
  return a !== undefined && b !== undefined && a > b;
}

/** Whether two sentences name different figures for the same. */
export function contradicts(one: string, other: string): boolean {
  const [a, b] = [figuresIn(one), figuresIn(other)];
  const units = [...a.keys()].filter((unit) => b.has(unit));
  const differ = units.some((unit) => {
    const [left, right] = [a.get(unit) ?? [], b.get(unit) ?? []];
    return !left.some((figure) => right.includes(figure));
  });
  return differ && isSameSubject(one, other, units);
}

/** The figures of a sentence by what they count: "days" has 30, "EUR" has 600. */
function figuresIn(text: string): ReadonlyMap<string, readonly string[]> {
  const figures = new Map<string, string[]>();
  const words = wordsOf(text);
  for (const [at, word] of words.entries()) {
    if (!/^\d+$/.test(word) || isYear(word)) continue;
    const unit = stem(words[at + 1] ?? "");
    figures.set(unit, [...(figures.get(unit) ?? []), word]);
  }
  return figures;
}

/** Beside the figures and what they count. */
function isSameSubject(one: string, other: string, units: readonly string[]): boolean {
  const [a, b] = [one, other].map((text) =>
    termsOf(text).filter((term) => !/^\d+$/.test(term) && !units.includes(term)),
  ) as [string[], string[]];
  const common = a.filter((term) => b.includes(term)).length;
  return common >= LEAST_COMMON && common >= SAME_SUBJECT * Math.min(a.length, b.length);
}

function isYear(word: string): boolean {
  return /^(?:19|20)\d{2}$/.test(word);
}
