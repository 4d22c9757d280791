import { showHidden } from "../core/hidden.js";
import type { JsonSchema } from "../mcp/json-schema.js";

const BRANCHES = ["anyOf", "oneOf", "allOf"] as const;
/** Refused at the top level by at least one large provider, as are the branches above. */
const NOT_AT_THE_TOP = new Set<string>([
  ...BRANCHES,
  "not",
  "if",
  "then",
  "else",
  "enum",
  "const",
  "$schema",
  "$id",
]);

/**
 * A tool's schema in the form that model providers take: an object at the top, with its properties there. Where
 * branches at the top have to be folded it tells the model less than the server's own schema, which stays the
 * one that arguments are checked against. Invisible characters are shown, in names and values as well: a model
 * that repeats such a name is told that the tool has none of it. What needs no change is returned as it is.
 */
export function toModelSchema(schema: JsonSchema): JsonSchema {
  const visible = showAll(schema);
  return fold(visible, visible);
}

/** Every text of a JSON value through `showHidden`. */
function showAll<T>(value: T): T;
function showAll(value: unknown): unknown {
  if (typeof value === "string") return showHidden(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(showAll);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value);
  const shown = entries.map(([key, item]) => [showHidden(key), showAll(item)] as const);
  const changed = shown.some(
    ([key, item], index) => key !== entries[index]?.[0] || item !== entries[index][1],
  );
  return changed ? Object.fromEntries(shown) : value;
}

/** `$ref` counts from the root, however deep the branch. */
function fold(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const plain = schema.type === "object" && isRecord(schema.properties);
  let clean = plain;
  for (const key in schema) {
    if (NOT_AT_THE_TOP.has(key)) clean = false;
  }
  if (clean) return schema;

  const properties: Record<string, unknown> = isRecord(schema.properties) ? { ...schema.properties } : {};
  const required = new Set(strings(schema.required));
  for (const keyword of BRANCHES) {
    const branches = Array.isArray(schema[keyword]) ? schema[keyword].filter(isRecord) : [];
    if (branches.length === 0) continue;
    const folded = branches.map((branch) => fold(resolve(branch, root), root));
    for (const branch of folded) addProperties(properties, branch.properties);
    for (const name of strings(folded[0]?.required)) {
      // A choice demands only what every alternative demands.
      if (keyword === "allOf" || folded.every((branch) => strings(branch.required).includes(name)))
        required.add(name);
    }
    if (keyword === "allOf")
      for (const branch of folded) for (const name of strings(branch.required)) required.add(name);
  }
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => !NOT_AT_THE_TOP.has(key)));
  return { ...rest, type: "object", properties, ...(required.size > 0 ? { required: [...required] } : {}) };
}

/** A property that several branches describe differently may be any of them. */
function addProperties(into: Record<string, unknown>, properties: unknown): void {
  if (!isRecord(properties)) return;
  for (const [name, schema] of Object.entries(properties)) {
    const known = Object.hasOwn(into, name) ? into[name] : undefined;
    if (known === undefined) into[name] = schema;
    else if (JSON.stringify(known) !== JSON.stringify(schema)) {
      const options =
        isRecord(known) && Array.isArray(known.anyOf) && Object.keys(known).length === 1
          ? known.anyOf
          : [known];
      if (!options.some((option) => JSON.stringify(option) === JSON.stringify(schema))) {
        into[name] = { anyOf: [...options, schema] };
      }
    }
  }
}

function resolve(branch: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof branch.$ref !== "string" || !branch.$ref.startsWith("#/")) return branch;
  let target: unknown = root;
  for (const step of branch.$ref.slice(2).split("/")) target = isRecord(target) ? target[step] : undefined;
  // A branch that refers to itself says nothing that can be folded.
  return isRecord(target) && target.$ref === undefined && !BRANCHES.some((key) => key in target)
    ? target
    : {};
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
