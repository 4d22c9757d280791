import { BatonError } from "../core/errors.js";
import { configInvalid, type Fault, throwFaults } from "../core/faults.js";

/** What one option must be; `must` continues "it must be". */
export interface Rule {
  readonly must: string;
  readonly test: (value: unknown) => boolean;
}

const MOST_NAMED = 30;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text: Rule = {
  must: "a text of at least one character",
  test: (value) => typeof value === "string" && value !== "",
};
export const texts: Rule = {
  must: "a list of texts",
  test: (value) => Array.isArray(value) && value.every(text.test),
};
export const func: Rule = { must: "a function", test: (value) => typeof value === "function" };
export const whole = (from: number, to: number): Rule => ({
  must: `a whole number from ${from} to ${to}`,
  test: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
});
/** Something with these methods. */
export const having = (must: string, ...methods: readonly string[]): Rule => ({
  must,
  test: (value) =>
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"),
});

/**
 * Checks the options of a function, unknown ones too: a misspelt option would be obeyed by nobody.
 *
 * @throws {BatonError} `CONFIG_INVALID` with `data.faults`
 */
export function checkOptions(
  name: string,
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
  needed: readonly string[] = [],
): void {
  throwFaults(`${name}()`, faultsOf(options, rules, needed));
}

/**
 * The same for what is asked with, at each call.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` with `data.issues`
 */
export function checkArguments(name: string, options: unknown, rules: Readonly<Record<string, Rule>>): void {
  const [fault] = faultsOf(options, rules);
  if (fault !== undefined) throw invalidArgument(name, fault.path || "options", fault.problem);
}

/** What is wrong with an object whose keys go by these rules; paths begin with `at`. */
export function faultsOf(
  given: unknown,
  rules: Readonly<Record<string, Rule>>,
  needed: readonly string[] = [],
  at = "",
): Fault[] {
  const known = Object.keys(rules).join(", ");
  if (!isRecord(given)) return [{ path: at, problem: `must be an object of ${known}` }];
  const pathOf = (key: string): string => (at === "" ? key : `${at}.${key}`);
  const faults = Object.entries(given).flatMap(([key, value]): Fault[] => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return [{ path: pathOf(key), problem: `is not known; there are ${known}` }];
    return value === undefined || rule.test(value)
      ? []
      : [{ path: pathOf(key), problem: `must be ${rule.must}` }];
  });
  for (const key of needed)
    if (given[key] === undefined) faults.push({ path: pathOf(key), problem: `must be ${rules[key]?.must}` });
  return faults;
}

/** Some may be of servers that say what they like: as many as a reader takes in. */
export function someOf(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

export function invalidConfig(name: string, faults: readonly Fault[]): BatonError {
  return configInvalid(`${name}()`, faults);
}

export function invalidArgument(name: string, path: string, problem: string): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `${name}(): ${path} ${problem}`, {
    data: { issues: [{ path, problem }] },
  });
}
