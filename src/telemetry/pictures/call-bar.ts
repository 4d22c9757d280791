import type { TimelineAttempt } from "../timeline.js";
import { attemptEndingOf, durationOf, endingOf, isUnsent, notesOf, waitedMs } from "../timeline-facts.js";
import { type PlacedBar, type PlacedCall, textStart } from "./call-layout.js";
import { formatMs } from "./format-ms.js";
import { GLYPH, glyphAt } from "./glyphs.js";
import { rectAt, round, textAt, titled } from "./svg.js";

/** Pixels of a bar's height. */
export const BAR = 10;
/** Below its row's top, in pixels: the label's baseline and the bar's upper edge. */
const LABEL_Y = 15;
const BAR_Y = 19;
/** In a narrower bar no attempts can be told apart, in pixels. */
const NARROWEST_WITH_ATTEMPTS = 8;
const MOST_LAYERS = 3;

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

/** A frame with slanting lines; without a pattern, whose name could be another picture's. */
export function hatch(x: number, y: number, width: number): string {
  const count = Math.max(0, Math.floor((width - BAR) / 6) + 1);
  const lines = Array.from(
    { length: count },
    (_, index) => `M${round(x + index * 6)} ${y + BAR}l${BAR} -${BAR}`,
  );
  const frame = `M${round(x)} ${y}h${round(width)}v${BAR}h${round(-width)}z`;
  return `<path class="lb-wait" d="${frame}${lines.join("")}"/>`;
}

/** A frame in the colour of a call's end: nothing was sent. */
export function hollow(classes: string, x: number, y: number, width: number): string {
  return rectAt(`lb-hollow ${classes}`, x + 0.75, y + 0.75, Math.max(1.5, width - 1.5), BAR - 1.5);
}

function drawWait({ span, x }: PlacedBar, waitX: number, y: number): string {
  if (x - waitX < 1) return "";
  const title = `${span.server}.${span.tool}, waited for a person ${formatMs(waitedMs(span))}`;
  return titled(title, [hatch(waitX, y, x - waitX)]);
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
    const layer = free === -1 ? Math.min(freeFrom.length, MOST_LAYERS - 1) : free;
    freeFrom[layer] = end;
    return { attempt, from, end, layer };
  });
  const height = (BAR - (freeFrom.length - 1)) / freeFrom.length;
  return placed
    .map(({ attempt, from, end, layer }, index) => {
      const ending = attemptEndingOf(attempt);
      const block = rectAt(classOf(ending), from, y + layer * (height + 1), end - from, height, 1.5);
      const words = ending === "failed" ? (attempt.errorType ?? "") : ending;
      const facts = [`attempt ${index + 1}`, attempt.server, durationOf(attempt), words];
      return titled(facts.filter((fact) => fact !== "").join(", "), [block]);
    })
    .join("");
}
