import { findDates, type Span } from "./dates.js";
import type { Documents } from "./documents.js";
import type { Speakers } from "./speakers.js";
import { stem } from "./stem.js";
import { tokenise } from "./tokenise.js";
import { CAPITAL, type Looked, look, STOP } from "./vocabulary.js";

/** Words of a query that count; the rest of it is left out. */
const MOST_WORDS = 256;
const MOST_TERMS = 48;
const MOST_CHARACTERS = 8192;
/** Words that tell what kind of answer is wanted. */
const MOST_WORDS_OF_QUESTION = 32;

/** What a query asks for. Its words come in slots: first the terms that some item has, then those that none has. */
export interface Query {
  /** Terms that some item has, rarest first, each once. */
  readonly terms: readonly number[];
  /** The stem of each slot. */
  readonly stems: readonly string[];
  /** How rare each slot's word is. */
  readonly idf: readonly number[];
  readonly idfSum: number;
  /** Whether a slot's word says what is asked about, and not only in which shape: "kind", "name", "time". */
  readonly isCore: readonly boolean[];
  /** Nothing is asked but about somebody or some time. */
  readonly isOpen: boolean;
  /** Neighbouring terms, as slots. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Who is asked about: those named, or the user for "I" and "my". */
  readonly speakers: ReadonlySet<number>;
  /** The one named first, where others are named too and it is not "A and B". */
  readonly firstSpeakers: ReadonlySet<number>;
  /** The words of their names. */
  readonly names: ReadonlySet<number>;
  readonly asksWhen: boolean;
  readonly spans: readonly Span[];
}

/** Words that say in which shape something is asked for. */
const SHAPES: ReadonlySet<string> = new Set(
  `kind type sort name many much time mention say describe tell think feel people thing way long ago favorite favourite
  currently recently new different example`
    .split(/\s+/)
    .map(stem),
);
const ASKS_WHEN = /\bwhen\b|\b(what|which) (date|day|month|year|time)\b/;
const SELF = new Set([
  "i",
  "my",
  "mine",
  "myself",
  "i'm",
  "i've",
  "i'd",
  "i'll",
  "our",
  "we",
  "we've",
  "we're",
]);
const ASKED_OF_YOU = new Set(["did", "have", "had", "do", "were"]);

/** @param countOf how many items have a term */
export function readQuery(
  text: string,
  now: number,
  { vocabulary, speakers, totals }: Documents,
  countOf: (term: number) => number,
): Query {
  const words: Looked[] = [];
  tokenise(text.slice(0, MOST_CHARACTERS), MOST_WORDS, (written) => void words.push(look(written)));
  const people = findPeople(words, speakers);
  const sequence = words.flatMap(({ stemmed, bits }, at) =>
    (bits & STOP) !== 0 || people.places.has(at) ? [] : [stemmed],
  );
  const found = [...new Set(sequence)].map((stemmed) => {
    const term = vocabulary.term(stemmed);
    return { stemmed, term: term ?? -1, count: term === undefined ? 0 : countOf(term) };
  });
  const known = found
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count || (a.stemmed < b.stemmed ? -1 : 1))
    .slice(0, MOST_TERMS);
  const slots = [...known, ...found.filter(({ count }) => count === 0).slice(0, MOST_TERMS)];
  const idf = slots.map(({ count }) => Math.log(1 + (totals.count - count + 0.5) / (count + 0.5)));
  const place = new Map(known.map(({ stemmed }, slot) => [stemmed, slot]));
  const pairs: (readonly [number, number])[] = [];
  for (let at = 1; at < sequence.length; at++) {
    const [a, b] = [place.get(sequence[at - 1] as string), place.get(sequence[at] as string)];
    if (a !== undefined && b !== undefined && a !== b) pairs.push([a, b]);
  }
  const hasCore = slots.some(({ stemmed }) => !SHAPES.has(stemmed));
  const start = words
    .slice(0, MOST_WORDS_OF_QUESTION)
    .map(({ form }) => form)
    .join(" ");
  return {
    terms: known.map(({ term }) => term),
    stems: slots.map(({ stemmed }) => stemmed),
    idf,
    idfSum: idf.reduce((sum, each) => sum + each, 0),
    isCore: slots.map(({ stemmed }) => !hasCore || !SHAPES.has(stemmed)),
    isOpen: !hasCore,
    pairs,
    speakers: people.speakers,
    firstSpeakers: people.first,
    names: new Set([...people.places].flatMap((at) => vocabulary.term((words[at] as Looked).stemmed) ?? [])),
    asksWhen: ASKS_WHEN.test(start),
    spans: findDates(
      words.map(({ date }) => date),
      now,
    ),
  };
}

/** Who a query is about, and where in it the names stand. */
function findPeople(words: readonly Looked[], speakers: Speakers) {
  const asked = new Set<number>();
  const places = new Set<number>();
  let first = new Set<number>();
  let firstAt = 0;
  for (const [at, { form, bits }] of words.entries()) {
    // The first word of a question has a capital letter anyway, so a stop word there is none's name.
    const isName = (bits & CAPITAL) !== 0 && (at > 0 || (bits & STOP) === 0);
    const named = speakers.named(form, isName);
    if (named.length === 0) continue;
    places.add(at);
    for (const speaker of named) asked.add(speaker);
    const isOther = named.some((speaker) => !first.has(speaker));
    if (first.size === 0) [first, firstAt] = [new Set(named), at];
    // "Ann and Bob" are asked about together.
    else if (isOther && at - firstAt === 2 && /^(and|or|&)$/.test(words[at - 1]?.form ?? ""))
      first = new Set(asked);
  }
  if (asked.size === 0) {
    const forms = words.map(({ form }) => form);
    if (forms.some((form) => SELF.has(form))) asked.add(speakers.speakerOf(undefined, "user"));
    else if (forms.some((form, at) => form === "you" && ASKED_OF_YOU.has(forms[at - 1] ?? "")))
      asked.add(speakers.speakerOf(undefined, "assistant"));
  }
  return { speakers: asked, places, first: first.size < asked.size ? first : new Set<number>() };
}
