import { type Fault, throwFaults, unknownKeys } from "../core/faults.js";

/** What one option may be. `must` continues "must be". */
export interface Rule {
  readonly must: string;
  readonly test: (value: unknown) => boolean;
  readonly isRequired?: boolean;
}

export type Rules = Readonly<Record<string, Rule>>;

const DAY_MS = 24 * 60 * 60 * 1000;

export const RULE = {
  count: {
    must: "a whole number of at least 1, or Infinity",
    test: (value) => value === Number.POSITIVE_INFINITY || isWhole(value, 1),
  },
  wholeFromOne: { must: "a whole number of at least 1", test: (value) => isWhole(value, 1) },
  wholeFromZero: { must: "a whole number of at least 0", test: (value) => isWhole(value, 0) },
  timeoutMs: {
    must: "a number of milliseconds above 0 and up to a day",
    test: (value) => typeof value === "number" && value > 0 && value <= DAY_MS,
  },
  delayMs: {
    must: "a number of milliseconds from 0 up to a day",
    test: (value) => typeof value === "number" && value >= 0 && value <= DAY_MS,
  },
  perSecond: {
    must: "a number above 0",
    test: (value) => typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY,
  },
  number: { must: "a number", test: (value) => typeof value === "number" && !Number.isNaN(value) },
  flag: { must: "true or false", test: (value) => typeof value === "boolean" },
  function: { must: "a function", test: (value) => typeof value === "function" },
  text: { must: "text", test: (value) => typeof value === "string" && value !== "" },
  signal: { must: "an AbortSignal", test: (value) => value instanceof AbortSignal },
  clock: {
    must: "a Clock",
    test: (value) => typeof value === "object" && value !== null && "now" in value && "after" in value,
  },
} as const satisfies Rules;

export function oneOf(...words: readonly string[]): Rule {
  return {
    must: `one of ${words.join(", ")}`,
    test: (value) => typeof value === "string" && words.includes(value),
  };
}

/** What is wrong with options: keys that are not known, and values that break their rule. Undefined is not given. */
export function optionFaults(path: string, given: unknown, rules: Rules): readonly Fault[] {
  if (typeof given !== "object" || given === null) return [{ path, problem: "must be an object of options" }];
  const faults: Fault[] = [...unknownKeys(path, given, Object.keys(rules))];
  for (const [key, rule] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>>)[key];
    if ((value !== undefined || rule.isRequired) && !rule.test(value))
      faults.push({ path: path === "" ? key : `${path}.${key}`, problem: `must be ${rule.must}` });
  }
  return faults;
}

/** @throws {BatonError} `CONFIG_INVALID` with every fault */
export function checkOptions(what: string, given: unknown, rules: Rules): void {
  throwFaults(what, optionFaults("", given, rules));
}

function isWhole(value: unknown, from: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from;
}
