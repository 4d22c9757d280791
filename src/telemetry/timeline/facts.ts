import type { ErrorCode } from "../../core/errors.js";
import { formatMs } from "../pictures/format-ms.js";
import type { TimelineAttempt, TimelineSpan } from "../timeline.js";
import type { Interval } from "./time-scale.js";

/** How a call stands in a picture; the words are those of the legend. */
export type Ending = "ok" | "tool error" | "failed" | "interrupted" | "running";
/** How an attempt stands. */
export type AttemptEnding = "ok" | "tool error" | "failed" | "given up" | "running";
/** What makes a call other than plain; the words are those of the legend. */
export type Mark =
  | "from cache"
  | "kept result"
  | "held back"
  | "retried"
  | "hedged"
  | "fallback"
  | "waited for a person";

export function endingOf({ endMs, errorType, interrupted }: TimelineSpan): Ending {
  if (interrupted) return "interrupted";
  if (endMs === undefined) return "running";
  if (errorType === undefined) return "ok";
  return errorType === "tool_error" ? "tool error" : "failed";
}

export function attemptEndingOf({ endMs, errorType, givenUp }: TimelineAttempt): AttemptEnding {
  if (endMs === undefined) return "running";
  if (givenUp) return "given up";
  if (errorType === undefined) return "ok";
  return errorType === "tool_error" ? "tool error" : "failed";
}

/** Codes of calls that were stopped on their way out, unless attempts say otherwise. */
const UNSENT_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "DENIED",
  "REJECTED",
  "CIRCUIT_OPEN",
  "OVERLOADED",
  "RATE_LIMITED",
  "NOT_CONNECTED",
  "INVALID_ARGUMENTS",
]);

/** True for a call that ended without anything sent: its result was there, or it was refused on its way out. */
export function isUnsent(span: TimelineSpan): boolean {
  const { attempts = [], endMs, errorType, interrupted, isSent, obtained = {} } = span;
  if (attempts.length > 0 || endMs === undefined || interrupted) return false;
  if (isSent !== undefined) return !isSent;
  if (obtained.cache === "hit" || obtained.replayed) return true;
  return errorType !== undefined && obtained.attempts === undefined && UNSENT_CODES.has(errorType);
}

export function marksOf(span: TimelineSpan): Mark[] {
  const { attempts = 1, cache, fallback, hedged, replayed, server, tool } = span.obtained ?? {};
  const isAnsweredElsewhere = !hedged && (server !== undefined || tool !== undefined);
  return [
    ...(span.resumes ? (["waited for a person"] as const) : []),
    ...(isHeldBack(span) ? (["held back"] as const) : []),
    ...(attempts > 1 ? (["retried"] as const) : []),
    ...(cache === "hit" ? (["from cache"] as const) : []),
    ...(replayed ? (["kept result"] as const) : []),
    ...(hedged ? (["hedged"] as const) : []),
    ...(fallback || isAnsweredElsewhere ? (["fallback"] as const) : []),
  ];
}

/** How a call ended and what makes it other than plain, in few words each. */
export function notesOf(span: TimelineSpan): string[] {
  const { attempts, server, tool } = span.obtained ?? {};
  const ending = endingOf(span);
  const answering = `by ${server ?? span.server}.${tool ?? span.tool}`;
  const words: Readonly<Record<Mark, string>> = {
    "from cache": "from cache",
    "kept result": "kept result",
    "held back": "held back",
    retried: `${attempts} attempts`,
    hedged: "hedged",
    fallback: "fallback",
    "waited for a person": `waited for a person ${formatMs(waitedMs(span))}`,
  };
  return [
    ...(ending === "failed" ? [span.errorType ?? ""] : []),
    ...(ending === "ok" || ending === "failed" ? [] : [ending]),
    ...marksOf(span).map((mark) => words[mark]),
    ...(server !== undefined || tool !== undefined ? [answering] : []),
  ];
}

/** How many calls these are: one that waited for a person and went on is one, though it was made twice. */
export function countCalls(spans: readonly TimelineSpan[]): number {
  const stopped = new Set(spans.filter(({ interrupted }) => interrupted).map(({ id }) => id));
  return spans.filter(({ resumes }) => resumes === undefined || !stopped.has(resumes.id)).length;
}

/** How long nothing went on before a call that goes on with another, in milliseconds. */
export function waitedMs({ resumes, startMs }: TimelineSpan): number {
  return resumes === undefined ? 0 : startMs - resumes.sinceMs;
}

/** How long a call or an attempt took, or has taken so far; `""` where nobody knows. */
export function durationOf({
  startMs,
  seenMs,
  endMs = seenMs,
}: Pick<TimelineSpan, "startMs" | "seenMs" | "endMs">): string {
  return endMs === undefined ? "" : formatMs(endMs - startMs);
}

/**
 * The time that a run took, in milliseconds since the epoch; calls that have not ended last to its end, which is when
 * they were asked for.
 */
export function extentOf(spans: readonly TimelineSpan[]): Interval {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, seenMs = startMs, endMs = seenMs, resumes } of spans) {
    fromMs = Math.min(fromMs, startMs, resumes?.sinceMs ?? startMs);
    toMs = Math.max(toMs, startMs, endMs);
  }
  return spans.length === 0 ? { fromMs: 0, toMs: 0 } : { fromMs, toMs };
}

function isHeldBack(span: TimelineSpan): boolean {
  return span.errorType === "CIRCUIT_OPEN" && isUnsent(span);
}
