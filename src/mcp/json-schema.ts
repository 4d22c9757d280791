import { Ajv as Draft7, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One place where a value does not fit: a JSON Pointer, empty for the value itself, and the reason in words. */
export interface SchemaIssue {
  readonly path: string;
  readonly problem: string;
}

/** Returns what does not fit; nothing when all does. The value is never changed. */
export type SchemaValidator = (value: unknown) => readonly SchemaIssue[];

/** Issues as lines of a message; `whole` names the value that an empty path stands for. */
export function describeIssues(issues: readonly SchemaIssue[], whole: string): string {
  return issues.map(({ path, problem }) => `- ${path === "" ? whole : path}: ${problem}`).join("\n");
}

const DEEPEST_SCHEMA = 64;
const MOST_ISSUES = 8;

const options: Options = {
  strict: false,
  allErrors: true,
  // Checked by findSchemaFault, and compiling the meta-schema costs more than compiling a tool's.
  validateSchema: false,
  // Two tools may well use one $id.
  addUsedSchema: false,
  logger: false,
  code: { regExp: Object.assign(toRegExp, { code: "RegExp" }) },
};

/** One validator per schema object: tools are loaded again and again over the same definitions. */
const validators = new WeakMap<JsonSchema, SchemaValidator>();
/** One compiler per dialect, made at its first use. */
const compilers = new Map<typeof Draft7 | typeof Ajv2019 | typeof Ajv2020, Draft7 | Ajv2019 | Ajv2020>();

/**
 * Compiles a schema, exactly as its author wrote it. References to other documents are an error: nothing is
 * ever fetched.
 *
 * @throws {Error} when it is no valid schema
 */
export function compileSchema(schema: JsonSchema): SchemaValidator {
  const known = validators.get(schema);
  if (known) return known;
  let validate: ValidateFunction;
  try {
    validate = compile(schema);
  } catch (error) {
    // OpenAPI and draft 4 leave traces in many a schema that later drafts refuse.
    const modern = modernise(schema);
    if (modern === undefined) throw error;
    validate = compile(modern);
  }
  const validator: SchemaValidator = (value) =>
    validate(value) ? NO_ISSUES : (validate.errors ?? []).slice(0, MOST_ISSUES).map(toIssue);
  validators.set(schema, validator);
  return validator;
}

function compile(schema: JsonSchema): ValidateFunction {
  const Compiler = dialectOf(schema);
  let compiler = compilers.get(Compiler);
  if (!compiler) {
    compiler = new Compiler(options);
    addFormats.default(compiler as Draft7);
    compilers.set(Compiler, compiler);
  }
  // Without an id of its own, ajv finds no root for "$ref": "#" in a schema that it is told not to keep.
  const named = "$id" in schema ? schema : { ...schema, $id: "tool" };
  try {
    return compiler.compile(named);
  } finally {
    // It would keep what it has compiled for ever.
    compiler.removeSchema(named);
  }
}

/** The schema without `nullable` that no type goes with and without boolean limits; undefined when it has neither. */
function modernise(schema: JsonSchema): JsonSchema | undefined {
  let changed = false;
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (!isRecord(node)) return node;
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) copy[key] = visit(value);
    if (typeof copy.nullable === "boolean" && copy.type === undefined) {
      changed = true;
      const { nullable, ...rest } = copy;
      return nullable && Object.keys(rest).length > 0 ? { anyOf: [rest, { type: "null" }] } : rest;
    }
    for (const [exclusive, limit] of EXCLUSIVE_LIMITS) {
      if (typeof copy[exclusive] !== "boolean") continue;
      changed = true;
      if (copy[exclusive] && typeof copy[limit] === "number") {
        copy[exclusive] = copy[limit];
        delete copy[limit];
      } else {
        delete copy[exclusive];
      }
    }
    return copy;
  };
  const modern = visit(schema) as JsonSchema;
  return changed ? modern : undefined;
}

const EXCLUSIVE_LIMITS = [
  ["exclusiveMinimum", "minimum"],
  ["exclusiveMaximum", "maximum"],
] as const;

const NO_ISSUES: readonly SchemaIssue[] = [];

/**
 * Why a schema cannot be used, or undefined when nothing speaks against it. Far cheaper than compiling, so that
 * a thousand tools can be looked at when they are listed; what it misses shows when the schema is compiled.
 */
export function findSchemaFault(schema: unknown): string | undefined {
  if (!isRecord(schema)) return "the schema is not an object";
  return faultIn(schema, schema, "", 0);
}

function faultIn(node: unknown, root: JsonSchema, path: string, depth: number): string | undefined {
  if (typeof node === "boolean") return undefined;
  if (!isRecord(node)) return `${path || "/"} is not a schema`;
  if (depth > DEEPEST_SCHEMA) return `${path} is nested more than ${DEEPEST_SCHEMA} levels deep`;
  for (const key in node) {
    const value = node[key];
    const at = `${path}/${key}`;
    let fault: string | undefined;
    switch (key) {
      case "type":
        fault = isType(value) ? undefined : `${at} names no JSON type`;
        break;
      case "$ref":
      case "$dynamicRef":
        fault = refFault(value, root, at);
        break;
      case "pattern":
        fault = regExpFault(value, at);
        break;
      case "required":
        fault = isStrings(value) ? undefined : `${at} is not a list of names`;
        break;
      case "enum":
        fault = Array.isArray(value) ? undefined : `${at} is not a list`;
        break;
      case "properties":
      case "patternProperties":
      case "$defs":
      case "definitions":
      case "dependentSchemas":
        fault = faultInMap(value, root, at, depth, key === "patternProperties");
        break;
      case "anyOf":
      case "oneOf":
      case "allOf":
      case "prefixItems":
        fault = faultInList(value, root, at, depth);
        break;
      case "items":
        fault = Array.isArray(value)
          ? faultInList(value, root, at, depth)
          : faultIn(value, root, at, depth + 1);
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
        fault = faultIn(value, root, at, depth + 1);
        break;
    }
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultInMap(map: unknown, root: JsonSchema, path: string, depth: number, keysArePatterns: boolean) {
  if (!isRecord(map)) return `${path} is not an object of schemas`;
  for (const key in map) {
    const fault =
      (keysArePatterns && regExpFault(key, path)) || faultIn(map[key], root, `${path}/${key}`, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function faultInList(list: unknown, root: JsonSchema, path: string, depth: number): string | undefined {
  if (!Array.isArray(list) || list.length === 0) return `${path} is not a list of schemas`;
  for (const [index, item] of list.entries()) {
    const fault = faultIn(item, root, `${path}/${index}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
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
      toRegExp(pattern);
      return undefined;
    }
  } catch {
    // Said below.
  }
  return `${path} is not a regular expression`;
}

/** Patterns are Unicode expressions by the specification; many in the wild only work without that flag. */
function toRegExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

function dialectOf(schema: JsonSchema): typeof Draft7 | typeof Ajv2019 | typeof Ajv2020 {
  const { $schema } = schema;
  if (typeof $schema !== "string") return Ajv2020;
  if (/draft-0[4-7]/.test($schema)) return Draft7;
  return $schema.includes("2019-09") ? Ajv2019 : Ajv2020;
}

function toIssue(error: ErrorObject): SchemaIssue {
  const { params, keyword } = error;
  const problem =
    keyword === "additionalProperties" || keyword === "unevaluatedProperties"
      ? `has no property '${params.additionalProperty ?? params.unevaluatedProperty}'`
      : keyword === "enum"
        ? `must be one of ${JSON.stringify(params.allowedValues)}`
        : keyword === "const"
          ? `must be ${JSON.stringify(params.allowedValue)}`
          : (error.message ?? "does not fit");
  return { path: error.instancePath, problem };
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
