import { formatMs } from "../pictures/format-ms.js";
import { hatch } from "../pictures/hatch.js";
import { rectAt, textAt, titled } from "../pictures/svg.js";
import type { TimelineAttempt } from "../timeline.js";
import { type PlacedBar, type PlacedCall, textStart } from "./call-layout.js";
import { attemptEndingOf, durationOf, endingOf, isUnsent, notesOf, waitedMs } from "./facts.js";
import { GLYPH, glyphAt } from "./glyphs.js";

/** Pixels of a bar's height. */
export const BAR = 10;
/** Below its row's top, in pixels: the label's baseline and the bar's upper edge. */
const LABEL_Y = 15;
const BAR_Y = 19;
/** In a narrower bar no attempts can be told apart, in pixels. */
const NARROWEST_WITH_ATTEMPTS = 8;

/** A call with its label, its bars and the waits between them, in a row that begins at `y`. */
export function drawCall(
  { bars, marks, label, labelX }: PlacedCall,
  y: number,
  xOf: (ms: number) => number,
): string {
  return [
    ...marks.map((mark, index) =>
      glyphAt(mark, labelX + textStart(marks.slice(0, index)), y + LABEL_Y - GLYPH + 1),
    ),
    textAt(labelX + textStart(marks), y + LABEL_Y, label),
    ...bars.map((bar) => (bar.waitX === undefined ? "" : drawWait(bar, bar.waitX, y + BAR_Y))),
    ...bars.map((bar) => drawBar(bar, y + BAR_Y, xOf)),
  ].join("");
}

/** The class of an ending of a call or of an attempt. */
export function classOf(ending: string): string {
  return `lb-${ending.replace(" ", "-")}`;
}

/** A frame in the colour of a call's end: nothing was sent. */
export function hollow(classes: string, x: number, y: number, width: number): string {
  return rectAt(`lb-hollow ${classes}`, x + 0.75, y + 0.75, Math.max(1.5, width - 1.5), BAR - 1.5);
}

function drawWait({ span, x }: PlacedBar, waitX: number, y: number): string {
  if (x - waitX < 1) return "";
  const title = `${span.server}.${span.tool}, waited for a person ${formatMs(waitedMs(span))}`;
  return titled(title, [hatch(waitX, y, x - waitX, BAR)]);
}

function drawBar({ span, x, width }: PlacedBar, y: number, xOf: (ms: number) => number): string {
  const classes = classOf(endingOf(span));
  const { attempts = [] } = span;
  const facts = [`${span.server}.${span.tool}`, durationOf(span), ...notesOf(span)];
  const title = facts.filter((fact) => fact !== "").join(", ");
  if (isUnsent(span)) return titled(title, [hollow(classes, x, y, width)]);
  if (attempts.length === 0 || width < NARROWEST_WITH_ATTEMPTS)
    return titled(title, [rectAt(classes, x, y, width, BAR)]);
  // The call as a line, so that what is between its attempts shows as a wait.
  const line = rectAt(classes, x, y + BAR / 2 - 0.75, width, 1.5, 0);
  const ends = [rectAt(classes, x, y, 1.5, BAR, 0), rectAt(classes, x + width - 1.5, y, 1.5, BAR, 0)];
  return titled(title, [line, ...ends]) + drawAttempts(attempts, { x, width, y, xOf });
}

interface Frame {
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly xOf: (ms: number) => number;
}

/** A block for each attempt; those that ran at the same time lie above each other. */
function drawAttempts(attempts: readonly TimelineAttempt[], { x, width, y, xOf }: Frame): string {
  const freeFrom: number[] = [];
  const placed = attempts.map((attempt) => {
    const from = Math.min(x + width - 2, xOf(attempt.startMs));
    const to = attempt.endMs === undefined ? x + width : Math.min(x + width, xOf(attempt.endMs));
    const end = Math.max(from + 2, to);
    const free = freeFrom.findIndex((until) => until <= from + 0.5);
    const layer = free === -1 ? freeFrom.length : free;
    freeFrom[layer] = end;
    return { attempt, from, end, layer };
  });
  const layers = layersOf(placed, freeFrom.length);
  return placed
    .map(({ attempt, from, end, layer }, index) => {
      const ending = attemptEndingOf(attempt);
      const { top = 0, height = BAR } = layers[layer] ?? {};
      const block = rectAt(classOf(ending), from, y + top, end - from, height, Math.min(1.5, height / 2));
      const words = ending === "failed" ? (attempt.errorType ?? "") : ending;
      const facts = [`attempt ${attempt.number ?? index + 1}`, attempt.server, durationOf(attempt), words];
      return titled(facts.filter((fact) => fact !== "").join(", "), [block]);
    })
    .join("");
}

/** Where each layer lies in the bar: one with nothing but attempts that were given up is half as high as the others. */
function layersOf(
  placed: readonly { readonly attempt: TimelineAttempt; readonly layer: number }[],
  count: number,
): { readonly top: number; readonly height: number }[] {
  // With more the gaps would take all the room.
  const gap = count > 3 ? 0 : 1;
  const weights = Array<number>(count).fill(1);
  for (const { attempt, layer } of placed) if (!attempt.givenUp) weights[layer] = 2;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let top = 0;
  return weights.map((weight) => {
    const height = ((BAR - gap * (count - 1)) * weight) / all;
    const layer = { top, height };
    top += height + gap;
    return layer;
  });
}
