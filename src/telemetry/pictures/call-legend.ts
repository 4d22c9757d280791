import type { TimelineSpan } from "../timeline.js";
import { attemptEndingOf, type Ending, endingOf, isUnsent, type Mark, marksOf } from "../timeline-facts.js";
import { BAR, classOf, hatch, hollow } from "./call-bar.js";
import { GLYPH, glyphAt } from "./glyphs.js";
import type { LegendEntry } from "./legend.js";
import { rectAt } from "./svg.js";

const ENDINGS: readonly Ending[] = ["ok", "tool error", "failed", "interrupted", "running"];
const MARKS: readonly Mark[] = ["from cache", "kept result", "held back", "retried", "hedged", "fallback"];

/** What occurs in a picture of calls, and how often. */
export function callLegend(spans: readonly TimelineSpan[]): LegendEntry[] {
  const attempts = spans.flatMap((span) => span.attempts ?? []);
  const count = (label: string, times: number, draw: LegendEntry["draw"]): LegendEntry[] =>
    times === 0 ? [] : [{ label: `${label} ${times}`, draw }];
  const swatch = (name: string) => (x: number, y: number) => rectAt(classOf(name), x + 2, y, GLYPH, BAR);
  const lined = (name: string) => (x: number, y: number) =>
    rectAt(classOf(name), x, y + 4.25, 14, 1.5, 0) + rectAt(classOf(name), x + 3, y, 8, BAR, 1.5);
  const attemptsThat = (ending: string) => attempts.filter((each) => attemptEndingOf(each) === ending).length;
  const callsWith = (mark: Mark) => spans.filter((span) => marksOf(span).includes(mark)).length;
  return [
    ...ENDINGS.flatMap((ending) =>
      count(ending, spans.filter((span) => endingOf(span) === ending).length, swatch(ending)),
    ),
    ...count("nothing sent", spans.filter(isUnsent).length, (x, y) => hollow("lb-ok", x + 2, y, GLYPH)),
    ...count("attempt failed", attemptsThat("failed") + attemptsThat("tool error"), lined("failed")),
    ...count("attempt given up", attemptsThat("given up"), lined("given up")),
    ...count("waited for a person", callsWith("waited for a person"), (x, y) => hatch(x, y, 14)),
    ...MARKS.flatMap((mark) => count(mark, callsWith(mark), (x, y) => glyphAt(mark, x + 2, y))),
  ];
}
