import { BatonError } from "../../core/errors.js";
import { isEmptyResult, passagesOfText } from "../../models/offline/results.js";
import { dayIn } from "./dates.js";
import { sectionsOf } from "./sections.js";
import type { Passage } from "./source.js";

/** What a search tool answered. */
export interface SearchResult {
  readonly text: string;
  /** As its output schema says. */
  readonly structured?: unknown;
}

/** The names by which search tools call the parts of what they found, the most telling first. */
const TEXT = [
  "passage",
  "text",
  "content",
  "snippet",
  "excerpt",
  "body",
  "page_content",
  "summary",
  "description",
];
const TITLE = ["title", "name", "document", "heading", "subject"];
const URI = ["uri", "url", "link", "href", "path", "file", "source"];
const UPDATED = [
  "updated",
  "updated_at",
  "modified",
  "last_modified",
  "published",
  "published_at",
  "date",
  "timestamp",
];

type Fields = Readonly<Record<string, unknown>>;

/** The names by which they call the list of what they found, the most telling first. */
const LISTS = ["results", "documents", "items", "hits", "data"];
/** Of an object that says nothing else, the parts of an error. */
const ERROR = ["error", "errors", "message", "detail", "code", "status", "success", "ok"];
/** Of an answer that is no list; what comes after is not read. */
const LONGEST_PROSE = 200_000;
const LONGEST_REASON = 200;

/**
 * The passages in what a search tool answered: the list of records with a text in its structured result or its JSON,
 * each record a document; else the text itself, by its headings or its numbered titles.
 *
 * @throws {BatonError} `UPSTREAM` for an object that is an error
 */
export function readResult({ text, structured }: SearchResult): readonly Passage[] {
  const value = structured ?? parsed(text);
  const reason = errorIn(value);
  if (reason !== undefined && !isEmptyResult(reason))
    throw new BatonError("UPSTREAM", `the tool answered with an error: ${reason.slice(0, LONGEST_REASON)}`);
  const found = reason === undefined ? documentsIn(value) : [];
  if (found !== undefined) return found.flatMap(toPassages);
  if (isEmptyResult(text)) return [];
  if (/^#{1,6}\s/m.test(text)) return sectionsOf(text.slice(0, LONGEST_PROSE));
  return grouped(text.slice(0, LONGEST_PROSE));
}

function errorIn(value: unknown): string | undefined {
  if (!isRecord(value) || Object.keys(value).some((key) => !ERROR.includes(key))) return undefined;
  const reason = [value.error, value.errors, value.message, value.detail].find((one) => one);
  return reason === undefined || typeof reason === "string" ? reason : JSON.stringify(reason);
}

/** An empty list is an answer, nothing was found; what is related to nothing is none. */
function documentsIn(value: unknown): readonly Fields[] | undefined {
  const lists = [...listsIn(value)].sort((one, other) => one.place - other.place);
  const named = lists.filter(({ place }) => place < LISTS.length);
  const [best] = [...(named.length > 0 ? named : lists)].sort(
    (one, other) => Number(other.records.length > 0) - Number(one.records.length > 0),
  );
  return best?.records;
}

interface List {
  readonly records: readonly Fields[];
  /** Of its name among the usual ones. */
  readonly place: number;
}

function* listsIn(value: unknown, place = LISTS.length, depth = 0): Iterable<List> {
  if (Array.isArray(value)) {
    const records = value.filter((one): one is Fields => isRecord(one) && pick(one, TEXT) !== undefined);
    if (records.length > 0 || value.length === 0) yield { records, place };
    return;
  }
  if (!isRecord(value) || depth > DEEPEST) return;
  for (const [name, one] of Object.entries(value)) {
    const at = LISTS.indexOf(name);
    yield* listsIn(one, at === -1 ? LISTS.length : at, depth + 1);
  }
}

const DEEPEST = 3;

function toPassages(document: Fields): readonly Passage[] {
  const title = pick(document, TITLE);
  const uri = pick(document, URI);
  const updated = dayIn(pick(document, UPDATED) ?? "");
  return sectionsOf(pick(document, TEXT) ?? "", {
    ...(title !== undefined && { title }),
    ...(uri !== undefined && { uri }),
    ...(updated !== undefined && { updated }),
  });
}

/** Prose, of which each title begins a document. A date that is also the one before's may be of that one alone. */
function grouped(text: string): readonly Passage[] {
  const passages: Passage[] = [];
  const items = new Set(text.split("\n").flatMap(itemOf));
  let date: string | undefined;
  for (const { text: said, title, updated } of passagesOfText(text, "")) {
    const last = passages.at(-1);
    if (last !== undefined && last.title === title) {
      passages[passages.length - 1] = {
        ...last,
        text: `${last.text}${items.has(said) ? "\n- " : " "}${said}`,
      };
      continue;
    }
    const isOwn = updated !== undefined && updated !== date;
    const whole = items.has(said) ? `- ${said}` : said;
    passages.push({ text: whole, ...(title !== undefined && { title }), ...(isOwn && { updated }) });
    date = updated;
  }
  return passages.flatMap(({ text: whole, ...document }) => sectionsOf(whole, document));
}

/** An item of a list as it begins, whole and its first sentence: the sentences of a text come without their marks. */
function itemOf(line: string): readonly string[] {
  const item = /^\s*[-*•]\s+(.*\S)/.exec(line)?.[1]?.replaceAll("**", "").trim();
  return item === undefined ? [] : [item, item.split(/(?<=[.!?]["”’)]?)\s+/, 1)[0] ?? ""];
}

function pick(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return undefined;
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
