import { BatonError } from "../core/errors.js";
import { configInvalid, type Fault } from "../core/faults.js";

/** What one option must be; `must` continues "it must be". */
export interface Rule {
  readonly must: string;
  readonly test: (value: unknown) => boolean;
}

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
  if (!isRecord(options))
    throw invalidConfig(name, [
      { path: "", problem: `must be an object of ${Object.keys(rules).join(", ")}` },
    ]);
  const faults = Object.entries(options).flatMap(([path, value]) => {
    const rule = Object.hasOwn(rules, path) ? rules[path] : undefined;
    if (rule === undefined)
      return [{ path, problem: `is not known; there are ${Object.keys(rules).join(", ")}` }];
    return value === undefined || rule.test(value) ? [] : [{ path, problem: `must be ${rule.must}` }];
  });
  for (const path of needed)
    if (options[path] === undefined) faults.push({ path, problem: `must be ${rules[path]?.must}` });
  if (faults.length > 0) throw invalidConfig(name, faults);
}

export function invalidConfig(name: string, faults: readonly Fault[]): BatonError {
  return configInvalid(`${name}()`, faults);
}

export function invalidArgument(name: string, path: string, problem: string): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `${name}(): ${path} ${problem}`, {
    data: { issues: [{ path, problem }] },
  });
}
