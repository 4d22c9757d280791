import { Validator } from "@langchain/core/utils/json_schema";

/** The part of JSON Schema that this model reads. Everything else is left to validation. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  /** Set by {@link plain}: the alternative that takes bounds or several values, such as `{ gte, lte, in }`. */
  readonly range?: JsonSchema;
}

export type JsonType = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null" | "unknown";

/** Deep enough for real tools; a schema that contains itself ends here. */
export const DEEPEST = 6;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A schema in its plainest form: references followed, `allOf` merged, the first alternative that is not null. */
export function plain(schema: unknown, root: JsonSchema, depth = 0): JsonSchema {
  if (!isRecord(schema) || depth > DEEPEST) return {};
  const { $ref, allOf, anyOf, oneOf, ...rest } = schema as JsonSchema;
  let merged: JsonSchema = rest;
  if ($ref !== undefined) merged = { ...plain(resolve($ref, root), root, depth + 1), ...merged };
  for (const one of allOf ?? []) {
    const more = plain(one, root, depth + 1);
    merged = {
      ...merged,
      ...more,
      ...(more.properties && { properties: { ...merged.properties, ...more.properties } }),
      ...(more.required && { required: [...(merged.required ?? []), ...more.required] }),
    };
  }
  const alternatives = anyOf ?? oneOf;
  if (!alternatives) return merged;
  const plainOnes = alternatives
    .map((one) => plain(one, root, depth + 1))
    .filter((one) => typeOf(one) !== "null");
  // Zod writes a union of literals as alternatives: together they are an enum.
  if (plainOnes.length > 1 && plainOnes.every((one) => choicesOf(one).length > 0)) {
    return { ...merged, enum: plainOnes.flatMap(choicesOf) };
  }
  const range = plainOnes
    .slice(1)
    .find((one) =>
      Object.keys(one.properties ?? {}).some((key) =>
        /^(?:in|[gl]te?|min|max|from|to|since|until|after|before)$/.test(key),
      ),
    );
  return { ...plainOnes[0], ...merged, ...(range && { range }) };
}

function resolve(reference: string, root: JsonSchema): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return {};
  const path = reference.slice(2).split("/");
  return path.reduce<unknown>(
    (node, key) => (isRecord(node) ? node[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
    root,
  );
}

/** The values that a plain schema lists, from `enum` or `const`; none when it lists none. */
export function choicesOf(schema: JsonSchema): readonly unknown[] {
  if (schema.enum) return schema.enum.filter((value) => value !== null);
  return schema.const === undefined ? [] : [schema.const];
}

/** The type of a plain schema, guessed from its keywords when it does not say. */
export function typeOf(schema: JsonSchema): JsonType {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  const type = types.find((name) => name !== "null") ?? types[0];
  if (type !== undefined) return type as JsonType;
  if (schema.properties) return "object";
  if (schema.items) return "array";
  const [choice] = choicesOf(schema);
  return choice === undefined ? "unknown" : (typeof choice as JsonType);
}

/** True when a value fits a schema; also true for a schema that the validator itself cannot read. */
export function fits(value: unknown, schema: JsonSchema): boolean {
  try {
    return new Validator(schema as ConstructorParameters<typeof Validator>[0], "2020-12").validate(value)
      .valid;
  } catch {
    return true;
  }
}

/** The same for a part of a schema, whose references point into the whole. */
export function fitsWithin(value: unknown, part: unknown, root: JsonSchema): boolean {
  if (!isRecord(part)) return true;
  const { $defs, definitions } = root;
  return fits(value, { ...part, ...($defs && { $defs }), ...(definitions && { definitions }) });
}

/** The number moved inside a schema's bounds, or undefined when no number near it fits. */
export function clampNumber(value: number, schema: JsonSchema): number | undefined {
  const whole = typeOf(schema) === "integer";
  const step = schema.multipleOf ?? (whole ? 1 : 0);
  const above = schema.exclusiveMinimum === undefined ? undefined : schema.exclusiveMinimum + (step || 1e-9);
  const below = schema.exclusiveMaximum === undefined ? undefined : schema.exclusiveMaximum - (step || 1e-9);
  const least = Math.max(schema.minimum ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY);
  const most = Math.min(schema.maximum ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY);
  let near = Math.min(Math.max(value, least), most);
  if (step > 0) near = Math.round(near / step) * step;
  if (step > 0 && near < least) near += step;
  if (step > 0 && near > most) near -= step;
  return fits(near, schema) ? near : undefined;
}

/**
 * A value that says nothing and still fits: the default, else the first choice that means "unknown", else the
 * first choice, an empty string, the number nearest to zero, false, an empty list.
 */
export function neutral(unread: unknown, root: JsonSchema, depth = 0): unknown {
  const schema = plain(unread, root);
  if (schema.default !== undefined) return schema.default;
  const choices = choicesOf(schema);
  if (choices.length > 0) {
    return (
      choices.find((choice) => /^(unknown|other|none|n\/?a|unspecified)$/i.test(String(choice))) ?? choices[0]
    );
  }
  switch (typeOf(schema)) {
    case "object": {
      const required = depth > DEEPEST ? [] : (schema.required ?? []);
      return Object.fromEntries(
        required.map((key) => [key, neutral(schema.properties?.[key] ?? {}, root, depth + 1)]),
      );
    }
    case "array": {
      const count = depth > DEEPEST ? 0 : (schema.minItems ?? 0);
      return Array.from({ length: count }, () => neutral(schema.items ?? {}, root, depth + 1));
    }
    case "number":
    case "integer":
      return clampNumber(0, schema) ?? 0;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return schema.minLength ? "-".repeat(schema.minLength) : "";
  }
}
