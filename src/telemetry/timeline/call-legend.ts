import { hatch } from "../pictures/hatch.js";
import type { LegendEntry } from "../pictures/legend.js";
import { rectAt } from "../pictures/svg.js";
import type { TimelineAttempt, TimelineSpan } from "../timeline.js";
import { BAR, classOf, hollow } from "./call-bar.js";
import {
  type AttemptEnding,
  attemptEndingOf,
  type Ending,
  endingOf,
  isUnsent,
  type Mark,
  marksOf,
} from "./facts.js";
import { GLYPH, glyphAt } from "./glyphs.js";
import { waitsOf } from "./waits.js";

const ENDINGS: readonly Ending[] = ["ok", "tool error", "failed", "interrupted", "running"];
/** Why nothing was sent. */
const REASONS: readonly Mark[] = ["from cache", "kept result", "held back"];
const MARKS: readonly Mark[] = ["retried", "hedged", "fallback"];

/** What occurs in a picture of calls that shows so much time and ends at `lastMs`, and how often. */
export function callLegend(
  spans: readonly TimelineSpan[],
  { lastMs, shownMs }: Readonly<Record<"lastMs" | "shownMs", number>>,
): LegendEntry[] {
  const attempts = spans.flatMap(tellingAttempts);
  const count = (label: string, times: number, draw: LegendEntry["draw"]): LegendEntry[] =>
    times === 0 ? [] : [{ label: `${label} ${times}`, draw }];
  const swatch = (name: string) => (x: number, y: number) => rectAt(classOf(name), x + 2, y, GLYPH, BAR);
  const lined = (name: string) => (x: number, y: number) =>
    rectAt(classOf(name), x, y + 4.25, 14, 1.5, 0) + rectAt(classOf(name), x + 3, y, 8, BAR, 1.5);
  const attemptsThat = (ending: AttemptEnding) =>
    attempts.filter((each) => attemptEndingOf(each) === ending).length;
  const waiting = spans.filter((span) => waitsOf(span, lastMs, shownMs).length > 0).length;
  const unsent = spans.filter(isUnsent);
  const sent = spans.filter((span) => !isUnsent(span));
  const callsWith = (mark: Mark) => spans.filter((span) => marksOf(span).includes(mark)).length;
  return [
    ...ENDINGS.flatMap((ending) =>
      count(ending, sent.filter((span) => endingOf(span) === ending).length, swatch(ending)),
    ),
    ...(unsent.length === 0 ? [] : [{ label: `not sent${reasonsOf(unsent)}`, draw: frameOf(unsent) }]),
    ...count("attempt failed", attemptsThat("failed"), lined("failed")),
    ...count("attempt with tool error", attemptsThat("tool error"), lined("tool error")),
    ...count("attempt given up", attemptsThat("given up"), lined("given up")),
    ...count("waiting", waiting, (x, y) => rectAt(classOf("running"), x, y + 4.25, 14, 1.5, 0)),
    ...count("waited for a person", callsWith("waited for a person"), (x, y) => hatch(x, y, 14, BAR)),
    ...MARKS.flatMap((mark) => count(mark, callsWith(mark), (x, y) => glyphAt(mark, x + 2, y))),
  ];
}

/** ` 2` or, where a mark tells why of some, `: 3 held back, 1 other`. */
function reasonsOf(unsent: readonly TimelineSpan[]): string {
  const counts = REASONS.map((mark) => ({
    mark,
    times: unsent.filter((span) => marksOf(span).includes(mark)).length,
  })).filter(({ times }) => times > 0);
  if (counts.length === 0) return ` ${unsent.length}`;
  const others = unsent.length - counts.reduce((sum, { times }) => sum + times, 0);
  const words = counts.map(({ mark, times }) => `${times} ${mark}`);
  return `: ${[...words, ...(others > 0 ? [`${others} other`] : [])].join(", ")}`;
}

function frameOf(unsent: readonly TimelineSpan[]): LegendEntry["draw"] {
  const ending = unsent.some((span) => endingOf(span) === "ok") ? "ok" : "failed";
  return (x, y) => hollow(classOf(ending), x + 2, y, GLYPH);
}

/** The attempts of a call, except for a single one that ended as the call did and shows as nothing else. */
function tellingAttempts(span: TimelineSpan): readonly TimelineAttempt[] {
  const { attempts = [] } = span;
  const [only] = attempts;
  const isWhole = attempts.length === 1 && only !== undefined && attemptEndingOf(only) === endingOf(span);
  return isWhole ? [] : attempts;
}
