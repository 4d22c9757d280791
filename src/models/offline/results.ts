import type { PastCall } from "./conversation.js";
import { isRecord } from "./schema.js";
import { textKind } from "./texts.js";

/** A piece of a result that can stand in an answer by itself. */
export interface Passage {
  readonly text: string;
  /** A text is a whole result, quoted as it is. */
  readonly kind: "sentence" | "row" | "figure" | "text";
  /** The document that it stands in, when the result says so. */
  readonly title?: string;
  /** YYYY-MM-DD: when that document was last changed. */
  readonly updated?: string;
  /** The tool, or the URI of a resource. */
  readonly from: string;
}

type Document = Pick<Passage, "title" | "updated">;

const UPDATED = /\b(?:last\s+)?(?:updated|modified|revised|effective)(?:\s+on)?:?\s*(\d{4}-\d{2}-\d{2})/iu;
const NOTHING =
  /^(?:\W*(?:no|0|zero|none)\b[^.\n]{0,80}(?:found|match(?:es|ed|ing)?|results?|rows?|hits?|entries|records)\b|\W*(?:none|null|not found|nothing found|\[\]|\{\})\W*$|.{0,40}\bnot found\W*$)/iu;
const TITLE_KEYS = ["title", "name", "document", "heading", "subject"];
const BODY_KEYS = ["passage", "text", "content", "snippet", "excerpt", "body", "observations"];
/** A line longer than this is prose even without a full stop. */
const LONGEST_TITLE = 90;

/** True for a result that ran and has nothing to say. */
export function isEmptyResult(text: string): boolean {
  const said = text.trim();
  return said === "" || NOTHING.test(said) || (/^No \p{L}/u.test(said) && !said.includes("\n"));
}

/** A call's result in pieces: sentences of prose with their document, rows of tables and of JSON, single figures. */
export function passagesOf(call: PastCall): Passage[] {
  if (!call.result || call.result.failed || isEmptyResult(call.result.text)) return [];
  // A tool that repeats the search text has found it nowhere but in the question.
  const searched = Object.entries(call.args).flatMap(([name, value]) =>
    typeof value === "string" && textKind(name, {}) === "query" ? [value.toLowerCase()] : [],
  );
  return passagesOfText(call.result.text, call.name).filter(
    ({ text, kind }) =>
      kind !== "sentence" || !searched.some((query) => text.toLowerCase().includes(`"${query}"`)),
  );
}

/** Any text in pieces; a sentence that comes again is left out. */
export function passagesOfText(text: string, from: string): Passage[] {
  const json = parseJson(text);
  const seen = new Set<string>();
  const isFirst = ({ kind, text: sentence }: Passage) =>
    kind !== "sentence" || seen.size < seen.add(sentence).size;
  return (json === undefined ? fromProse(text, from) : fromJson(json, from, {})).filter(isFirst);
}

function parseJson(text: string): unknown {
  const body = /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text)?.[1] ?? text;
  if (!/^\s*[[{\d"-]/.test(body)) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function fromJson(value: unknown, from: string, document: Document): Passage[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap((item) => fromJson(item, from, document));
  if (!isRecord(value)) {
    const text = String(value);
    return typeof value === "string"
      ? fromProse(text, from, document)
      : [{ text, kind: "figure", from, ...document }];
  }
  const title = TITLE_KEYS.map((key) => value[key]).find((one): one is string => typeof one === "string");
  const body = BODY_KEYS.map((key) => value[key]).find((one) => typeof one === "string" || isTextList(one));
  const updated = Object.entries(value)
    .filter(([key]) => /updated|modified|date/i.test(key))
    .map(([, one]) => /^\d{4}-\d{2}-\d{2}/.exec(String(one))?.[0])
    .find((one) => one !== undefined);
  const here: Document = { ...document, ...(title && { title }), ...(updated && { updated }) };
  if (title !== undefined && body !== undefined) {
    return [body].flat().flatMap((text) => fromProse(String(text), from, here));
  }
  const lists = Object.values(value).filter((one) => Array.isArray(one) && one.some(isRecord));
  if (lists.length > 0) return lists.flatMap((list) => fromJson(list, from, document));
  const entries = flatEntries(value);
  const [only] = entries;
  if (only && entries.length === 1 && typeof only[1] === "number") {
    return [{ text: String(only[1]), kind: "figure", from, ...document }];
  }
  return entries.length === 0
    ? []
    : [{ text: entries.map(([key, one]) => `${key}: ${one}`).join(", "), kind: "row", from, ...document }];
}

const isTextList = (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");

function flatEntries(record: Record<string, unknown>, prefix = ""): [string, string | number][] {
  return Object.entries(record).flatMap(([key, value]): [string, string | number][] => {
    if (isRecord(value)) return flatEntries(value, `${prefix}${key}.`);
    if (value === null || value === undefined || value === "") return [];
    if (Array.isArray(value))
      return value.length > 0 ? [[`${prefix}${key}`, value.map(String).join("; ")]] : [];
    return [[`${prefix}${key}`, typeof value === "number" ? value : String(value)]];
  });
}

function fromProse(text: string, from: string, outer: Document = {}): Passage[] {
  const passages: Passage[] = [];
  let document = outer;
  let header: string[] | undefined;
  const lines = text.split("\n").map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    if (line === "" || /^[-=*_|:\s]+$/.test(line)) {
      if (line === "") header = undefined;
      continue;
    }
    if (line.startsWith("|")) {
      const cells = line
        .replace(/^\||\|$/g, "")
        .split("|")
        .map((cell) => cell.trim());
      if (header) passages.push({ text: toRow(header, cells), kind: "row", from, ...document });
      else header = cells;
      continue;
    }
    if (isTitle(line, lines[index + 1] ?? "")) {
      document = { ...outer, ...readTitle(line, document) };
      continue;
    }
    for (const sentence of sentencesOf(line))
      passages.push({ text: sentence, kind: "sentence", from, ...document });
  }
  // Headings alone are all that such a text has to say.
  return passages.length > 0 || text.trim() === ""
    ? passages
    : [{ text: text.trim(), kind: "sentence", from, ...outer }];
}

const toRow = (header: readonly string[], cells: readonly string[]) =>
  cells.map((cell, index) => `${header[index] ?? index}: ${cell}`).join(", ");

function isTitle(line: string, next: string): boolean {
  if (/^#{1,6}\s/.test(line) || /^\*\*[^*]+\*\*:?(?:\s*\([^)]*\))?$/.test(line)) return true;
  if (line.length > LONGEST_TITLE) return false;
  if (UPDATED.test(line)) return true;
  return /^\d+[.)]\s+\p{Lu}/u.test(line) && !/[.!?:;]$/.test(line) && next !== "" && !/^\d+[.)]\s/.test(next);
}

function readTitle(line: string, before: Document): Document {
  const updated = UPDATED.exec(line)?.[1];
  const title = line
    .replace(/\(?[^()]*\b\d{4}-\d{2}-\d{2}\)?.*$/u, (tail) =>
      UPDATED.test(tail)
        ? tail.slice(0, tail.search(/[([]|\b(?:last\s+)?(?:updated|modified|revised|effective)\b/iu))
        : tail,
    )
    .replace(/^#{1,6}\s+|^\d+[.)]\s+|\*\*/g, "")
    .replace(/[\s,;:–—-]+$/u, "");
  // A line of a date alone belongs to the title above it.
  if (title === "") return { ...before, ...(updated && { updated }) };
  // A sub-heading keeps the date of the document around it.
  return { title, ...((updated ?? before.updated) && { updated: updated ?? before.updated }) } as Document;
}

/** Sentences of a line; a full stop inside a number, a name or an abbreviation ends nothing. */
function sentencesOf(line: string): string[] {
  return line
    .replace(/^(?:[-*•>]|\d+[.)])\s+/, "")
    .split(/(?<=[.!?]["”’)]?)\s+(?=["“(]?\p{Lu})/u)
    .map((sentence) => sentence.replaceAll("**", "").trim())
    .filter((sentence) => sentence !== "");
}
