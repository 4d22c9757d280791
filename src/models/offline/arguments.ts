import { listsOperations, operationOf, rankChoices } from "./choices.js";
import { belongs, explain, type Ledger, openLedger, roleOf } from "./ledger.js";
import { fillNumber } from "./numbers.js";
import { fillRange } from "./ranges.js";
import type { Request } from "./request.js";
import { choicesOf, DEEPEST, fitsWithin, type JsonSchema, plain, typeOf } from "./schema.js";
import { fillText } from "./texts.js";
import { bestLikeness, stem, wordsOf } from "./words.js";

/** Arguments for one tool, and what in the request speaks for them. */
export interface Filled {
  readonly args: Readonly<Record<string, unknown>>;
  /** Required parameters for which the request holds nothing. */
  readonly missing: readonly string[];
  /** Points of each term of the request that became an argument. */
  readonly points: ReadonlyMap<string, number>;
  /** Arguments taken from the request by kind or by name, not merely its words passed on. */
  readonly evidence: number;
  /** The request's words are passed on as a search text. */
  readonly carries: boolean;
}

/** The weakest hint that may fill a required enum; an optional one narrows a call, so it must nearly be said. */
const WEAKEST_CHOICE = 0.25;
const WEAKEST_OPTION = 0.85;

/** Fills a tool's parameters from a request. Never invents: what has no evidence is left out, or is `missing`. */
export function fillArguments(parameters: JsonSchema, request: Request): Filled {
  const ledger = openLedger(parameters, request);
  const { value, missing } = fillObject(plain(parameters, parameters), ledger);
  return {
    args: value,
    missing,
    points: ledger.points,
    evidence: ledger.evidence,
    carries: ledger.carries,
  };
}

type Slot = readonly [name: string, schema: JsonSchema, required: boolean, written: unknown];

function fillObject(
  schema: JsonSchema,
  ledger: Ledger,
): { value: Record<string, unknown>; missing: string[] } {
  const required = new Set(schema.required ?? []);
  const slots = Object.entries(schema.properties ?? {}).map(
    ([name, property]): Slot => [name, plain(property, ledger.root), required.has(name), property],
  );
  ledger.takesOperation ||= slots.some(([, property]) => listsOperations(property));
  ledger.measures ??= slots.find(([name]) => roleOf(name) === "measure")?.[1];
  const found = new Map<string, unknown>();
  const missing: string[] = [];
  for (const [name, property, needed, written] of [...slots].sort((one, other) => turn(one) - turn(other))) {
    const value = needed || belongs(name, ledger) ? fillSlot(name, property, needed, ledger) : undefined;
    if (value !== undefined && fitsWithin(value, written, ledger.root)) found.set(name, value);
    else if (needed && property.default !== undefined) found.set(name, property.default);
    else if (needed) missing.push(name);
  }
  // In the order of the schema, so that a reader finds the arguments where the tool's author put them.
  const value = Object.fromEntries(
    slots.filter(([name]) => found.has(name)).map(([name]) => [name, found.get(name)]),
  );
  return { value, missing };
}

/** Required parameters choose first; operations wait until it is known what they would work on; lists come last. */
function turn([name, schema, required]: Slot): number {
  if (listsOperations(schema)) return 4;
  const role = roleOf(name);
  if (role === "measure" || role === "sort" || role === "group") return 5;
  if (typeOf(schema) === "boolean" || role === "limit") return 6;
  if (typeOf(schema) === "array") return required ? 3 : 7;
  // A free text takes what no enum knows.
  if (typeOf(schema) === "string" && choicesOf(schema).length === 0) return required ? 2 : 8;
  return required ? 1 : 3;
}

function fillSlot(name: string, schema: JsonSchema, required: boolean, ledger: Ledger): unknown {
  const range = schema.range && fillRange(name, schema.range, ledger);
  if (range) return range;
  if (schema.const !== undefined) return required ? schema.const : undefined;
  if (choicesOf(schema).length > 0) return fillChoice(name, schema, required, ledger);
  switch (typeOf(schema)) {
    case "object":
      return fillNested(schema, required, ledger);
    case "array":
      return fillList(name, schema, required, ledger);
    case "number":
    case "integer":
      return fillNumber(name, schema, required, ledger);
    case "boolean":
      return fillBoolean(name, required, ledger);
    case "string":
      return fillText(name, schema, required, ledger);
    default:
      return undefined;
  }
}

/** An object inside the arguments, when all that it requires is there; else what it took is given back. */
function fillNested(
  schema: JsonSchema,
  mayBeEmpty: boolean,
  ledger: Ledger,
): Record<string, unknown> | undefined {
  if (ledger.depth >= DEEPEST) return undefined;
  const draft: Ledger = {
    ...ledger,
    points: new Map(ledger.points),
    used: new Set(ledger.used),
    depth: ledger.depth + 1,
  };
  const { value, missing } = fillObject(schema, draft);
  if (missing.length > 0 || (Object.keys(value).length === 0 && !mayBeEmpty)) return undefined;
  Object.assign(ledger, draft, { depth: ledger.depth });
  return value;
}

function fillChoice(name: string, schema: JsonSchema, required: boolean, ledger: Ledger): unknown {
  if (listsOperations(schema)) return fillOperation(schema, ledger);
  const role = roleOf(name);
  if (role === "measure" || role === "sort" || role === "group") return fillCued(role, schema, ledger);
  const [best, ...others] = rankChoices(schema, ledger.request).filter(({ by, score }) =>
    required
      ? score >= WEAKEST_CHOICE
      : // A word that chose the table does not choose a value in it as well.
        score >= WEAKEST_OPTION && by.length > 0 && !by.every((term) => ledger.used.has(term)),
  );
  if (!best) return undefined;
  const several = [best, ...others].filter(({ score }) => score === 1);
  if (schema.range?.properties?.in && several.length > 1 && ledger.request.fresh.length === 0) {
    for (const { by, score } of several) explain(ledger, by, score);
    return { in: several.map(({ value }) => value) };
  }
  explain(ledger, best.by, best.score);
  if (required) {
    const rest = choicesOf(schema).filter((value) => value !== best.value);
    ledger.chosen ??= { value: String(best.value), others: rest.map(String) };
  }
  return best.value;
}

function fillOperation(schema: JsonSchema, ledger: Ledger): unknown {
  const { operand, wantsRow } = ledger.request;
  const operation = totalOf(ledger) ? "sum" : ledger.request.operation;
  const value = choicesOf(schema).find((one) => operationOf(one) === operation);
  // "How many vacation days" counts nothing that a table of employees holds.
  const isOfThis = operand.length === 0 || operand.some((term) => (ledger.points.get(term) ?? 0) > 0);
  if (value === undefined || wantsRow || (operation === "count" && !isOfThis)) return undefined;
  ledger.evidence += 1;
  ledger.operation = operation;
  return value;
}

/** "How many hours" adds up a column, where "how many employees" counts rows. */
function totalOf({ measures, request, used }: Ledger): boolean {
  if (request.operation !== "count" || !measures || request.operand.some((term) => used.has(term)))
    return false;
  return rankChoices(measures, request, request.operand)[0]?.score === 1;
}

/** A column to compute, to sort or to group by: named right behind its cue. */
function fillCued(role: "measure" | "sort" | "group", schema: JsonSchema, ledger: Ledger): unknown {
  const { groupBy, sortBy, operand, wantsRow } = ledger.request;
  const computes = ledger.operation !== undefined;
  if (role === "measure" && (!computes || ledger.operation === "count")) return undefined;
  if (role === "sort" && computes && !wantsRow) return undefined;
  if (role === "group" && ledger.takesOperation && !computes) return undefined;
  // "Top 5 projects by budget" sorts, as there is nothing to group.
  const order = sortBy.length > 0 || computes ? sortBy : groupBy;
  const cue = { group: groupBy, sort: order, measure: operand }[role];
  const best = rankChoices(schema, ledger.request, cue).find(({ value }) => belongs(String(value), ledger));
  if (!best) return undefined;
  explain(ledger, best.by, best.score);
  return best.value;
}

function fillList(name: string, schema: JsonSchema, required: boolean, ledger: Ledger): unknown {
  const item = plain(schema.items ?? {}, ledger.root);
  const most = schema.maxItems ?? Number.POSITIVE_INFINITY;
  if (choicesOf(item).length > 0) {
    const fresh = rankChoices(item, ledger.request).filter(
      ({ value, by, score }) =>
        score === 1 && !by.every((term) => ledger.used.has(term)) && belongs(String(value), ledger),
    );
    // Columns beside an aggregate would ask for two things at once.
    if (fresh.length === 0 || ledger.operation) return undefined;
    for (const choice of fresh) explain(ledger, choice.by, choice.score);
    return choicesOf(item)
      .filter((value) => fresh.some((choice) => choice.value === value))
      .slice(0, most);
  }
  if (typeOf(item) === "object") {
    const value = fillNested(item, false, ledger);
    return value && [value];
  }
  const values: unknown[] = [];
  while (values.length < most) {
    const value = fillSlot(name, item, required, ledger);
    if (value === undefined || values.includes(value)) break;
    values.push(value);
  }
  return values.length > 0 ? values : undefined;
}

const NEGATED = /\b(?:without|no|not|don't|never|exclude|excluding)\b/iu;

function fillBoolean(name: string, required: boolean, ledger: Ledger): boolean | undefined {
  const { request } = ledger;
  const words = wordsOf(name).map(stem);
  if (words.some((word) => ["descend", "desc", "revers"].includes(word))) {
    if (/\b(?:top|descending|highest first|largest first)\b/iu.test(request.text)) return true;
    return request.wantsRow ? request.operation === "max" : undefined;
  }
  const said = words.length > 0 && words.every((word) => bestLikeness(word, request.stems) > 0);
  if (said) {
    explain(
      ledger,
      request.terms.filter((term) => words.includes(term)),
      1,
    );
    return !NEGATED.test(request.text);
  }
  // A switch that nobody mentions is off.
  return required ? false : undefined;
}
