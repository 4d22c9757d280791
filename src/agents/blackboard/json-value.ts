import { canonicalJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import { invalidArgument } from "../../memory/check.js";

/**
 * A copy of a value, the same from a checkpoint and from a store. What JSON would drop or change is refused, as findings
 * that differ would become one; a key without a value is left out, and a date is its text.
 *
 * @throws BatonError `INVALID_ARGUMENTS`
 */
export function toJsonValue(value: unknown, maxCharacters: number): unknown {
  const lost = lostIn(value, "value", 0);
  if (lost !== undefined) {
    const problem = "must be JSON: texts, finite numbers, true, false, null, lists and plain objects of them";
    throw new BatonError("INVALID_ARGUMENTS", `post(): ${lost.path} is ${lost.what}; it ${problem}`, {
      data: { issues: [{ path: lost.path, problem }] },
    });
  }
  const json = canonicalJson(value);
  if (json.length > maxCharacters)
    throw invalidArgument("post", "value", value, `at most ${maxCharacters} characters as JSON`);
  return JSON.parse(json);
}

interface Lost {
  readonly path: string;
  readonly what: string;
}

/** Deeper than canonicalJson() goes, which refuses it. */
const DEEPEST = 500;

function lostIn(value: unknown, path: string, depth: number): Lost | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value))
    return undefined;
  if (typeof value === "number" || value === undefined) return { path, what: String(value) };
  if (typeof value !== "object") return { path, what: `a ${typeof value}` };
  if (depth > DEEPEST) return undefined;
  if ("toJSON" in value && typeof value.toJSON === "function") return lostIn(value.toJSON(), path, depth + 1);
  if (!Array.isArray(value) && !isPlain(value))
    return { path, what: `an instance of ${value.constructor?.name ?? "a class"}` };
  const members = Array.isArray(value)
    ? Array.from(value, (member, index) => [`${path}[${index}]`, member] as const)
    : Object.entries(value).flatMap(([key, member]) =>
        member === undefined ? [] : [[`${path}.${key}`, member] as const],
      );
  for (const [at, member] of members) {
    const lost = lostIn(member, at, depth + 1);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
