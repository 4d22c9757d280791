import { invalidOption } from "./check.js";

/**
 * What a label must not hold as it is: LangGraph refuses dots, some stores join labels with colons, `*` is a wildcard in
 * some places and `%`, `_` and the backslash are in others, and control characters and halves of a surrogate pair do not
 * survive every database. `=` begins an escape.
 */
const UNSAFE = /[=.:*%_\\\p{Cc}\p{Cs}]/gu;

/**
 * A user's namespace in the form that every store keeps apart: an e-mail address, a path or a URL is a fine label.
 * Injective: different namespaces never become the same.
 *
 * @throws BatonError `CONFIG_INVALID` for an empty namespace or label, and for what is no text.
 */
export function encodeNamespace(namespace: readonly string[]): string[] {
  if (!Array.isArray(namespace) || namespace.length === 0) {
    throw invalidOption("namespace", namespace, 'a list of at least one label, such as ["users", "alice"]');
  }
  return namespace.map((label: unknown, position) => {
    if (typeof label === "string" && label !== "") return encodeLabel(label, position === 0);
    throw invalidOption(
      `namespace[${position}]`,
      label,
      "a text of at least one character; is the user's id known?",
    );
  });
}

/** One label. LangGraph keeps the root `langgraph` for itself. */
export function encodeLabel(label: string, isRoot = false): string {
  const encoded = label.replace(UNSAFE, escapeCharacter);
  return isRoot && encoded === "langgraph" ? `${escapeCharacter("l")}anggraph` : encoded;
}

/** The labels below `prefix`, or `undefined` for a namespace elsewhere: stores have been seen to answer with neighbours. */
export function below(prefix: readonly string[], namespace: readonly string[]): string[] | undefined {
  return prefix.every((label, position) => namespace[position] === label)
    ? namespace.slice(prefix.length)
    : undefined;
}

function escapeCharacter(character: string): string {
  return `=${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
