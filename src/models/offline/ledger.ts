import type { Operation, Request } from "./request.js";
import type { JsonSchema } from "./schema.js";
import { isOrder, wordsOf } from "./words.js";

/** What a word is worth as an argument: by name or kind, or merely as one of the words passed on. */
const NAMED_POINTS = 1.5;
const CARRIED_POINTS = 0.4;
/** What is filled so far for one tool: a word or a number serves once. */
export interface Ledger {
  readonly root: JsonSchema;
  readonly request: Request;
  points: Map<string, number>;
  used: Set<unknown>;
  /** The operation that an argument asks for, once one does. */
  operation: Operation | undefined;
  /** The value of the first required enum, such as a table, and the values beside it. */
  chosen: { readonly value: string; readonly others: readonly string[] } | undefined;
  /** Values that can be computed with, such as the columns for a sum. */
  measures: JsonSchema | undefined;
  evidence: number;
  carries: boolean;
  /** The tool has a parameter for operations, which grouping goes with. */
  takesOperation: boolean;
  /** How deep inside the arguments the filling is. */
  depth: number;
}

export function openLedger(root: JsonSchema, request: Request): Ledger {
  return {
    root,
    request,
    points: new Map(),
    used: new Set(),
    operation: undefined,
    chosen: undefined,
    measures: undefined,
    evidence: 0,
    carries: false,
    takesOperation: false,
    depth: 0,
  };
}

/** Notes that terms became an argument. */
export function explain(ledger: Ledger, terms: readonly string[], score: number): void {
  ledger.evidence += score;
  for (const term of terms) {
    ledger.points.set(term, Math.max(ledger.points.get(term) ?? 0, NAMED_POINTS * score));
    ledger.used.add(term);
  }
}

/** Notes that the request's words are passed on as text. */
export function carry(ledger: Ledger, terms: readonly string[]): void {
  ledger.carries = true;
  for (const term of terms) {
    if (!ledger.points.has(term) && !isOrder(term)) ledger.points.set(term, CARRIED_POINTS);
  }
}

/**
 * False for a name that the conversation places elsewhere: with the schema of a database at hand, a column of
 * another table than the chosen one. Without such knowledge everything belongs.
 */
export function belongs(name: string, { chosen, request }: Ledger): boolean {
  if (!chosen) return true;
  const places = request.vocabulary.filter(({ value }) => value === name);
  const isUnder = (label: string) => places.some(({ under }) => under.includes(label));
  return isUnder(chosen.value) || !chosen.others.some(isUnder);
}

type Role = "measure" | "sort" | "group" | "limit" | undefined;

/** What a parameter of a query is for, by its name. */
export function roleOf(name: string): Role {
  const words = wordsOf(name);
  const has = (...any: string[]) => words.some((word) => any.includes(word));
  if (has("group", "grouped", "per")) return "group";
  if (has("sort", "order", "orderby", "sortby", "rank")) return "sort";
  if (has("aggregate", "aggregation", "measure", "metric")) return "measure";
  if (has("limit", "top", "max", "maximum", "count", "size", "n", "k", "results", "first")) return "limit";
  return undefined;
}
