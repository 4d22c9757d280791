import type { Result } from "../../core/result.js";

/** A result as text, without how it was obtained: that is told anew each time. Undefined for what is no JSON. */
export function toJson(result: Result): string | undefined {
  const { obtained: _, ...plain } = result;
  try {
    return JSON.stringify(plain);
  } catch {
    // A server in the same process can return what no wire could carry: a cycle, a bigint.
    return undefined;
  }
}

/** The result in a text of {@link toJson}; undefined when it is broken. Each time a new one, for its reader alone. */
export function fromJson(json: string): Result | undefined {
  try {
    const value = JSON.parse(json) as { readonly content?: unknown } | null;
    return Array.isArray(value?.content) ? (value as Result) : undefined;
  } catch {
    return undefined;
  }
}
