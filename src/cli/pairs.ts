import { BatonError } from "../core/errors.js";

/**
 * What stands on a command line for an object: `name=value` pairs, or one JSON object. Values are JSON where they can be,
 * but for what the schema says is text.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for what is neither
 */
export function parsePairs(
  words: readonly string[],
  schema: { readonly properties?: unknown },
): Record<string, unknown> {
  const [first] = words;
  if (words.length === 1 && first?.trimStart().startsWith("{")) {
    const parsed = parseJson(first);
    if (parsed !== undefined) return parsed.value as Record<string, unknown>;
    throw new BatonError("INVALID_ARGUMENTS", "the arguments are not valid JSON: check quotes and commas");
  }
  const properties = (schema.properties ?? {}) as Readonly<Record<string, { readonly type?: unknown }>>;
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf("=");
      if (equals < 1) throw new BatonError("INVALID_ARGUMENTS", `'${word}' is not a name=value pair`);
      const text = word.slice(equals + 1);
      const name = word.slice(0, equals);
      // A name of digits is still a name where the tool wants a string.
      const parsed = properties[name]?.type === "string" ? undefined : parseJson(text);
      return [name, parsed === undefined ? text : parsed.value];
    }),
  );
}

/** In an object, as `null` is a value too. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
