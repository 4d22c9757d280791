import type { TimelineSpan } from "./timeline.js";

/** How a call stands in a picture; the words are those of the legend. */
export type Ending = "ok" | "tool error" | "failed" | "interrupted" | "running";

export function endingOf({ endMs, errorType, interrupted }: TimelineSpan): Ending {
  if (interrupted) return "interrupted";
  if (endMs === undefined) return "running";
  if (errorType === undefined) return "ok";
  return errorType === "tool_error" ? "tool error" : "failed";
}

/** What makes a call other than plain, in few words each. */
export function notesOf(span: TimelineSpan): string[] {
  const { attempts = 1, cache, hedged, replayed, server, tool } = span.obtained ?? {};
  const ending = endingOf(span);
  const answering = [server ?? span.server, tool ?? span.tool].join(".");
  return [
    ...(ending === "failed" ? [span.errorType ?? ""] : []),
    ...(ending === "ok" || ending === "failed" ? [] : [ending]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(cache === "hit" ? ["from cache"] : []),
    ...(replayed ? ["kept result"] : []),
    ...(hedged ? ["hedged"] : []),
    ...(server !== undefined || tool !== undefined ? [`by ${answering}`] : []),
  ];
}

/** The time that a run took, and when it began, in milliseconds; calls that have not ended last to its end. */
export function extentOf(spans: readonly TimelineSpan[]): {
  readonly startMs: number;
  readonly totalMs: number;
} {
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    startMs = Math.min(startMs, span.startMs);
    endMs = Math.max(endMs, span.endMs ?? span.startMs);
  }
  // Nothing may be divided by a run of no length.
  return spans.length === 0 ? { startMs: 0, totalMs: 1 } : { startMs, totalMs: Math.max(1, endMs - startMs) };
}

export function durationOf({ startMs, endMs }: TimelineSpan): string {
  return endMs === undefined ? "" : formatMs(Math.max(0, endMs - startMs));
}

/** Three digits and a unit, as in `12 ms`, `1.25 s`, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 999.5) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toPrecision(3))} s`;
  const seconds = Math.round(ms / 1000);
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Columns that a text takes where each letter is one wide, and Chinese, Japanese, Korean and emoji are two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return columns;
}

/** A text of at most so many columns, in one line and without controls; what was cut shows as `…`. */
export function shorten(text: string, columns: number): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ");
  if (columnsOf(line) <= columns) return line;
  let kept = "";
  let used = 1;
  for (const character of line) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}
