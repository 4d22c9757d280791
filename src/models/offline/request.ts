import type { Clock } from "../../core/clock.js";
import type { Resource } from "./conversation.js";
import { type Evidence, evidenceOf } from "./evidence.js";
import { isRecord } from "./schema.js";
import { allStems, isStopWord, namesPeople, stem, termsOf, wordsOf } from "./words.js";

/** What a question wants done with the values it asks about. */
export type Operation = "count" | "average" | "sum" | "max" | "min";

/** A value that the conversation makes known, with the names that it stands under, outermost first. */
export interface KnownValue {
  readonly value: string;
  readonly stems: readonly string[];
  readonly under: readonly string[];
}

/** One part of a question, read once and used for every tool. */
export interface Request {
  readonly text: string;
  /** Stems of all words, in order. */
  readonly stems: readonly string[];
  /** Stems of the words that carry the subject. */
  readonly terms: readonly string[];
  readonly evidence: Evidence;
  readonly operation: Operation | undefined;
  /** What the operation is about: "engineer" in "how many engineers do we have". */
  readonly operand: readonly string[];
  readonly sortBy: readonly string[];
  readonly groupBy: readonly string[];
  /** "Which project has the highest budget": the row is wanted, not the figure. */
  readonly wantsRow: boolean;
  readonly asksForPeople: boolean;
  /** What only a person can judge, as it was asked for: "concerns", "doing". An overview of the subject serves it. */
  readonly judged: string | undefined;
  /** The known values that the text mentions. */
  readonly known: readonly KnownValue[];
  /** Stems of a follow-up, where the text is the earlier question and the follow-up: "sale" of "and in Sales?". */
  readonly fresh: readonly string[];
  /** All known values. */
  readonly vocabulary: readonly KnownValue[];
}

const OPERATIONS: readonly (readonly [Operation, RegExp])[] = [
  ["count", /\bhow many\b|\b(?:number|count) of\b|^(?:please )?count\b/iu],
  ["average", /\b(?:average|avg|mean)\b/iu],
  ["sum", /\b(?:total|sum of|altogether|combined)\b/iu],
  ["max", /\b(?:highest|largest|biggest|greatest|maximum|max|most|longest|latest|newest)\b/iu],
  ["min", /\b(?:lowest|smallest|least|minimum|min|shortest|earliest|fewest|cheapest)\b/iu],
];

/** "Are there any staffing concerns", "how are our projects doing": no row and no sentence says so. */
const JUDGED = [
  /\b(?:are there|is there|there are|there is|do we have|any|what(?:'s|’s| is| are)|which|list|show)\b.*\b(concerns?|issues?|problems?|risks?|worries|troubles?|challenges?|bottlenecks?|shortages?|gaps?)\b/iu,
  /\bhow (?:is|are)\b.+\b(doing|going|looking|performing)\b/iu,
];

/** "How long" asks for a figure, not for something long. */
export const MEASURE_QUESTION = /\bhow (?:long|old|often|far|high)\b/giu;
const SORT_CUE = /\b(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)\s+by\b/iu;
const GROUP_CUE = /\b(?:per|for each|for every|in each|in every|grouped by|broken down by|by)\b/iu;
/** How many words behind a cue still belong to it: "average annual budget". */
const CUE_REACH = 3;

/** Reads a request. `followUp` is the end of the text that came last, when the rest is an earlier question. */
export function readRequest(
  text: string,
  vocabulary: readonly KnownValue[],
  clock: Pick<Clock, "now">,
  followUp = "",
): Request {
  const found = OPERATIONS.find(([, pattern]) => pattern.test(text));
  const operation = found?.[0];
  const stems = allStems(text);
  const sortBy = wordsAfter(text, SORT_CUE);
  const fresh = termsOf(followUp);
  // "How many engineers?" "And in Sales?": now the people in Sales are counted.
  const operand = found ? [...wordsAfter(text, found[1]), ...fresh] : [];
  const extreme = operation === "max" || operation === "min";
  return {
    text,
    stems,
    terms: termsOf(text.replace(MEASURE_QUESTION, "how")),
    evidence: evidenceOf(text, clock),
    operation,
    operand,
    sortBy: sortBy.length === 0 && extreme ? operand : sortBy,
    groupBy: SORT_CUE.test(text) ? [] : wordsAfter(text, GROUP_CUE),
    wantsRow: extreme && /^\W*(?:which|who|list|show|top)\b/iu.test(text),
    asksForPeople:
      /\bwho\b/iu.test(text) || wordsOf(text).some((word) => !isStopWord(word) && namesPeople(word)),
    judged: JUDGED.map((pattern) => pattern.exec(text)?.[1]).find((word) => word !== undefined),
    known: vocabulary.filter((known) => indexOfPhrase(stems, known.stems) !== -1),
    fresh,
    vocabulary,
  };
}

/** Stems of the noun phrase right after a cue: up to the first stop word that is not an article or "of". */
function wordsAfter(text: string, cue: RegExp): string[] {
  const match = cue.exec(text);
  if (!match) return [];
  const phrase: string[] = [];
  for (const word of wordsOf(text.slice(match.index + match[0].length))) {
    if (isStopWord(word)) {
      if (phrase.length === 0 && /^(?:the|a|an|of|our|all)$/.test(word)) continue;
      break;
    }
    if (phrase.push(stem(word)) === CUE_REACH) break;
  }
  return phrase;
}

/** Where a phrase of stems begins in a text of stems, or -1. */
export function indexOfPhrase(text: readonly string[], phrase: readonly string[]): number {
  if (phrase.length === 0) return -1;
  return text.findIndex((_, start) => phrase.every((word, offset) => text[start + offset] === word));
}

/** A longer list is data rather than a vocabulary, and would make every word of a question "known". */
const MOST_KNOWN = 5000;

/** Every string in the JSON resources of a conversation: names of tables and columns, and the values they take. */
export function knownValues(resources: readonly Resource[]): KnownValue[] {
  const known: KnownValue[] = [];
  const add = (value: string, under: readonly string[]) => {
    const stems = allStems(value);
    // A sentence is prose, no value.
    if (stems.length > 0 && stems.length <= 6 && known.length < MOST_KNOWN)
      known.push({ value, stems, under });
  };
  const walk = (node: unknown, under: readonly string[]): void => {
    if (typeof node === "string") add(node, under);
    else if (Array.isArray(node)) for (const item of node) walk(item, under);
    else if (isRecord(node)) {
      const label = ["name", "table", "key", "id", "title"]
        .map((key) => node[key])
        .find((one) => typeof one === "string");
      const here = typeof label === "string" ? [...under, label] : under;
      for (const [key, value] of Object.entries(node)) {
        if (isRecord(value) || Array.isArray(value)) add(key, here);
        walk(value, [...here, key]);
      }
    }
  };
  for (const { text } of resources) {
    try {
      walk(JSON.parse(text), []);
    } catch {
      // Prose: it is read when the answer is written.
    }
  }
  return known;
}
