import { BatonError } from "../core/errors.js";

/** Bad input, said with its place, what came and what is expected. */
export function invalidArgument(method: string, path: string, value: unknown, expected: string): BatonError {
  const problem = `must be ${expected}`;
  return new BatonError("INVALID_ARGUMENTS", `${method}(): ${path} is ${show(value)}; it ${problem}`, {
    data: { issues: [{ path, problem }] },
  });
}

export function invalidOption(path: string, value: unknown, expected: string): BatonError {
  const problem = `must be ${expected}`;
  return new BatonError("CONFIG_INVALID", `createMemory(): ${path} is ${show(value)}; it ${problem}`, {
    data: { faults: [{ path, problem }] },
  });
}

/** A misspelt option would be obeyed by nobody. */
export function checkKeys(method: string, path: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidArgument(method, path, given, `an object of ${known.join(", ")}`);
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const problem = `is not known; there are ${known.join(", ")}`;
  throw new BatonError("INVALID_ARGUMENTS", `${method}(): '${unknown}' in ${path} ${problem}`, {
    data: { issues: [{ path: `${path}.${unknown}`, problem }] },
  });
}

export function checkText(method: string, path: string, value: unknown): void {
  if (value !== undefined && (typeof value !== "string" || value === "")) {
    throw invalidArgument(method, path, value, "a text of at least one character");
  }
}

/** Flat, so that it can be compared. */
export function checkMetadata(method: string, path: string, value: unknown): void {
  if (value === undefined) return;
  const isPlain = (each: unknown): boolean => ["string", "number", "boolean"].includes(typeof each);
  const isFlat = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isFlat || !Object.values(value).every(isPlain)) {
    throw invalidArgument(method, path, value, "an object of texts, numbers and booleans");
  }
}

function show(value: unknown): string {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint")
    return String(value);
  try {
    return JSON.stringify(value)?.slice(0, 100) ?? "undefined";
  } catch {
    return String(value);
  }
}
