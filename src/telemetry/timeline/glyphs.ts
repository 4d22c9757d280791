import { round } from "../pictures/svg.js";
import type { Mark } from "./facts.js";

/** Pixels, both ways. */
export const GLYPH = 10;

/** Lines in a square of ten by ten. */
const PATHS: Readonly<Record<Mark, string>> = {
  // A person.
  "waited for a person": "M5 1a2 2 0 1 0 .01 0zM1 9.4c.4-4.8 7.6-4.8 8 0",
  // No entry.
  "held back": "M5 1a4 4 0 1 0 .01 0zM2.2 7.8l5.6-5.6",
  // Round again.
  retried: "M8.6 3.6A4 4 0 1 0 9 5.6M8.8 1v2.7H6.1",
  // A drum of a store.
  "from cache": "M1 2.6c0-2 8-2 8 0v5c0 2-8 2-8 0zM1 2.6c0 2 8 2 8 0",
  // A ticked box.
  "kept result": "M1 1h8v8H1zM3 5l1.6 1.8 2.6-3.4",
  // Two at once.
  hedged: "M.8 2.9h8M6.4.9l2.4 2-2.4 2M.8 7.3h8M6.4 5.3l2.4 2-2.4 2",
  // Another way.
  fallback: "M.8 2.5h2c3 0 1.4 5 4.6 5h1.4M6.6 5.3l2.4 2.2-2.4 2.2",
};

export function glyphAt(mark: Mark, x: number, y: number): string {
  return `<path class="lb-stroke" transform="translate(${round(x)} ${round(y)})" d="${PATHS[mark]}"/>`;
}
