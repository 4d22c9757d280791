import { boundedJson } from "../bounded-json.js";
import { shorten } from "../pictures/columns.js";
import { MARGIN, rectAt, textAt, titled, WIDTH, widthOf } from "../pictures/svg.js";
import { type Band, emptyBand, GAP } from "./frame.js";

const ROW = 28;
const MOST_ROWS = 3;
const LONGEST_NOTE = 60;

/** The notes of working memory, one beside the other, in at most three rows. */
export function workingBand(working: Readonly<Record<string, unknown>>): Band {
  const notes = notesOf(working);
  if (notes.length === 0) return emptyBand("no notes");
  const elements: string[] = [];
  let x = MARGIN;
  let row = 0;
  for (const [index, note] of notes.entries()) {
    const label = shorten(note, LONGEST_NOTE);
    const width = widthOf(label) + 2 * GAP;
    const rest = `and ${notes.length - index} more`;
    const isLastRow = row === MOST_ROWS - 1;
    const room = WIDTH - MARGIN - (isLastRow && index < notes.length - 1 ? widthOf(rest) + GAP : 0);
    if (x + width > room && isLastRow) {
      elements.push(textAt(x, row * ROW + 15, rest, "lb-faint"));
      break;
    }
    if (x + width > room) [x, row] = [MARGIN, row + 1];
    elements.push(
      titled(note, [rectAt("lb-note", x, row * ROW, width, 22, 6), textAt(x + GAP, row * ROW + 15, label)]),
    );
    x += width + GAP;
  }
  return { height: (row + 1) * ROW, elements };
}

/** `key: value`, values that are no text as JSON. */
export function notesOf(working: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(working).map(
    ([key, value]) => `${key}: ${typeof value === "string" ? value : boundedJson(value)}`,
  );
}
