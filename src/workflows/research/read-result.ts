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

/**
 * The passages in what a search tool answered: the first list of records with a text in its structured result or its
 * JSON, each record a document; else the text itself, by its headings or its numbered titles.
 */
export function readResult({ text, structured }: SearchResult): readonly Passage[] {
  const found = documentsIn(structured ?? parsed(text));
  if (found !== undefined) return found.flatMap(toPassages);
  if (isEmptyResult(text)) return [];
  if (/^#{1,6}\s/m.test(text)) return sectionsOf(text);
  return grouped(text);
}

/** An empty list is an answer: nothing was found. */
function documentsIn(value: unknown, depth = 0): readonly Fields[] | undefined {
  if (Array.isArray(value)) {
    const records = value.filter((one): one is Fields => isRecord(one) && pick(one, TEXT) !== undefined);
    return records.length > 0 || value.length === 0 ? records : undefined;
  }
  if (!isRecord(value) || depth > DEEPEST) return undefined;
  const lists = Object.values(value).map((one) => documentsIn(one, depth + 1));
  return (
    lists.find((list) => list !== undefined && list.length > 0) ?? lists.find((list) => list !== undefined)
  );
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
  let date: string | undefined;
  for (const { text: said, title, updated } of passagesOfText(text, "")) {
    const last = passages.at(-1);
    if (last !== undefined && last.title === title) {
      passages[passages.length - 1] = { ...last, text: `${last.text} ${said}` };
      continue;
    }
    const isOwn = updated !== undefined && updated !== date;
    passages.push({ text: said, ...(title !== undefined && { title }), ...(isOwn && { updated }) });
    date = updated;
  }
  return passages.flatMap(({ text: whole, ...document }) => sectionsOf(whole, document));
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
