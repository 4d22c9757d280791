import { BatonError } from "../core/errors.js";

/** What is wrong with an option, and where. */
export interface Fault {
  readonly path: string;
  readonly problem: string;
}

/** @throws {BatonError} `CONFIG_INVALID` with all of them, if there are any */
export function throwFaults(method: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const list = faults.map(({ path, problem }) => `${path} ${problem}`).join("; ");
  throw new BatonError("CONFIG_INVALID", `${method}(): ${list}`, { data: { faults } });
}

/** A misspelt option would be obeyed by nobody. */
export function unknownKeys(path: string, given: object, known: readonly string[]): readonly Fault[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      problem: `is not known; there are ${known.join(", ")}`,
    }));
}

export function limitFaults(
  given: Readonly<Record<string, unknown>>,
  least: Readonly<Record<string, number>>,
): readonly Fault[] {
  const wrong = Object.entries(given).filter(([name, value]) => {
    const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= (least[name] ?? 0);
    return value !== undefined && name in least && !isCount;
  });
  return [
    ...unknownKeys("limits", given, Object.keys(least)),
    ...wrong.map(([name]) => ({
      path: `limits.${name}`,
      problem: `must be a whole number, ${least[name]} or more`,
    })),
  ];
}
