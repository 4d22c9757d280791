import { termsOf } from "../../models/offline/words.js";
import type { Cited } from "./citations.js";
import { documentsOf } from "./citations.js";
import { saidBy } from "./coverage.js";
import { dayIn, isWithin } from "./dates.js";
import { spanOf } from "./extract.js";
import { inline } from "./inline.js";
import { namedFailure } from "./search.js";
import { plain } from "./sentences.js";
import type { Failure, Finding, Point, ResearchQuery } from "./state.js";

/** The answer to all queries in the findings' own words, in the order in which they were asked. */
export function composeAnswer(queries: readonly ResearchQuery[], findings: readonly Finding[]): string {
  const parts = queries.flatMap((query, index) => {
    const lines = linesOf(index, queries, findings);
    if (lines.length === 0) return [];
    return [[...(queries.length > 1 ? [`**${titleOf(query)}**`, ""] : []), ...lines].join("\n")];
  });
  return parts.join("\n\n");
}

function linesOf(
  index: number,
  queries: readonly ResearchQuery[],
  findings: readonly Finding[],
): readonly string[] {
  const query = queries[index] as ResearchQuery;
  const said = findings.flatMap((finding) => {
    const points = finding.points.filter((point) => point.query === index);
    return points.length === 0 ? [] : [{ finding, points }];
  });
  if (query.changes) return [...changeLines(said), ...updatedLine(query, said, findings)];
  const current = said.flatMap(({ finding, points }) => {
    const valid = points.filter(({ supersededBy }) => supersededBy === undefined);
    return valid.length === 0 ? [] : [{ finding, points: valid }];
  });
  return [...merged(current.map(sentences)), ...said.flatMap(supersededLines)];
}

function titleOf({ question }: ResearchQuery): string {
  const bare = inline(question).replace(/[\s,;:?!.]+$/u, "");
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}

interface Said {
  readonly finding: Finding;
  readonly points: readonly Point[];
}

interface Line {
  readonly text: string;
  readonly numbers: readonly number[];
}

/** What one passage says to a query: what fits best, and then the rest in its own order. */
function sentences({ finding, points: [best, ...others] }: Said): Line {
  const text = plain(finding.text);
  const inOrder = others.sort(
    (one, other) => text.indexOf(plain(one.quote)) - text.indexOf(plain(other.quote)),
  );
  const quotes = [...(best ? [best] : []), ...inOrder].map(({ quote }) => shown(quote)).join(" ");
  return { text: `${lead(finding, quotes)}${quotes}`, numbers: [finding.number] };
}

/** A heading that says what its sentences leave out: the question that they answer, or their subject. */
function lead({ heading: written = "" }: Finding, quotes: string): string {
  const heading = inline(written);
  if (heading.endsWith("?")) return `*${heading}* `;
  const said = saidBy(termsOf(quotes));
  const isSaid = dayIn(heading) !== undefined || termsOf(heading).some((term) => said(term) > 0);
  return heading === "" || isSaid ? "" : `${heading}: `;
}

/** One line for what several documents say in the same words. */
function merged(lines: readonly Line[]): readonly string[] {
  const byText = new Map<string, Line>();
  for (const { text, numbers } of lines) {
    const known = byText.get(plain(text));
    byText.set(plain(text), {
      text: known?.text ?? text,
      numbers: [...new Set([...(known?.numbers ?? []), ...numbers])],
    });
  }
  return [...byText.values()].map(
    ({ text, numbers }) => `- ${text} ${numbers.map((number) => `[${number}]`).join("")}`,
  );
}

/** Newest first; what a passage tells of one day is one line. */
function changeLines(said: readonly Said[]): readonly string[] {
  const changes = said.flatMap(({ finding, points }) =>
    [...new Set(points.map(({ date }) => date))].map((date) => {
      const { text, numbers } = sentences({ finding, points: points.filter((point) => point.date === date) });
      const isDated = date === undefined || /\b(?:19|20)\d{2}\b/.test(text);
      return { date: date ?? "", line: { text: isDated ? text : `${date}: ${text}`, numbers } };
    }),
  );
  changes.sort((one, other) => other.date.localeCompare(one.date));
  return merged(changes.map(({ line }) => line));
}

/** The other documents on the subject that were changed in the time asked about: they do not say how. */
function updatedLine(
  query: ResearchQuery,
  said: readonly Said[],
  findings: readonly Finding[],
): readonly string[] {
  const span = spanOf(query);
  if (span === undefined) return [];
  const told = said.map(({ finding }) => finding.number);
  const updated = documentsOf(findings).filter(
    (one) => !told.includes(one.number) && isWithin(one.updated, span) && isNamedAfter(one, query),
  );
  if (updated.length === 0) return [];
  const list = updated.map(({ title, updated, number }) => `${title} (${updated}) [${number}]`).join(", ");
  return [`- Updated in that time, without a word on what changed: ${list}.`];
}

/** Whether a document's title says what is asked about. */
function isNamedAfter({ title }: Cited, { search }: ResearchQuery): boolean {
  const said = saidBy(termsOf(title));
  const subject = termsOf(search);
  return subject.length > 0 && subject.every((term) => said(term) > 0);
}

function supersededLines({ finding, points }: Said): readonly string[] {
  return points.flatMap(({ quote, supersededBy }) =>
    supersededBy === undefined
      ? []
      : [
          `- Out of date: "${shown(quote)}" [${finding.number}] A newer document says otherwise [${supersededBy}].`,
        ],
  );
}

/** A number in brackets in a quotation would be read as a citation of ours. */
function shown(quote: string): string {
  return quote
    .replace(/\s+/g, " ")
    .replace(/\[(\d[\d,;\s]*)\]/g, "($1)")
    .replace(/\*\*/g, "");
}

/** What stands below every answer: what was not found, who did not answer, and what is cited. */
export function notesBelow(
  queries: readonly ResearchQuery[],
  findings: readonly Finding[],
  failures: readonly Failure[],
): readonly string[] {
  const missing = queries.filter((_, index) => linesOf(index, queries, findings).length === 0);
  return [
    ...missing.map((query) => notFound(query, findings)),
    ...failures.map(({ source, message, failed, searches }) => {
      const which = failed === searches ? "" : ` (${failed} of ${searches} searches)`;
      const what = failed === 0 ? "Not searched in full" : `Not searched${which}`;
      return `${what}: ${inline(namedFailure({ source, message }), LONGEST_REASON)}`;
    }),
  ];
}

const LONGEST_REASON = 500;

/** Where nothing is of the time that was asked about, what is nearest to it is told. */
function notFound(query: ResearchQuery, findings: readonly Finding[]): string {
  const { question, changes, from, to } = query;
  const what = changes ? "no change was found" : "nothing was found";
  const when = from === undefined ? "" : ` from ${from} to before ${to ?? "today"}`;
  const [newest] = documentsOf(findings)
    .filter((one) => changes && one.updated !== undefined && isNamedAfter(one, query))
    .sort((one, other) => (other.updated ?? "").localeCompare(one.updated ?? ""));
  const nearest = newest === undefined ? "" : ` ${newest.title} was last updated ${newest.updated}.`;
  return `Not found: on "${inline(question)}", ${what}${when}.${nearest}`;
}

/** The list of what an answer cites. */
export function sourceList(cited: readonly Cited[]): string {
  const lines = cited.map(({ number, title, sources, uri, updated }) => {
    const place = uri === undefined || inline(uri) === title ? "" : `, ${inline(uri)}`;
    return `[${number}] ${title} (${sources.map((source) => inline(source)).join(" and ")}${place}${updated === undefined ? "" : `, updated ${updated}`})`;
  });
  return ["Sources:", ...lines].join("\n");
}
