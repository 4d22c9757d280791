import type { TimelineSpan } from "../timeline.js";
import { type AttemptEnding, attemptEndingOf, type Ending, endingOf } from "./facts.js";
import type { TimeScale } from "./time-scale.js";
import { waitsOf } from "./waits.js";

/** The character of a part of a call. */
export type Sign = "=" | "!" | "x" | "." | "-" | ":" | "/";

const SIGNS: Readonly<Record<Ending | AttemptEnding, Sign>> = {
  ok: "=",
  interrupted: "=",
  "tool error": "!",
  failed: "x",
  running: ".",
  "given up": ".",
};

/** A part of a call in milliseconds since the epoch. */
interface Part {
  readonly sign: Sign;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A call as a line of so many characters, and the signs that it has, also those that found no place in it. */
export function barOf(
  span: TimelineSpan,
  { xOf, stretches, shownMs }: TimeScale,
  { columns, lastMs }: { readonly columns: number; readonly lastMs: number },
): { readonly bar: string; readonly signs: readonly Sign[] } {
  const cells = Array<string>(columns).fill(" ");
  const cellOf = (ms: number): number => Math.min(columns - 1, Math.floor(xOf(ms)));
  const draw = ({ sign, toMs }: Part, from: number): void => {
    cells.fill(sign, from, Math.max(from + 1, Math.ceil(xOf(toMs))));
  };
  const { startMs, endMs = lastMs, resumes } = span;
  const below: Part[] = stretches
    .filter(({ isFolded }) => isFolded)
    .map(({ fromMs, toMs }) => ({ sign: "/", fromMs, toMs }));
  if (resumes) below.push({ sign: ":", fromMs: resumes.sinceMs, toMs: startMs });
  // The call as a whole, for what comes after the last of its attempts.
  below.push({ sign: SIGNS[endingOf(span)], fromMs: startMs, toMs: endMs });
  for (const part of below) draw(part, cellOf(part.fromMs));

  const parts = partsOf(span, lastMs, shownMs);
  const lastCell = Math.max(cellOf(startMs), Math.ceil(xOf(endMs)) - 1);
  let free = 0;
  for (const part of parts) {
    // However short, each has a cell of its own as long as the call has one left.
    const from = Math.min(lastCell, Math.max(free, cellOf(part.fromMs)));
    draw(part, from);
    free = from + 1;
  }
  return { bar: cells.join(""), signs: [...below, ...parts].map(({ sign }) => sign) };
}

/** Attempts and waits in the order of their start; a pause that is no wait belongs to the attempt that it leads to. */
function partsOf(span: TimelineSpan, lastMs: number, shownMs: number): Part[] {
  const { startMs, endMs = lastMs, attempts = [] } = span;
  const waits = waitsOf(span, lastMs, shownMs);
  const parts: Part[] = waits.map((wait) => ({ sign: "-", ...wait }));
  let untilMs = startMs;
  for (const attempt of attempts) {
    const isWaitedFor = waits.some(({ toMs }) => toMs === attempt.startMs);
    const fromMs = isWaitedFor ? attempt.startMs : Math.min(attempt.startMs, untilMs);
    const toMs = Math.min(endMs, attempt.endMs ?? endMs);
    parts.push({ sign: SIGNS[attemptEndingOf(attempt)], fromMs, toMs });
    untilMs = Math.max(untilMs, toMs);
  }
  return parts.sort((a, b) => a.fromMs - b.fromMs);
}
