import { BatonError } from "../../core/errors.js";
import type { TimelineAttempt, TimelineSpan } from "../timeline.js";

/** The farthest that a date of JavaScript lies from the epoch. */
const FARTHEST_MS = 8.64e15;

/**
 * Spans as they can be drawn. Nothing ends before it begins: the clock of a machine can be set back while a call runs.
 *
 * @param what whose argument they are: "drawTimeline()"
 * @throws {BatonError} `INVALID_ARGUMENTS` that says which span cannot be drawn, and why
 */
export function readSpans(what: string, spans: readonly TimelineSpan[]): readonly TimelineSpan[] {
  if (!Array.isArray(spans)) throw invalid(what, "spans must be a list: pass what timeline.spans() gave");
  return spans.map((span: TimelineSpan, index) => {
    const place = `span ${index + 1}`;
    if (typeof span !== "object" || span === null)
      throw invalid(what, `${place} must be an object with id, server, tool and startMs`);
    const { id, server, tool, startMs, endMs, seenMs, resumes, attempts } = span;
    const named = `${place} (${String(id)})`;
    for (const [key, value] of Object.entries({ server, tool }))
      if (typeof value !== "string") throw invalid(what, `${named}: ${key} is ${value}; it must be a text`);
    checkTime(what, named, "startMs", startMs);
    if (attempts !== undefined && !Array.isArray(attempts))
      throw invalid(what, `${named}: attempts must be a list`);
    return {
      ...span,
      ...(endMs !== undefined && { endMs: later(startMs, checkTime(what, named, "endMs", endMs)) }),
      ...(seenMs !== undefined && { seenMs: later(startMs, checkTime(what, named, "seenMs", seenMs)) }),
      ...(resumes !== undefined && {
        resumes: {
          id: resumes.id,
          sinceMs: Math.min(startMs, checkTime(what, named, "resumes.sinceMs", resumes.sinceMs)),
        },
      }),
      ...(attempts !== undefined && {
        attempts: attempts.map((attempt: TimelineAttempt, at) => {
          const path = `attempts[${at}]`;
          const fromMs = later(startMs, checkTime(what, named, `${path}.startMs`, attempt?.startMs));
          if (attempt.endMs === undefined) return { ...attempt, startMs: fromMs };
          const toMs = later(fromMs, checkTime(what, named, `${path}.endMs`, attempt.endMs));
          return { ...attempt, startMs: fromMs, endMs: toMs };
        }),
      }),
    };
  });
}

function later(a: number, b: number): number {
  return Math.max(a, b);
}

function checkTime(what: string, named: string, path: string, value: unknown): number {
  if (typeof value === "number" && Math.abs(value) <= FARTHEST_MS) return value;
  throw invalid(what, `${named}: ${path} is ${String(value)}; it must be milliseconds since the epoch`);
}

function invalid(what: string, problem: string): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `${what}: ${problem}`);
}
