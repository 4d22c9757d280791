import type { Kind } from "./task.js";
import { type VerbKind, verbKind } from "./verbs.js";
import { stemsOf } from "./words.js";

/** What is indexed of one tool. */
export interface ToolText {
  readonly name: string;
  readonly server: string;
  readonly description: string;
  /** Category and tags. */
  readonly labels: readonly string[];
  readonly examples: readonly string[];
  readonly parameters: readonly ParameterText[];
  /** Names of what it answers with, when it says so. */
  readonly outputs: readonly string[];
}

export interface ParameterText {
  readonly name: string;
  /** Its description and the values that it may have. */
  readonly text: string;
  readonly required: boolean;
}

/** Where a word can stand: `head` is the first sentence of the description, `place` the server and its labels. */
export const FIELDS = ["name", "head", "body", "parameters", "place"] as const;

/** A term's counts in all fields are packed into one number. */
const FIELD_BITS = 6;
const MOST_COUNT = (1 << FIELD_BITS) - 1;
const HEAD_CHARACTERS = 200;
const HEAD_WORDS = 40;
const BODY_WORDS = 150;
const PARAMETER_WORDS = 120;
const MOST_PROVIDED = 40;

export interface ToolDocument {
  readonly server: number;
  /** Terms, each once, and how often each stands in each field. */
  readonly terms: Int32Array;
  readonly counts: Int32Array;
  /** Words in each field. */
  readonly lengths: readonly number[];
  readonly nameTerms: readonly number[];
  readonly headTerms: readonly number[];
  /** Terms of what must be given, and of what it is about or answers with: what one tool needs, another may provide. */
  readonly needs: readonly number[];
  readonly provides: ReadonlySet<number>;
  /** Kinds of values that it takes. */
  readonly takes: ReadonlySet<Kind>;
  readonly verb: VerbKind | undefined;
  /** Parameters that must be given. */
  readonly required: number;
}

/** The terms of all tools, numbered. */
export interface Vocabulary {
  readonly stems: readonly string[];
  /** In how many tools each is. */
  readonly counts: readonly number[];
  find(stemmed: string): number | undefined;
  /** The number of a stem, a new one if need be. */
  take(stemmed: string): number;
  /** Counts a tool that has these. */
  count(terms: Iterable<number>): void;
}

export function createVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
  const stems: string[] = [];
  const counts: number[] = [];
  return {
    stems,
    counts,
    find: (stemmed) => numbers.get(stemmed),
    take(stemmed) {
      const known = numbers.get(stemmed);
      if (known !== undefined) return known;
      const term = stems.push(stemmed) - 1;
      numbers.set(stemmed, term);
      counts.push(0);
      return term;
    },
    count(terms) {
      for (const term of terms) (counts[term] as number)++;
    },
  };
}

/** How often a term stands in a field. */
export function countIn(counts: number, field: number): number {
  return (counts >> (field * FIELD_BITS)) & MOST_COUNT;
}

const TAKES: Readonly<Record<Kind, RegExp>> = {
  url: /ur[li]|link|website|webpage|domain/i,
  date: /date|time|day|year|month|check_?in/i,
};

export function readTool(tool: ToolText, server: number, vocabulary: Vocabulary): ToolDocument {
  const head = headOf(tool.description);
  const { parameters } = tool;
  const stems = [
    stemsOf(tool.name),
    [head, ...tool.examples].flatMap((text) => stemsOf(text, HEAD_WORDS)),
    stemsOf(tool.description.slice(head.length), BODY_WORDS),
    parameters
      .flatMap(({ name, text }) => [...stemsOf(name), ...stemsOf(text, 20)])
      .slice(0, PARAMETER_WORDS),
    [tool.server, ...tool.labels].flatMap((label) => stemsOf(label)),
  ];
  const packed = new Map<number, number>();
  const terms = stems.map((inField, field) => {
    const one = 1 << (field * FIELD_BITS);
    return inField.map((stemmed) => {
      const term = vocabulary.take(stemmed);
      const counts = packed.get(term) ?? 0;
      if (countIn(counts, field) < MOST_COUNT) packed.set(term, counts + one);
      return term;
    });
  });
  vocabulary.count(packed.keys());
  const [nameTerms, headTerms] = [[...new Set(terms[0])], [...new Set(terms[1])]];
  const required = parameters.filter((parameter) => parameter.required);
  const termsOf = (names: readonly string[]): number[] =>
    names.flatMap((name) => stemsOf(name).map((stemmed) => vocabulary.take(stemmed)));
  const [nameStems = [], headStems = []] = stems;
  return {
    server,
    terms: Int32Array.from(packed.keys()),
    counts: Int32Array.from(packed.values()),
    lengths: stems.map(({ length }) => length),
    nameTerms,
    headTerms,
    needs: [...new Set(termsOf(required.map(({ name }) => name)))],
    provides: new Set([...nameTerms, ...termsOf(tool.outputs), ...headTerms].slice(0, MOST_PROVIDED)),
    takes: new Set(
      (Object.keys(TAKES) as Kind[]).filter((kind) => parameters.some(({ name }) => TAKES[kind].test(name))),
    ),
    verb: [...nameStems, ...headStems.slice(0, 3)].map(verbKind).find((kind) => kind !== undefined),
    required: required.length,
  };
}

/** The first sentence, if it is long enough to say something. */
function headOf(description: string): string {
  const text = description.slice(0, HEAD_CHARACTERS);
  return /^\s*\S[\s\S]{20,}?(?:[.!?](?=\s)|。|\n\s*\n)/.exec(text)?.[0] ?? text;
}
