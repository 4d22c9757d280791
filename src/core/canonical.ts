import { hash } from "node:crypto";
import { BatonError } from "./errors.js";

/** Far deeper than data is; the stack ends at some thousands. */
const DEEPEST = 500;

/**
 * JSON of one form for equal values, whatever the order of their keys: RFC 8785. Undefined values are left out; half
 * of a surrogate pair, which servers do send and the RFC refuses, is escaped as JSON.stringify() does.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for a value nested deeper than 500 levels, a cycle for example
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth === DEEPEST) {
    const problem = `a value is nested deeper than ${DEEPEST} levels: make it flatter, and free of cycles`;
    throw new BatonError("INVALID_ARGUMENTS", problem);
  }
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined || typeof member === "function" || typeof member === "symbol") continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${write(member, depth + 1)}`;
  }
  return `{${text}}`;
}

/** SHA-256 of a value's canonical JSON, 64 hexadecimal digits: equal values have equal hashes. */
export function hashJson(value: unknown): string {
  // A third of the price of createHash() for what calls carry.
  return hash("sha256", canonicalJson(value), "hex");
}
