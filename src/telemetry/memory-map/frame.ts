import { MARGIN, rectAt, textAt, WIDTH, widthOf } from "../pictures/svg.js";

/** All in pixels at the picture's own size. */
export const GAP = 12;
/** Where lanes and the axis of time begin, right of their names. */
export const LEFT = 176;
const HEADER = 34;

/** Elements from y = 0 downwards. */
export interface Band {
  readonly height: number;
  readonly elements: readonly string[];
}

/** A part of the picture with its name, and beside it in a few words what it is. */
export function bandOf(name: string, meaning: string, content: Band): Band {
  const height = HEADER + content.height + GAP;
  const nameWidth = widthOf(name);
  return {
    height,
    elements: [
      rectAt("lb-lane", MARGIN / 2, 0, WIDTH - MARGIN, height - 6, 6),
      textAt(MARGIN, 20, name, "lb-strong"),
      textAt(MARGIN + nameWidth + GAP, 20, meaning, "lb-faint"),
      ...moved(HEADER, content.elements),
    ],
  };
}

/** What a band says that has nothing to show. */
export function emptyBand(why: string): Band {
  return { height: 22, elements: [textAt(MARGIN, 14, why, "lb-faint")] };
}

/** One below the other. */
export function stack(bands: readonly Band[]): Band {
  let height = 0;
  const elements = bands.flatMap((band) => {
    const placed = moved(height, band.elements);
    height += band.height;
    return placed;
  });
  return { height, elements };
}

function moved(y: number, elements: readonly string[]): string[] {
  return elements.length === 0 ? [] : [`<g transform="translate(0 ${y})">`, ...elements, "</g>"];
}
