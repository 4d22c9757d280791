import { wordsOf } from "../../models/offline/words.js";
import { dayIn, isDateWord } from "./dates.js";
import type { Passage } from "./source.js";

/** A paragraph that makes a section longer begins the next one. */
const LONG_ENOUGH = 900;
/** Of one section; a longer one is cut at a word. */
const LONGEST_SECTION = 2000;
const LONGEST_HEADING = 500;
const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\r?\n/;
const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;
const TITLE = /^#\s+(.+?)\s*#*$/;
const UPDATED =
  /^[\s>*_-]*(?:last\s+)?(?:updated|revised|modified|changed|effective|as of|date)(?:\s+on)?[*_]*\s*:?[*_]*\s+(.*)$/iu;
/** Where a document says of when it is. */
const HEAD_LINES = 8;

/**
 * A Markdown or plain text in sections, at its headings and, where those are far apart, at paragraphs. A
 * section is of the date in its heading, else of the document's own: from the front matter, a line
 * "Updated: ..." at the top, its title, or its name. A file system's date is not asked, as a copy changes it.
 */
export function sectionsOf(
  text: string,
  document: Pick<Passage, "uri" | "title" | "updated"> = {},
): Passage[] {
  const front = FRONT_MATTER.exec(text)?.[1] ?? "";
  const lines = text.slice(FRONT_MATTER.exec(text)?.[0].length ?? 0).split(/\r?\n/);
  const first = TITLE.exec(lines.find((line) => line.trim() !== "")?.slice(0, LONGEST_HEADING) ?? "")?.[1];
  const title = document.title ?? frontValue(front, "title") ?? first ?? document.uri;
  const updated =
    document.updated ??
    dayIn(frontValue(front, "updated") ?? frontValue(front, "date") ?? "") ??
    dayIn(
      lines
        .slice(0, HEAD_LINES)
        .map((line) => UPDATED.exec(line)?.[1] ?? "")
        .join("\n"),
    ) ??
    dayIn(first ?? "") ??
    dayIn(document.uri ?? "");
  const passages: Passage[] = [];
  const said = lines.filter((line, place) => place >= HEAD_LINES || !isOnlyDated(line));
  for (const { heading, body } of blocksOf(said)) {
    const date = dayIn(heading) ?? updated;
    const isTitle = heading === first;
    for (const piece of piecesOf(body)) {
      passages.push({
        text: piece,
        ...(title !== undefined && { title }),
        ...(heading !== "" && !isTitle && { heading }),
        ...(document.uri !== undefined && { uri: document.uri }),
        ...(date !== undefined && { updated: date }),
      });
    }
  }
  return passages;
}

/** "Last updated: 4 May 2026", and not "Updated 4 May 2026: the fee rose". */
function isOnlyDated(line: string): boolean {
  const date = UPDATED.exec(line)?.[1]?.replace(/[T ]\d{1,2}:\d{2}\S*/, "");
  if (date === undefined || dayIn(date) === undefined) return false;
  return wordsOf(date).every((word) => /^\d{1,4}(?:st|nd|rd|th)?$|^of$/.test(word) || isDateWord(word));
}

interface Block {
  readonly heading: string;
  readonly body: readonly string[];
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: { heading: string; body: string[] }[] = [{ heading: "", body: [] }];
  let isCode = false;
  for (const line of lines) {
    if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
    const heading = isCode || line.length > LONGEST_HEADING ? undefined : HEADING.exec(line)?.[2];
    if (heading === undefined) blocks.at(-1)?.body.push(line);
    else blocks.push({ heading, body: [] });
  }
  return blocks;
}

function piecesOf(body: readonly string[]): readonly string[] {
  const paragraphs = body
    .join("\n")
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
  const pieces: string[] = [];
  for (const paragraph of paragraphs) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + paragraph.length < LONG_ENOUGH)
      pieces[pieces.length - 1] = `${last}\n\n${paragraph}`;
    else for (const piece of cut(paragraph)) pieces.push(piece);
  }
  return pieces;
}

/** A paragraph without an end, as of a log, in pieces that end at a line or a word. */
function cut(paragraph: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  while (paragraph.length - from > LONGEST_SECTION) {
    const start = paragraph.slice(from, from + LONGEST_SECTION);
    const length = Math.max(start.lastIndexOf("\n"), start.lastIndexOf(" "), LONGEST_SECTION / 2);
    pieces.push(start.slice(0, length));
    from += length;
  }
  return [...pieces, paragraph.slice(from)].map((piece) => piece.trim()).filter((piece) => piece !== "");
}

function frontValue(front: string, key: string): string | undefined {
  const value = new RegExp(`^${key}:[ \\t]*(.+)$`, "im").exec(front)?.[1]?.trim();
  return value?.replace(/^(["'])(.*)\1$/, "$2");
}
