import { MEASURE_QUESTION } from "../../models/offline/request.js";
import { isFollowUp, splitQuestion } from "../../models/offline/split.js";
import { contentWords, stem, wordsOf } from "../../models/offline/words.js";
import { isDateWord, isoDay, timeAsked } from "./dates.js";
import type { ResearchQuery } from "./state.js";

/** Most queries of a question: each goes to every source. */
export const MOST_QUERIES = 4;

/** Of the words that go to a source. */
export const LONGEST_SEARCH = 300;

/** "What changed", "what is new", "changes to", and not "our change management policy". */
const ASKS_FOR_CHANGES =
  /\b(?:changed|updated|revised|amended|superseded|replaced|changes? (?:to|in|of|on|for|since|this|last|were|was|have|has|came|there)|(?:what|anything|something)(?:['’]s| is| are| has been| have been)? (?:new|different|changes|updates))\b|\b(?:any|recent|latest|which|what) (?:changes|updates|news)\b/iu;
const CHANGE_WORDS = new Set(
  "change changes changed update updates updated revise revised amend amended superseded replaced new news different recent recently latest since"
    .split(" ")
    .map(stem),
);
/** They say where it may stand, and not what is asked about. */
const PLACE_WORDS = new Set(
  "policy policies rule rules guideline guidelines document documents docs note notes source sources handbook company say says tell know decided discussed agreed happened"
    .split(" ")
    .map(stem),
);

/**
 * The searches that answer a question, without a model: one for each of its parts. A part that names no subject of its
 * own, "and what changed this year?", has that of the part before it.
 *
 * @param before the question before this one on the thread, for one that leans on it
 * @param now what "this year" is counted from
 */
export function planQueries(question: string, now: number, before?: string): readonly ResearchQuery[] {
  const queries: ResearchQuery[] = [];
  let subject = before === undefined ? "" : subjectsOf(before, now);
  for (const part of splitQuestion(question).slice(0, MOST_QUERIES)) {
    const span = timeAsked(part, now);
    const changes = ASKS_FOR_CHANGES.test(part);
    const own = subjectOf(part, changes || span !== undefined);
    const leaning = own === "" || isFollowUp(part) || leans(part);
    const search = bounded(leaning ? [subject, own].join(" ").trim() : own);
    if (search === "" && !changes) continue;
    subject = search;
    const time = span && { from: isoDay(span.from), to: isoDay(span.to) };
    // A question that is pasted twice is asked once.
    const isAsked = queries.some(
      (one) =>
        one.search === search && one.changes === changes && one.from === time?.from && one.to === time?.to,
    );
    if (!isAsked) queries.push({ question: part, search, changes, ...time });
  }
  if (queries.length > 0) return queries;
  return [{ question, search: bounded(contentWords(question).join(" ") || question), changes: false }];
}

/** Search engines refuse long texts, and the first words tell most. */
function bounded(search: string): string {
  return search.slice(0, LONGEST_SEARCH).trim();
}

/** The words that say what is asked about; those of dates and of change only where they are all there is. */
function subjectOf(part: string, isOfTime: boolean): string {
  const words = contentWords(part.replace(MEASURE_QUESTION, "how"));
  const isSubject = (word: string): boolean =>
    wordsOf(word).some((one) => !CHANGE_WORDS.has(stem(one)) && !isDateWord(one));
  const kept = isOfTime ? words.filter(isSubject) : words;
  const telling = kept.filter((word) => !wordsOf(word).every((one) => PLACE_WORDS.has(stem(one))));
  return (telling.length > 0 || isOfTime ? telling : kept).join(" ");
}

function subjectsOf(question: string, now: number): string {
  return planQueries(question, now).at(0)?.search ?? "";
}

/** "How long does it last?" */
function leans(part: string): boolean {
  return /\b(?:it|its|they|them|their|that|those|these)\b/iu.test(part) && contentWords(part).length <= 3;
}
