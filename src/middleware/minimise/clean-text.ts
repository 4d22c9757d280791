import { type Cleaning, leavesOf } from "./clean.js";
import { matchesOf } from "./detector.js";
import { cleanJson } from "./json-text.js";

/** In place of a text that looks like JSON and is none: what stands at a path cannot be told from the rest. */
const REMOVED = "[removed: not valid JSON]";
const BYTE_ORDER_MARK = "\uFEFF";
const LIKE_JSON = /^\s*[[{]/;
/** As prose begins: `[INFO] started`, `[a link](https://...)`; no list of one number or literal. */
const LABEL = /^\s*\[(?!(?:\d[\d.eE+-]*|true|false|null)\s*\]\s*(?:$|[[{]))\w[^[\]{}"',]*\]/;
/** Of a fenced block in Markdown, and right after it something like JSON. */
const FENCE_BEGIN = /```[^\n`{[]*(?=[[{]|\n\s*[[{])/g;
/** JSON has no line end in a string, so one of its strings cannot end a block. */
const FENCE_END = /```[ \t\r]*$/gm;

/**
 * A text without what is to go. JSON in it is taken as such, and keeps its form: after a byte order mark, one value on each
 * line (NDJSON) and in fenced blocks too. Where paths hold, text that begins as JSON and cannot be read gives way to a mark.
 */
export function cleanText(text: string, cleaning: Cleaning): string {
  const sign = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const rest = text.slice(sign.length);
  return sign + (cleanAsJson(rest, cleaning) ?? cleanProse(rest, cleaning));
}

/** Undefined for prose, and for anything but JSON when there are no paths. */
function cleanAsJson(text: string, cleaning: Cleaning): string | undefined {
  if (!LIKE_JSON.test(text)) return undefined;
  if (LABEL.test(text)) return text.trim() === REMOVED ? text : undefined;
  const clean = cleanJson(text, cleaning.places, leavesOf(cleaning)) ?? cleanLines(text, cleaning);
  if (clean !== undefined || cleaning.places.length === 0) return clean;
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  return text.slice(0, start) + REMOVED + text.slice(end);
}

/** Of lines that are each a JSON object or list, or empty. */
function cleanLines(text: string, cleaning: Cleaning): string | undefined {
  const leaves = leavesOf(cleaning);
  let cleaned = "";
  for (let start = 0; start < text.length; ) {
    const end = (text.indexOf("\n", start) + 1 || text.length + 1) - 1;
    const line = text.slice(start, end);
    const clean = line.trim() === "" ? line : cleanJson(line, cleaning.places, leaves);
    if (clean === undefined) return undefined;
    cleaned += clean + text.slice(end, end + 1);
    start = end + 1;
  }
  return cleaned;
}

function cleanProse(text: string, cleaning: Cleaning): string {
  const { places, mask = (plain: string) => plain } = cleaning;
  if (places.length === 0 || !text.includes("```")) return mask(text);
  const ends = matchesOf(text, FENCE_END);
  let cleaned = "";
  let done = 0;
  let next = 0;
  for (const { 0: fence, index } of matchesOf(text, FENCE_BEGIN)) {
    if (index < done) continue;
    const start = index + fence.length;
    while ((ends[next]?.index ?? text.length) < start) next++;
    const end = ends[next]?.index ?? text.length;
    const clean = cleanAsJson(text.slice(start, end), cleaning);
    if (clean === undefined) continue;
    cleaned += mask(text.slice(done, start)) + clean;
    done = end;
  }
  return cleaned + mask(text.slice(done));
}
