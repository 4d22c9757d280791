import type { NumberFound } from "./evidence.js";
import { explain, type Ledger, roleOf } from "./ledger.js";
import { clampNumber, type JsonSchema } from "./schema.js";
import { bestLikeness, stem, termsOf, wordsOf } from "./words.js";

/** What stands before a number, and the parameter names that it points at. */
const CUES: readonly (readonly [before: readonly string[], names: readonly string[]])[] = [
  [
    ["top", "first", "limit", "only", "show", "list"],
    ["limit", "top", "first", "head", "count", "n", "k", "results", "size"],
  ],
  [
    ["last", "latest", "recent"],
    ["last", "tail", "limit", "count", "n", "days"],
  ],
  [
    ["least", "over", "above", "than", "from", "minimum"],
    ["min", "minimum", "from", "gte", "gt", "above", "over", "least"],
  ],
  [
    ["most", "under", "below", "within", "maximum"],
    ["max", "maximum", "to", "lte", "lt", "below", "under", "within"],
  ],
];

/** A number of the request for a parameter: by what stands around it, for a required one by order. */
export function fillNumber(
  name: string,
  schema: JsonSchema,
  required: boolean,
  ledger: Ledger,
): number | undefined {
  const { request } = ledger;
  const names = wordsOf(name).map(stem);
  const free = request.evidence.numbers.filter((number) => !ledger.used.has(number));
  const terms = [...termsOf(name), ...termsOf(schema.description ?? "")];
  const cued = free.find((number) => pointsAt(number, names));
  const near = free.find((number) =>
    [number.before, ...number.after].some((word) => bestLikeness(word, terms) === 1),
  );
  // "the last 10 lines" is nothing for a parameter that takes the first ones.
  const found =
    cued ?? (near && !pointsElsewhere(near, names) ? near : undefined) ?? (required ? free[0] : undefined);
  if (!found) {
    // "Which project has the highest budget" asks for one row.
    const one = roleOf(name) === "limit" && request.wantsRow && /^\W*(?:which|who)\b/iu.test(request.text);
    return one ? clampNumber(1, schema) : undefined;
  }
  const value = clampNumber(found.value, schema);
  // Only a limit may be moved inside its bounds; any other number would become another number.
  if (value === undefined || (value !== found.value && roleOf(name) !== "limit")) return undefined;
  ledger.used.add(found);
  explain(
    ledger,
    request.terms.filter((term) => term === String(found.value) || term === found.before),
    1,
  );
  return value;
}

function pointsAt({ before }: NumberFound, names: readonly string[]): boolean {
  return CUES.some(
    ([cues, targets]) =>
      cues.map(stem).includes(before) && targets.some((target) => names.includes(stem(target))),
  );
}

function pointsElsewhere(number: NumberFound, names: readonly string[]): boolean {
  return CUES.some(([cues]) => cues.map(stem).includes(number.before)) && !pointsAt(number, names);
}
