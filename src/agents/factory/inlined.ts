export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keys whose values are data, not schemas. */
const DATA = new Set(["default", "examples", "enum", "const"]);
/** Keys whose values are schemas by name. */
const BY_NAME = new Set(["properties", "patternProperties"]);
const HOLDS_DEFINITIONS = ["$defs", "definitions"] as const;

/**
 * A JSON schema whose parts can be moved about: each reference to a definition within it is replaced by what it stands
 * for, one that leads back into itself by a schema that allows anything. A part may bring definitions of its own.
 */
export function inlined(schema: JsonSchema): JsonSchema {
  return inline(schema, new Map(), new Set()) as JsonSchema;
}

type Definitions = ReadonlyMap<string, unknown>;

function inline(value: unknown, outer: Definitions, within: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => inline(each, outer, within));
  if (typeof value !== "object" || value === null) return value;
  const definitions = withOwn(value as JsonSchema, outer);
  const { $ref, ...rest } = value as JsonSchema;
  const said = Object.fromEntries(
    Object.entries(rest)
      .filter(([key]) => key !== "$schema" && !HOLDS_DEFINITIONS.includes(key as never))
      .map(([key, each]) => [key, inlineAt(key, each, definitions, within)]),
  );
  if (typeof $ref !== "string" || !definitions.has($ref) || within.has($ref)) return said;
  const meant = inline(definitions.get($ref), definitions, new Set([...within, $ref]));
  return { ...(meant as JsonSchema), ...said };
}

function inlineAt(
  key: string,
  value: unknown,
  definitions: Definitions,
  within: ReadonlySet<string>,
): unknown {
  if (DATA.has(key)) return value;
  if (!BY_NAME.has(key)) return inline(value, definitions, within);
  const named = Object.entries((value ?? {}) as JsonSchema);
  return Object.fromEntries(named.map(([name, schema]) => [name, inline(schema, definitions, within)]));
}

function withOwn(schema: JsonSchema, outer: Definitions): Definitions {
  const own = HOLDS_DEFINITIONS.flatMap((key) => {
    const held = schema[key];
    if (typeof held !== "object" || held === null) return [];
    return Object.entries(held).map(([name, definition]) => [`#/${key}/${name}`, definition] as const);
  });
  return own.length === 0 ? outer : new Map([...outer, ...own]);
}
