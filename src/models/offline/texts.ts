import { carry, explain, type Ledger } from "./ledger.js";
import { MEASURE_QUESTION } from "./request.js";
import type { JsonSchema } from "./schema.js";
import { allStems, contentWords, stem, termsOf, wordsOf } from "./words.js";

/** What a free text parameter takes, by the words of its name. */
const KINDS: readonly (readonly [kind: TextKind, names: readonly string[]])[] = [
  ["url", ["url", "uri", "link", "href", "website"]],
  ["email", ["email", "mail", "recipient"]],
  ["date", ["date", "day", "since", "until", "before", "after", "deadline"]],
  ["glob", ["pattern", "glob"]],
  [
    "path",
    [
      "path",
      "paths",
      "file",
      "filename",
      "filepath",
      "files",
      "directory",
      "dir",
      "folder",
      "source",
      "destination",
      "src",
      "dest",
      "cwd",
    ],
  ],
  ["query", ["query", "q", "search", "keyword", "keywords", "topic", "term", "terms", "phrase"]],
  [
    "request",
    [
      "question",
      "prompt",
      "task",
      "request",
      "instruction",
      "instructions",
      "goal",
      "objective",
      "assignment",
    ],
  ],
  ["payload", ["message", "text", "content", "contents", "input", "body", "note", "memory", "value"]],
];

type TextKind = "url" | "email" | "date" | "glob" | "path" | "query" | "request" | "payload" | "other";

/** The kind of text that a parameter takes. A format says it; otherwise the last word of the name that is known. */
export function textKind(name: string, schema: JsonSchema): TextKind {
  if (schema.format === "uri" || schema.format === "url") return "url";
  if (schema.format === "email") return "email";
  if (schema.format === "date" || schema.format === "date-time") return "date";
  for (const word of wordsOf(name).reverse()) {
    const found = KINDS.find(([, names]) => names.includes(word));
    if (found) return found[0];
  }
  return "other";
}

/** A text of the request for a parameter, or undefined when the request holds none of its kind. */
export function fillText(
  name: string,
  schema: JsonSchema,
  required: boolean,
  ledger: Ledger,
): string | undefined {
  const { request } = ledger;
  const { evidence } = request;
  const kind = textKind(name, schema);
  switch (kind) {
    case "url":
      return take(evidence.urls, ledger);
    case "email":
      return take(evidence.emails, ledger);
    case "date": {
      const date = take(evidence.dates, ledger);
      return date !== undefined && schema.format === "date-time" ? `${date}T00:00:00Z` : date;
    }
    case "glob":
      return take(evidence.globs, ledger) ?? take(evidence.quoted, ledger);
    case "path":
      return take([...evidence.paths, ...evidence.quoted.filter(looksLikePath)], ledger);
    case "query": {
      const quoted = take(evidence.quoted, ledger);
      if (quoted !== undefined) return quoted;
      if (!required && !isSearchText(name)) return undefined;
      carry(ledger, request.terms);
      return searchText(request.text);
    }
    case "request":
      carry(ledger, request.terms);
      return request.text;
    case "payload":
      return take(evidence.quoted, ledger) ?? (required ? afterTheVerb(ledger) : undefined);
    default:
      return fillName(name, required, ledger);
  }
}

/** The words to search for: what stands behind "search ... for", else all words that carry the subject. */
export function searchText(text: string): string {
  const behind =
    /^\W*(?:please\s+)?(?:search|look|find|query)\b.*?\b(?:for|about)\s+(.+)$/iu.exec(text)?.[1] ?? text;
  const words = contentWords(
    behind
      .replace(MEASURE_QUESTION, "how")
      .replace(/^\W*(?:please\s+)?(?:list|find|search|explain|describe)\b/iu, ""),
  );
  return words.join(" ") || text;
}

/** The next text of a list that no other parameter has taken. */
function take(texts: readonly string[], ledger: Ledger): string | undefined {
  const found = texts.find((text) => !ledger.used.has(text));
  if (found === undefined) return undefined;
  ledger.used.add(found);
  explain(ledger, termsOf(found), 1);
  return found;
}

const looksLikePath = (text: string) => /[\\/.]/.test(text) && !/\s/.test(text);
const isSearchText = (name: string) => /^(?:q|query|search)$/i.test(name);

/** "echo hello world" gives "hello world": what an order is about, without the order. */
function afterTheVerb(ledger: Ledger): string | undefined {
  const rest = ledger.request.text
    .replace(/^\W*(?:(?:please|kindly|can you|could you|would you)\s+)*\p{L}+\s+/iu, "")
    .replace(/^back\s+/iu, "")
    .replace(/^(?:the (?:message|text|words?|sentence)|that|this)\b[:,]?\s+/iu, "")
    .replace(/[?\s]+$/u, "");
  if (rest === "" || rest === ledger.request.text) return undefined;
  carry(ledger, termsOf(rest));
  return rest;
}

/**
 * A name, a title, a place and the like: a known value that stands under the parameter's name, else a quoted
 * text, else a proper name. An optional one takes a proper name only when it asks for a name.
 */
function fillName(name: string, required: boolean, ledger: Ledger): string | undefined {
  const { request } = ledger;
  const words = wordsOf(name).map(stem);
  const known = request.known.find(
    ({ value, stems, under }) =>
      !stems.every((term) => ledger.used.has(term)) &&
      allStems(under.at(-1) ?? "").some((word) => words.includes(word)) &&
      // What other values stand under is the name of a table or a section, no value.
      !request.vocabulary.some((other) => other.under.includes(value)),
  );
  if (known) {
    explain(ledger, known.stems, 1);
    return known.value;
  }
  const mentioned = words.some((word) => request.stems.includes(word));
  const asksForName = words.some((word) => ["name", "titl", "title", "label"].includes(word));
  if (!required && !mentioned && !asksForName) return undefined;
  const free = request.evidence.names.filter(
    // "VPN" and "EUR" are subjects and units rather than names; a parameter that must have something takes them.
    (one) => !termsOf(one).every((term) => ledger.used.has(term)) && (required || /\p{Ll}/u.test(one)),
  );
  return take(request.evidence.quoted, ledger) ?? take(free, ledger);
}
