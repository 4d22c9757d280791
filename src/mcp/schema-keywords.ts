import { _, type Ajv, type CodeKeywordDefinition, type FuncKeywordDefinition, Name } from "ajv";
import addFormats from "ajv-formats";
import type { JsonSchema } from "./json-schema.js";
import { spend } from "./work.js";

/** A keyword of our own: its value is the work that one look at its schema takes. */
const WORK = "langbaton:work";
/** Formats whose expressions take time in the square of the length, and the longest text that they are tried on. */
const SLOW_FORMATS = ["uri", "uri-reference", "url"] as const;
const LONGEST_FOR_SLOW = 2000;

/** What a look at a schema takes, in the units of {@link spend}: without parts, and with. */
const LEAF = 4;
const NODE = 20;

const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems", "items"]);
const SINGLE = new Set([
  ...[
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
  ],
  ...["propertyNames", "not", "if", "then", "else"],
]);

const countWork: CodeKeywordDefinition = {
  keyword: WORK,
  schemaType: "number",
  code({ gen, schema }) {
    const count = gen.scopeValue("func", { key: WORK, ref: spend });
    // The name under which the code that ajv writes counts its errors.
    gen.code(_`${count}(${schema}, ${new Name("errors")})`);
  },
};

/** In linear time, where ajv compares each item with each. */
const uniqueItems: FuncKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  validate: (isOn: boolean, items: readonly unknown[]) => !isOn || areUnique(items),
  error: { message: "must NOT have duplicate items" },
};

/** Makes a compiler safe to use with schemas that nobody here wrote. */
export function addSafeKeywords<T extends Ajv>(compiler: T): T {
  addFormats.default(compiler);
  for (const format of SLOW_FORMATS) {
    const known = compiler.formats[format];
    const test =
      known instanceof RegExp ? (text: string) => known.test(text) : (known as (text: string) => boolean);
    compiler.addFormat(format, (text: string) => {
      if (text.length > LONGEST_FOR_SLOW) return true;
      spend(text.length ** 2 / 4);
      return test(text);
    });
  }
  compiler.removeKeyword("uniqueItems").addKeyword(uniqueItems);
  compiler.addKeyword(countWork);
  return compiler;
}

/** The same schema, which counts the work that it makes: see {@link spend}. */
export function countingWork(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema);
  if (entries.length === 0) return schema;
  let work = LEAF;
  const counted = entries.map(([key, value]): [string, unknown] => {
    if (MAPS.has(key) && isRecord(value)) {
      const map = Object.entries(value);
      work += NODE + map.length;
      return [key, Object.fromEntries(map.map(([name, part]) => [name, ofPart(part)]))];
    }
    if (Array.isArray(value)) {
      work += NODE + 4 * value.length;
      return [key, LISTS.has(key) ? value.map(ofPart) : value];
    }
    if (key === "$ref" || isRecord(value)) work += NODE;
    return [key, SINGLE.has(key) ? ofPart(value) : value];
  });
  return Object.fromEntries([...counted, [WORK, work]]);
}

function ofPart(part: unknown): unknown {
  return isRecord(part) ? countingWork(part) : part;
}

function areUnique(items: readonly unknown[]): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const key = identityOf(item);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

/** A text that equal values have, whatever the order of their keys, and no others. */
function identityOf(value: unknown): string {
  spend(NODE);
  if (typeof value !== "object" || value === null) {
    const text = JSON.stringify(value) ?? "";
    spend(text.length / 4);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(identityOf).join()}]`;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${identityOf(member)}`).join()}}`;
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
