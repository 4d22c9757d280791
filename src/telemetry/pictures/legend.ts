import { COLUMN, textAt, textEndingAt, widthOf } from "./svg.js";

/** A sign and what it means. */
export interface LegendEntry {
  readonly label: string;
  /** The sign in a box of 14 by 10 pixels, from its upper left corner. */
  readonly draw: (x: number, y: number) => string;
}

const SIGN = 14;
const GAP = 20;
const LINE = 20;

/** Signs in lines from left to right, the summary at the right of the last one. */
export function drawLegend(
  entries: readonly LegendEntry[],
  summary: string,
  { left, right, y }: { readonly left: number; readonly right: number; readonly y: number },
): { readonly elements: readonly string[]; readonly bottom: number } {
  let [x, baseline] = [left, y + 16];
  const elements: string[] = [];
  const makeRoom = (width: number): void => {
    if (x === left || x + width <= right) return;
    x = left;
    baseline += LINE;
  };
  for (const { label, draw } of entries) {
    const width = SIGN + COLUMN + widthOf(label);
    makeRoom(width);
    elements.push(draw(x, baseline - 9), textAt(x + SIGN + COLUMN, baseline, label));
    x += width + GAP;
  }
  makeRoom(widthOf(summary));
  elements.push(textEndingAt(right, baseline, summary, "lb-faint"));
  return { elements, bottom: baseline + 12 };
}
