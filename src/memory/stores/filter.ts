import { BatonError } from "../../core/errors.js";

type Operator = (own: unknown, asked: unknown) => boolean;

/** LangGraph's. The four that order compare as numbers, so that dates as text are in no order. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["$eq", (own, asked) => own === asked],
  ["$ne", (own, asked) => own !== asked],
  ["$gt", (own, asked) => Number(own) > Number(asked)],
  ["$gte", (own, asked) => Number(own) >= Number(asked)],
  ["$lt", (own, asked) => Number(own) < Number(asked)],
  ["$lte", (own, asked) => Number(own) <= Number(asked)],
  ["$in", (own, asked) => Array.isArray(asked) && asked.includes(own)],
  ["$nin", (own, asked) => !(Array.isArray(asked) && asked.includes(own))],
]);

/** Whether a stored value passes. */
export type Filter = (value: Readonly<Record<string, unknown>>) => boolean;

/**
 * A search's `filter` as LangGraph means it: every one of its keys, which are keys of the value's top level, has the
 * same text, number, boolean or null, or passes all the operators given. A key that is missing passes `$ne` and `$nin`.
 * Lists and objects equal nothing.
 *
 * @throws BatonError `INVALID_ARGUMENTS` for an operator that does not exist
 */
export function toFilter(filter: Readonly<Record<string, unknown>> | undefined): Filter {
  const tests = Object.entries(filter ?? {}).map(([key, asked]) => {
    const test = toTest(asked);
    return (value: Readonly<Record<string, unknown>>) =>
      test(Object.hasOwn(value, key) ? value[key] : undefined);
  });
  return (value) => tests.every((test) => test(value));
}

function toTest(asked: unknown): (own: unknown) => boolean {
  if (typeof asked !== "object" || asked === null) return (own) => own === asked;
  const entries = Object.entries(asked);
  if (Array.isArray(asked) || !entries.every(([name]) => name.startsWith("$"))) return () => false;
  const tests = entries.map(([name, operand]) => {
    const operator = OPERATORS.get(name);
    if (!operator)
      throw new BatonError(
        "INVALID_ARGUMENTS",
        `a store's filter has no operator '${name}': use one of ${[...OPERATORS.keys()].join(", ")}`,
        { data: { issues: [name] } },
      );
    return (own: unknown) => operator(own, operand);
  });
  return (own) => tests.every((test) => test(own));
}
