import type { JsonSchema } from "./json-schema.js";
import { LONGEST_PATTERN, toRegExp } from "./pattern.js";

const DEEPEST_SCHEMA = 64;
const MOST_PARTS = 5000;
/** Characters of its texts, and eight for each member of its lists. */
const LARGEST_SCHEMA = 1024 * 1024;
/** A list of names that each property asks for is quoted in each message about it. */
const MOST_DEPENDENT = 50;

/** What was found out about a schema without compiling it. */
export interface SchemaSurvey {
  /** Why it cannot be used; undefined when nothing speaks against it. */
  readonly fault: string | undefined;
  /** What compiling would take, in parts of the usual kind: each takes a third of a millisecond. */
  readonly cost: number;
}

/** What has been seen of one schema so far. */
interface Extent {
  readonly root: JsonSchema;
  parts: number;
  cost: number;
  size: number;
}

/**
 * Looks for what makes a schema unusable. Far cheaper than compiling, so that a thousand tools can be looked at when
 * they are listed; what it misses shows when the schema is compiled.
 */
export function surveySchema(schema: unknown): SchemaSurvey {
  if (!isRecord(schema)) return { fault: "the schema is not an object", cost: 0 };
  const extent: Extent = { root: schema, parts: 0, cost: 0, size: 0 };
  const fault = faultIn(schema, extent, "", 0);
  return { fault, cost: extent.cost + extent.parts };
}

/** Why a schema cannot be used, or undefined when nothing speaks against it. */
export function findSchemaFault(schema: unknown): string | undefined {
  return surveySchema(schema).fault;
}

function faultIn(node: unknown, extent: Extent, path: string, depth: number): string | undefined {
  if (typeof node === "boolean") return undefined;
  if (!isRecord(node)) return `${path || "/"} is not a schema`;
  if (depth > DEEPEST_SCHEMA) return `${path} is nested more than ${DEEPEST_SCHEMA} levels deep`;
  if (++extent.parts > MOST_PARTS) return `it has more than ${MOST_PARTS} parts`;
  for (const key in node) {
    const value = node[key];
    const at = `${path}/${key}`;
    if (typeof value === "string") extent.size += value.length;
    else if (Array.isArray(value)) extent.size += 8 * value.length;
    if (extent.size > LARGEST_SCHEMA) return `it has more than ${LARGEST_SCHEMA} characters`;
    let fault: string | undefined;
    switch (key) {
      case "type":
        fault = isType(value) ? undefined : `${at} names no JSON type`;
        break;
      case "$ref":
      case "$dynamicRef":
        fault = refFault(value, extent.root, at);
        break;
      case "pattern":
        fault = regExpFault(value, at);
        break;
      case "required":
        fault = isStrings(value) ? undefined : `${at} is not a list of names`;
        break;
      case "dependentRequired":
      case "dependencies":
        fault = dependentFault(value, at);
        break;
      case "enum":
        fault = Array.isArray(value) ? undefined : `${at} is not a list`;
        break;
      case "properties":
      case "patternProperties":
      case "$defs":
      case "definitions":
      case "dependentSchemas":
        fault = faultInMap(value, extent, at, depth, key === "patternProperties");
        break;
      case "anyOf":
      case "oneOf":
      case "allOf":
      case "prefixItems":
        fault = faultInList(value, extent, at, depth);
        break;
      case "items":
        fault = Array.isArray(value)
          ? faultInList(value, extent, at, depth)
          : faultIn(value, extent, at, depth + 1);
        break;
      case "additionalProperties":
      case "unevaluatedProperties":
      case "propertyNames":
      case "contains":
      case "additionalItems":
      case "unevaluatedItems":
      case "not":
      case "if":
      case "then":
      case "else":
        fault = faultIn(value, extent, at, depth + 1);
        break;
    }
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultInMap(map: unknown, extent: Extent, path: string, depth: number, keysArePatterns: boolean) {
  if (!isRecord(map)) return `${path} is not an object of schemas`;
  for (const key in map) {
    const fault =
      (keysArePatterns && regExpFault(key, path)) || faultIn(map[key], extent, `${path}/${key}`, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function faultInList(list: unknown, extent: Extent, path: string, depth: number): string | undefined {
  if (!Array.isArray(list) || list.length === 0) return `${path} is not a list of schemas`;
  // The compiler nests alternatives in one another.
  extent.cost += list.length ** 2 / 500;
  for (const [index, item] of list.entries()) {
    const fault = faultIn(item, extent, `${path}/${index}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function dependentFault(map: unknown, path: string): string | undefined {
  const long =
    isRecord(map) && Object.values(map).some((list) => Array.isArray(list) && list.length > MOST_DEPENDENT);
  return long ? `${path} has a list of more than ${MOST_DEPENDENT} names` : undefined;
}

function refFault(ref: unknown, root: JsonSchema, path: string): string | undefined {
  if (typeof ref !== "string") return `${path} is not a reference`;
  // Anchors and ids are found when the schema is compiled; only what is plainly elsewhere is refused here.
  if (/^[a-z][a-z0-9+.-]*:/i.test(ref)) return `${path} points outside of the schema, and nothing is fetched`;
  if (!ref.startsWith("#/")) return undefined;
  let target: unknown = root;
  for (const step of ref.slice(2).split("/")) {
    const key = decode(step).replaceAll("~1", "/").replaceAll("~0", "~");
    target = isRecord(target) || Array.isArray(target) ? (target as JsonSchema)[key] : undefined;
  }
  return target === undefined ? `${path} points to nothing ('${ref}')` : undefined;
}

/** A step with a broken escape stands for itself, and so for nothing. */
function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function regExpFault(pattern: unknown, path: string): string | undefined {
  try {
    if (typeof pattern === "string") {
      if (pattern.length <= LONGEST_PATTERN) toRegExp(pattern);
      return undefined;
    }
  } catch {
    // Said below.
  }
  return `${path} is not a regular expression`;
}

const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

function isType(value: unknown): boolean {
  if (typeof value === "string") return TYPES.has(value);
  return Array.isArray(value) && value.length > 0 && value.every((each) => TYPES.has(each));
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
