import { shorten } from "../pictures/columns.js";
import { widthOf } from "../pictures/svg.js";
import type { TimelineSpan } from "../timeline.js";
import { durationOf, isUnsent, type Mark, marksOf, notesOf } from "./facts.js";
import { GLYPH } from "./glyphs.js";

const LONGEST_LABEL = 72;
/** Between what stands beside each other, in pixels. */
const GAP = 12;
const NARROWEST_BAR = 3;
/** So that a frame is seen to be hollow. */
const NARROWEST_FRAME = 8;

/** A call's bar, from left to right in pixels. */
export interface PlacedBar {
  readonly span: TimelineSpan;
  readonly x: number;
  readonly width: number;
  /** Where the wait before it begins, if a person was waited for. */
  readonly waitX?: number;
}

/** A call in its row; with it those that interrupts stopped and that it goes on with. */
export interface PlacedCall {
  readonly bars: readonly PlacedBar[];
  readonly marks: readonly Mark[];
  readonly label: string;
  readonly labelX: number;
  /** From 0. */
  readonly row: number;
}

/** The pixels between which calls lie, and where a time lies among them. */
export interface Ground {
  readonly left: number;
  readonly right: number;
  readonly xOf: (ms: number) => number;
  /** Where calls that have not ended are drawn to. */
  readonly lastMs: number;
}

/** Gives each call the first row where neither its bars nor its label meet another's. */
export function placeCalls(spans: readonly TimelineSpan[], ground: Ground): PlacedCall[] {
  const rows: { from: number; to: number }[][] = [];
  return chainsOf(spans).map((chain) => {
    const bars = chain.map((span) => placeBar(span, ground));
    const last = chain.at(-1) as TimelineSpan;
    const marks = marksOf(last);
    const facts = [last.tool, durationOf(last), ...notesOf(last)].filter((fact) => fact !== "");
    const label = shorten(facts.join(" · "), LONGEST_LABEL);
    const width = labelWidth(marks, label);
    const barsX = Math.min(...bars.map(({ x, waitX }) => waitX ?? x));
    // A label at the right edge moves left, so that all of it is to be seen.
    const labelX = Math.max(ground.left, Math.min(barsX, ground.right - width));
    const from = Math.min(barsX, labelX);
    const to = Math.max(...bars.map((bar) => bar.x + bar.width), labelX + width) + GAP;
    let row = rows.findIndex((taken) => taken.every((other) => to <= other.from || other.to <= from));
    if (row === -1) row = rows.push([]) - 1;
    rows[row]?.push({ from, to });
    return { bars, marks, label, labelX, row };
  });
}

/** Where a label's text begins: its marks stand before it. */
export function textStart(marks: readonly Mark[]): number {
  return marks.length * (GLYPH + 4);
}

function labelWidth(marks: readonly Mark[], label: string): number {
  return textStart(marks) + widthOf(label);
}

function placeBar(span: TimelineSpan, { xOf, lastMs }: Ground): PlacedBar {
  const x = xOf(span.startMs);
  const narrowest = isUnsent(span) ? NARROWEST_FRAME : NARROWEST_BAR;
  const width = Math.max(narrowest, xOf(span.endMs ?? lastMs) - x);
  return { span, x, width, ...(span.resumes && { waitX: Math.min(x, xOf(span.resumes.sinceMs)) }) };
}

/** Calls in the order of their start, those that an interrupt stopped before the one that goes on with them. */
function chainsOf(spans: readonly TimelineSpan[]): TimelineSpan[][] {
  const chains: TimelineSpan[][] = [];
  const stopped = new Map<string, TimelineSpan[]>();
  for (const span of spans) {
    const before = span.resumes && stopped.get(span.resumes.id);
    if (before === undefined) chains.push([span]);
    else before.push(span);
    const chain = before ?? chains.at(-1) ?? [];
    if (span.resumes) stopped.delete(span.resumes.id);
    if (span.interrupted) stopped.set(span.id, chain);
  }
  return chains;
}
