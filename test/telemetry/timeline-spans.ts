import fc from "fast-check";
import type { TimelineAttempt, TimelineSpan } from "../../src/telemetry/timeline.js";

export const START = Date.UTC(2026, 0, 1);

/** A call that began and ended so many milliseconds after the start. */
export const span = (fromMs: number, toMs: number, more: Partial<TimelineSpan> = {}): TimelineSpan => ({
  id: "x",
  server: "files",
  tool: "read",
  startMs: START + fromMs,
  endMs: START + toMs,
  ...more,
});

export const attempt = (
  fromMs: number,
  toMs: number,
  more: Partial<TimelineAttempt> = {},
): TimelineAttempt => ({
  server: "files",
  startMs: START + fromMs,
  endMs: START + toMs,
  ...more,
});

const name = fc.oneof(
  fc.constantFrom(
    "files",
    "web-search",
    "read_text_file",
    "日本語の道具",
    '<b>&"\u0000\ud800',
    "x".repeat(200),
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
);
const ms = fc.oneof(fc.nat(10), fc.nat(10_000), fc.nat(300_000_000));

/** Any call without attempts. */
const plainSpan: fc.Arbitrary<TimelineSpan> = fc
  .record({
    id: fc.constantFrom("a", "b", "c"),
    server: name,
    tool: name,
    fromMs: ms,
    lastsMs: fc.option(ms, { nil: undefined }),
    errorType: fc.constantFrom(undefined, "tool_error", "TIMEOUT", "CIRCUIT_OPEN"),
    interrupted: fc.constantFrom(undefined, true),
    attempts: fc.constantFrom(undefined, 2, 12),
    cache: fc.constantFrom(undefined, "hit" as const),
    hedged: fc.boolean(),
    answering: fc.option(name, { nil: undefined }),
  })
  .map(({ id, server, tool, fromMs, lastsMs, errorType, interrupted, answering, ...obtained }) => ({
    id,
    server,
    tool,
    startMs: START + fromMs,
    ...(lastsMs !== undefined && { endMs: START + fromMs + lastsMs }),
    ...(errorType !== undefined && { errorType }),
    ...(interrupted && { interrupted }),
    obtained: {
      ...(obtained.attempts !== undefined && { attempts: obtained.attempts }),
      ...(obtained.cache !== undefined && { cache: obtained.cache }),
      ...(obtained.hedged && { hedged: true }),
      ...(answering !== undefined && { server: answering }),
    },
  }));

/** Any call with attempts, and perhaps one that goes on with another. */
const richSpan: fc.Arbitrary<TimelineSpan> = fc
  .record({
    span: plainSpan,
    attempts: fc.array(fc.record({ fromMs: ms, lastsMs: ms, givenUp: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    }),
    waitedMs: fc.option(ms, { nil: undefined }),
    resumes: fc.constantFrom("a", "b", "c"),
  })
  .map(({ span: plain, attempts, waitedMs, resumes }) => ({
    ...plain,
    attempts: attempts.map(({ fromMs, lastsMs, givenUp }) => ({
      server: plain.server,
      startMs: plain.startMs + fromMs,
      endMs: plain.startMs + fromMs + lastsMs,
      ...(givenUp && { errorType: "CANCELLED", givenUp: true }),
    })),
    ...(waitedMs !== undefined && { resumes: { id: resumes, sinceMs: plain.startMs - waitedMs } }),
  }));

/** Runs as they are recorded, in the order of their start. */
const inOrder = (spans: readonly TimelineSpan[]): TimelineSpan[] =>
  [...spans].sort((a, b) => a.startMs - b.startMs);
export const plainRuns = fc.array(plainSpan, { maxLength: 12 }).map(inOrder);
export const runs = fc.array(fc.oneof(plainSpan, richSpan), { maxLength: 12 }).map(inOrder);
