import type { Span } from "../../memory/recall/dates.js";
import { termsOf } from "../../models/offline/words.js";
import { type Coverage, createCoverage, headingsOf, saidBy } from "./coverage.js";
import { datesIn, dayIn, isWithin, overlaps } from "./dates.js";
import { SOURCES_LABEL, sentencesOf } from "./sentences.js";
import type { Finding, Point, ResearchQuery } from "./state.js";

/** The share of what is asked about that a sentence and its headings must name: less is another subject. */
const LEAST_COVERAGE = 0.6;
/** What a heading adds to a sentence that says the word itself, and what its neighbours do to what it covers. */
const CONTEXT_SHARE = 0.5;
/** A sentence that scores less beside the best one says little to the question. */
const LEAST_SCORE = 0.5;
const FIGURE_BONUS = 1.25;
/** These cannot be answered without one. */
const COUNTS = /\bhow (?:many|much|long)\b/iu;
const ASKS_FIGURE = /\bhow (?:many|much|long|often|old|far|high)\b|\bwhen\b|\bnumber of\b/iu;
const FIGURE =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|half|daily|weekly|monthly)\b/iu;
/** The words by which a text says that something is no longer as it was. */
const SAYS_CHANGE =
  /\b(?:chang(?:ed|es)|rose|rais(?:e|ed|es)|increas\w+|lower(?:ed|s)|reduc\w+|decreas\w+|extend(?:ed|s)|shorten\w+|from now on|now|no longer|instead of|replac\w+|supersed\w+|introduc\w+|add(?:s|ed)|remov\w+|used to|revis\w+|updat\w+|abolish\w+|dropped|takes? effect|went (?:up|down)|from \d\S* to \d)\b/iu;
const SINCE_DATE = /\b(?:[Ss]ince|[Aa]s of|[Ss]tarting) (?:\d|[A-Z])/u;
const MOST_PER_FINDING = 3;
const MOST_PER_QUERY = 6;

interface Candidate {
  readonly finding: Finding;
  readonly point: Point;
  readonly score: number;
}

/**
 * What findings say to the queries, by their words: the sentences that name what is asked about, and for a query on
 * changes those that tell of one in the time asked about. Each finding comes back with its points.
 */
export function extractPoints(
  findings: readonly Finding[],
  queries: readonly ResearchQuery[],
): readonly Finding[] {
  const coverage = createCoverage(
    findings.flatMap((finding) =>
      sentencesOf(finding.text).map((sentence) => `${headingsOf(finding)} ${sentence}`),
    ),
  );
  const best = (index: number, isOpen: (point: Point) => boolean): readonly Candidate[] => {
    const query = queries[index] as ResearchQuery;
    const all = findings
      .flatMap((finding) => candidatesOf(finding, query, index, coverage))
      .filter(({ point }) => isOpen(point))
      .sort((one, other) => other.score - one.score);
    return all
      .filter(({ score }) => score >= LEAST_SCORE * (all[0]?.score ?? 0))
      .filter(firstOfFinding())
      .slice(0, MOST_PER_QUERY);
  };
  const places = [...queries.keys()];
  const changes = places
    .filter((place) => queries[place]?.changes)
    .flatMap((place) => best(place, () => true));
  const told = new Set(changes.map(({ point }) => point.quote));
  // What tells of a change is told there, and not twice.
  const others = places
    .filter((place) => !queries[place]?.changes)
    .flatMap((place) => best(place, ({ quote }) => !told.has(quote)));
  const chosen = [...changes, ...others];
  return findings.map((finding) => ({
    ...finding,
    points: chosen.filter((one) => one.finding === finding).map(({ point }) => point),
  }));
}

function candidatesOf(
  finding: Finding,
  query: ResearchQuery,
  index: number,
  coverage: Coverage,
): readonly Candidate[] {
  const subject = termsOf(query.search);
  if (SOURCES_LABEL.test(finding.heading ?? "") || (subject.length === 0 && !query.changes)) return [];
  const headed = saidBy(termsOf(headingsOf(finding)));
  const near = saidBy(termsOf(finding.text));
  const isHeaded = coverage(subject, headed) >= LEAST_COVERAGE;
  const wantsFigure = ASKS_FIGURE.test(query.question);
  return [...new Set(sentencesOf(finding.text))].flatMap((sentence, place): readonly Candidate[] => {
    const said = saidBy(termsOf(sentence));
    // A neighbour says what "it" is, but each change of a list is of something else.
    const covered = coverage(subject, (term) =>
      Math.max(said(term), headed(term), query.changes ? 0 : CONTEXT_SHARE * near(term)),
    );
    // "What changed?" asks of everything.
    const isTouched = subject.length === 0 || subject.some((term) => said(term) > 0);
    if (covered < LEAST_COVERAGE || !(isTouched || (isHeaded && (place === 0 || query.changes)))) return [];
    const date = dayIn(sentence) ?? finding.updated;
    if (!isOfTime(sentence, date, query) || (query.changes && !tellsChange(sentence))) return [];
    if (COUNTS.test(query.question) && !FIGURE.test(sentence)) return [];
    const bonus = wantsFigure && FIGURE.test(sentence) ? FIGURE_BONUS : 1;
    const own = coverage(subject, (term) =>
      query.changes ? Math.max(said(term), headed(term)) : said(term) + CONTEXT_SHARE * headed(term),
    );
    const point = { query: index, quote: sentence, ...(date !== undefined && { date }) };
    return [{ finding, point, score: own * covered * bonus }];
  });
}

/** Lets the first few of each finding through, so that one long text does not take all places. */
function firstOfFinding(): (candidate: Candidate) => boolean {
  const counts = new Map<Finding, number>();
  return ({ finding }) => {
    const count = (counts.get(finding) ?? 0) + 1;
    counts.set(finding, count);
    return count <= MOST_PER_FINDING;
  };
}

function tellsChange(sentence: string): boolean {
  return SAYS_CHANGE.test(sentence) || SINCE_DATE.test(sentence);
}

/** Whether a sentence, by the dates in it or else by its passage's, is of the time that is asked about. */
function isOfTime(sentence: string, date: string | undefined, query: ResearchQuery): boolean {
  const span = spanOf(query);
  if (span === undefined) return true;
  const dates = datesIn(sentence);
  return dates.length > 0 ? dates.some((one) => overlaps(one, span)) : isWithin(date, span);
}

/** The time that a query asks about. */
export function spanOf({ from, to }: ResearchQuery): Span | undefined {
  if (from === undefined && to === undefined) return undefined;
  return {
    from: from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
    to: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to),
  };
}
