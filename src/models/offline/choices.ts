import { indexOfPhrase, type Operation, type Request } from "./request.js";
import { choicesOf, type JsonSchema } from "./schema.js";
import { allStems, bestLikeness, isStopWord, likeness, stem, termsOf, wordsOf } from "./words.js";

/** A value of an enum that a request speaks of. */
export interface Choice {
  readonly value: unknown;
  /** 1 when the request says it outright, less for a hint. */
  readonly score: number;
  /** The stems of the request that say so. */
  readonly by: readonly string[];
}

/** Scores of the weaker ways to name a value, in the order of how rarely they misled on the test questions. */
const ACRONYM = 0.9;
const PEOPLE = 0.6;
const HEAD_WORD = 0.6;
const ASSOCIATED = 0.5;
/** A column that one table alone has. */
const ONLY_HERE = 0.95;

const OPERATION_WORDS: Readonly<Record<Operation, readonly string[]>> = {
  count: ["count", "number", "size", "total_count"],
  average: ["avg", "average", "mean"],
  sum: ["sum", "total"],
  max: ["max", "maximum", "highest", "largest"],
  min: ["min", "minimum", "lowest", "smallest"],
};

/** The operation that an enum value stands for, when it stands for one. */
export function operationOf(value: unknown): Operation | undefined {
  const word = String(value).toLowerCase();
  return (Object.keys(OPERATION_WORDS) as Operation[]).find((name) => OPERATION_WORDS[name].includes(word));
}

/** True for an enum of operations, such as count, sum, avg. */
export function listsOperations(schema: JsonSchema): boolean {
  return choicesOf(schema).filter((value) => operationOf(value) !== undefined).length >= 2;
}

/** The values of an enum that a request names, the best first; equal ones in the order of the schema. */
export function rankChoices(schema: JsonSchema, request: Request, within?: readonly string[]): Choice[] {
  const values = choicesOf(schema);
  return values
    .map((value) => scoreChoice(value, values, schema, request, within))
    .filter((choice) => choice.score > 0)
    .sort((one, other) => other.score - one.score || freshness(other, request) - freshness(one, request));
}

/** In "how many engineers do we have, and in Sales?" the later value takes the place of the earlier. */
const freshness = ({ by }: Choice, { fresh }: Request) => (by.some((term) => fresh.includes(term)) ? 1 : 0);

function scoreChoice(
  value: unknown,
  all: readonly unknown[],
  schema: JsonSchema,
  request: Request,
  within: readonly string[] | undefined,
): Choice {
  const none: Choice = { value, score: 0, by: [] };
  const text = String(value);
  const stems = allStems(text);
  const asked = within ?? request.stems;
  if (typeof value === "boolean" || stems.length === 0) return none;

  // "IT" is a department, "it" is not.
  if (/^\p{Lu}{2,4}$/u.test(text)) {
    return new RegExp(`\\b${text}\\b`).test(request.text) ? { value, score: 1, by: stems } : none;
  }
  const saysNothing = stems.length === 1 && (isStopWord(text.toLowerCase()) || text.length < 2);
  if (indexOfPhrase(asked, stems) !== -1) return saysNothing ? none : { value, score: 1, by: stems };

  const initials = wordsOf(text)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
  if (initials.length > 1 && new RegExp(`\\b${initials}\\b`).test(request.text)) {
    return { value, score: ACRONYM, by: [initials.toLowerCase()] };
  }
  const head = stems.at(-1) ?? "";
  if (stems.length === 1) {
    const like = bestLikeness(
      head,
      asked.filter((term) => !isStopWord(term)),
    );
    if (like > 0) return { value, score: like, by: asked.filter((term) => likeness(head, term) === like) };
  } else if (
    asked.includes(head) &&
    all.filter((other) => allStems(String(other)).includes(head)).length === 1
  ) {
    return { value, score: HEAD_WORD, by: [head] };
  }
  if (within) return none;
  const hint = associated(value, stems, all, schema, request);
  const isPeople = request.asksForPeople && stems.some((word) => likeness(word, stem("people")) > 0);
  return isPeople && hint.score < PEOPLE ? { value, score: PEOPLE, by: [] } : hint;
}

/** A value that is not named itself, but whose description or whose known contents the request speaks of. */
function associated(
  value: unknown,
  stems: readonly string[],
  all: readonly unknown[],
  schema: JsonSchema,
  request: Request,
): Choice {
  const own = contentsOf(stems, request);
  const described = new Set(termsOf(descriptionOf(value, all, schema)));
  const by = request.terms.filter((term) => described.has(term) || own.has(term));
  if (by.length === 0) return { value, score: 0, by };
  const others = all
    .filter((other) => other !== value)
    .map((other) => contentsOf(allStems(String(other)), request));
  const alone = by.some((term) => own.has(term) && !others.some((contents) => contents.has(term)));
  const share = by.length / request.terms.length;
  return { value, score: (alone ? ONLY_HERE : ASSOCIATED) * (0.5 + share / 2), by: [] };
}

/** The stems of mentioned values that stand under a name. */
function contentsOf(name: readonly string[], request: Request): ReadonlySet<string> {
  const inside = request.known.filter(({ under }) =>
    under.some((label) => indexOfPhrase(allStems(label), name) === 0),
  );
  return new Set(inside.flatMap(({ stems }) => stems));
}

/** What a parameter's description says after a value's name, up to the next value: "hr: leave and pay; it: ...". */
function descriptionOf(value: unknown, all: readonly unknown[], schema: JsonSchema): string {
  const text = schema.description ?? "";
  const positions = all
    .map((one) => ({ one, at: text.toLowerCase().indexOf(String(one).toLowerCase()) }))
    .filter(({ at }) => at !== -1)
    .sort((first, second) => first.at - second.at);
  const index = positions.findIndex(({ one }) => one === value);
  const start = positions[index];
  // One value alone is an example, and what follows it describes the parameter.
  return start && positions.length > 1 ? text.slice(start.at, positions[index + 1]?.at ?? text.length) : "";
}
