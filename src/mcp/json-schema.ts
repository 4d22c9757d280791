import { Ajv as Draft7, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { compilePattern } from "./pattern.js";
import { surveySchema } from "./schema-fault.js";
import { addSafeKeywords, countingWork } from "./schema-keywords.js";
import { withinWork } from "./work.js";

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

const MOST_ISSUES = 8;
/** Parts of a schema that is compiled: each takes a third of a millisecond, in which nothing else happens. */
const MOST_PARTS = 1000;

const options: Options = {
  strict: false,
  allErrors: true,
  // Checked by findSchemaFault, and compiling the meta-schema costs more than compiling a tool's.
  validateSchema: false,
  // Two tools may well use one $id.
  addUsedSchema: false,
  logger: false,
  // What others refer to is compiled once, however many they are.
  inlineRefs: false,
  // To optimise what it writes takes longer than anybody would save, and the square of the number of alternatives.
  code: { optimize: false, regExp: Object.assign(compilePattern, { code: "compilePattern" }) },
};

/** One validator per schema object: tools are loaded again and again over the same definitions. */
const validators = new WeakMap<JsonSchema, SchemaValidator>();
/** One compiler per dialect, made at its first use. */
const compilers = new Map<typeof Draft7 | typeof Ajv2019 | typeof Ajv2020, Draft7 | Ajv2019 | Ajv2020>();

/**
 * Compiles a schema, exactly as its author wrote it. References to other documents are an error: nothing is
 * ever fetched. A check takes bounded time, whatever the schema and the value: see `pattern.ts` and `work.ts`. What would
 * take more, and a schema of more than a thousand parts, is left to its author to check.
 *
 * @throws {Error} when it is no valid schema, or one too large
 */
export function compileSchema(schema: JsonSchema): SchemaValidator {
  const known = validators.get(schema);
  if (known) return known;
  const { fault, cost } = surveySchema(schema);
  if (fault !== undefined) throw new Error(fault);
  const validator = cost > MOST_PARTS ? () => NO_ISSUES : toValidator(schema);
  validators.set(schema, validator);
  return validator;
}

function toValidator(schema: JsonSchema): SchemaValidator {
  let validate: ValidateFunction;
  try {
    validate = compile(schema);
  } catch (error) {
    // OpenAPI and draft 4 leave traces in many a schema that later drafts refuse.
    const modern = modernise(schema);
    if (modern === undefined) throw error;
    validate = compile(modern);
  }
  return (value) =>
    withinWork(() => validate(value))
      ? NO_ISSUES
      : (validate.errors ?? []).slice(0, MOST_ISSUES).map(toIssue);
}

function compile(schema: JsonSchema): ValidateFunction {
  const Compiler = dialectOf(schema);
  let compiler = compilers.get(Compiler);
  if (!compiler) {
    compiler = new Compiler(options);
    addSafeKeywords(compiler as Draft7);
    compilers.set(Compiler, compiler);
  }
  // Without an id of its own, ajv finds no root for "$ref": "#" in a schema that it is told not to keep.
  const counting = countingWork(schema);
  const named = "$id" in schema ? counting : { ...counting, $id: "tool" };
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
/** How much of an allowed value is told. */
const LONGEST_VALUE = 300;

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
      ? `has no property '${short(params.additionalProperty ?? params.unevaluatedProperty)}'`
      : keyword === "enum"
        ? `must be one of ${short(JSON.stringify(params.allowedValues.slice(0, LONGEST_VALUE)))}`
        : keyword === "const"
          ? `must be ${short(JSON.stringify(params.allowedValue))}`
          : short(error.message ?? "does not fit");
  return { path: short(error.instancePath), problem };
}

function short(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
