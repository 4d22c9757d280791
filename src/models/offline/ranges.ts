import { explain, type Ledger } from "./ledger.js";
import { type JsonSchema, plain, typeOf } from "./schema.js";
import { stem, termsOf, wordsOf } from "./words.js";

const FROM_NAMES = ["gte", "gt", "min", "from", "since", "after"];
const TO_NAMES = ["lte", "lt", "max", "to", "until", "before"];
const FROM_CUE = /\b(?:since|after|from|over|above|more than|at least|later than|minimum)\s*$/iu;
const TO_CUE = /\b(?:until|before|to|under|below|less than|at most|earlier than|maximum|by|up to)\s*$/iu;

/** Bounds such as `{ gte: 500000 }`, for "a budget over 500000" and "hired since 2026-01-01". */
export function fillRange(
  name: string,
  range: JsonSchema,
  ledger: Ledger,
): Record<string, unknown> | undefined {
  const { request } = ledger;
  const words = wordsOf(name)
    .map(stem)
    .filter((word) => word !== stem("date"));
  const said = request.terms.filter((term) => words.includes(term));
  // "Budget" is not the annual budget when there is a plain one beside it.
  if (said.length === 0 || said.length < words.length) return undefined;
  const bounds: Record<string, unknown> = {};
  for (const [key, bound] of Object.entries(range.properties ?? {})) {
    const cue = FROM_NAMES.includes(key) ? FROM_CUE : TO_NAMES.includes(key) ? TO_CUE : undefined;
    if (!cue) continue;
    const values =
      typeOf(plain(bound, ledger.root)) === "string" ? request.evidence.dates : request.evidence.numbers;
    for (const found of values) {
      const [value, written] = typeof found === "string" ? [found, found] : [found.value, found.written];
      if (ledger.used.has(found) || !cue.test(request.text.slice(0, request.text.indexOf(written)))) continue;
      bounds[key] = value;
      ledger.used.add(found);
      explain(ledger, [...said, ...termsOf(written)], 1);
      break;
    }
  }
  return Object.keys(bounds).length > 0 ? bounds : undefined;
}
