import type { TimelineSpan } from "./timeline.js";
import { columnsOf, durationOf, extentOf, formatMs, notesOf, shorten } from "./timeline-facts.js";

const BAR = 40;
const LONGEST_NAME = 40;

/**
 * The calls of a run as text, for a terminal: one line each with its place in time, duration, and what was special.
 */
export function timelineText(spans: readonly TimelineSpan[]): string {
  if (spans.length === 0) return "no calls";
  const { startMs, totalMs } = extentOf(spans);
  const names = spans.map(({ server, tool }) => shorten(`${server}.${tool}`, LONGEST_NAME));
  const widest = Math.max(...names.map(columnsOf));
  const lines = spans.map((span, index) => {
    const name = names[index] ?? "";
    const from = Math.min(BAR - 1, Math.floor(((span.startMs - startMs) / totalMs) * BAR));
    const to = Math.ceil((((span.endMs ?? startMs + totalMs) - startMs) / totalMs) * BAR);
    const bar = " ".repeat(from) + (span.endMs === undefined ? "." : "=").repeat(Math.max(1, to - from));
    const facts = [durationOf(span), ...notesOf(span).map((note) => shorten(note, LONGEST_NAME))];
    const padding = " ".repeat(widest - columnsOf(name));
    return `${name}${padding} |${bar.padEnd(BAR)}| ${facts.filter((fact) => fact !== "").join(", ")}`;
  });
  return [...lines, `${" ".repeat(widest)} 0${formatMs(totalMs).padStart(BAR + 1)}`].join("\n");
}
