import type { Call, Handler, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import type { Obtained, Result } from "../core/result.js";
import { type Outcome, outcomeOf, outcomeOfError } from "./outcome.js";
import { checkTimelineOptions } from "./timeline/options.js";
import { createPauses } from "./timeline/pauses.js";

/** One try of a call: the first, a retry, or the second request of a hedge. */
export interface TimelineAttempt {
  /** From 1 in the order of their start, those counted that are no longer kept. @default its place in the list */
  readonly number?: number;
  /** The server that was asked: a hedge may ask a replica. */
  readonly server: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Absent for an attempt that has not ended. */
  readonly endMs?: number;
  /** Absent for a success, an interrupt and an attempt that has not ended. */
  readonly errorType?: string;
  /** True when it failed after it was no longer wanted: another request was faster, or the caller gave up. */
  readonly givenUp?: boolean;
}

/** One call of a run. */
export interface TimelineSpan {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  /** The model's own id of the tool call; a call that a graph makes again has the same. */
  readonly toolCallId?: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Absent for a call that has not ended. */
  readonly endMs?: number;
  /** When `spans()` was asked for a call that had not ended, in milliseconds since the epoch: it is drawn so far. */
  readonly seenMs?: number;
  /** Absent for a success, an interrupt and a call that has not ended. */
  readonly errorType?: string;
  readonly interrupted?: boolean;
  /**
   * Whether anything was sent for a call that ended. Absent while it is not known, as where `attempts` notes nothing
   * of this server: then it is told by `obtained` and `errorType`.
   */
  readonly isSent?: boolean;
  /** The id of the call that an interrupt stopped and that this one goes on with, and when that one stopped. */
  readonly resumes?: { readonly id: string; readonly sinceMs: number };
  /** Absent where there is nothing to say. */
  readonly obtained?: Obtained;
  /** In the order of their start; absent where `attempts` is not among the middleware, or nothing was sent. */
  readonly attempts?: readonly TimelineAttempt[];
}

export interface Timeline {
  /** Notes each call; give it as the first middleware. */
  readonly use: Middleware;
  /** Notes each attempt to its call; give it as the last middleware, or leave it out. */
  readonly attempts: Middleware;
  /** The calls so far, in the order of their start. */
  spans(): readonly TimelineSpan[];
}

export interface TimelineOptions {
  /** Most calls that are kept, the latest ones. @default 1_000 */
  readonly maxCalls?: number;
  /** Most attempts that are kept of one call, the latest ones. @default 100 */
  readonly maxAttempts?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

interface Noted {
  span: TimelineSpan;
  readonly attempts: Map<number, TimelineAttempt>;
  attempted: number;
  /** An error that only the server can have said: something was sent. */
  isAnswered: boolean;
}

/**
 * Notes the calls of a run, so that they can be drawn: names, times and how each ended; no arguments, no results.
 *
 * A call that a graph interrupt stopped and the one that goes on with it within 30 days belong together by thread, tool
 * and the model's id of the call, or without such an id by their arguments. With neither thread nor id none do.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used
 * @example
 * ```ts
 * const timeline = recordTimeline();
 * const tools = await loadTools(servers, { use: [timeline.use, ...standard(), timeline.attempts] });
 * await writeFile("run.svg", drawTimeline(timeline.spans()).svg);
 * ```
 */
export function recordTimeline(options: TimelineOptions = {}): Timeline {
  checkTimelineOptions(options);
  const { maxCalls = 1000, maxAttempts = 100, clock = systemClock } = options;
  // By number and not by id: nothing keeps a caller from making one call twice.
  const calls = new Map<number, Noted>();
  const running = new Map<string, Noted>();
  const pauses = createPauses(maxCalls);
  /** Servers whose calls come by `attempts`. */
  const watchedServers = new Set<string>();
  let begun = 0;

  async function noteCall(call: Call, next: Handler): Promise<Result> {
    const number = begun++;
    const { id, server, tool, toolCallId } = call;
    const startMs = clock.now();
    const pause = pauses.end(call, startMs);
    const resumes = pause && { ...pause, sinceMs: Math.min(startMs, pause.sinceMs) };
    const span = {
      id,
      server,
      tool,
      ...(toolCallId !== undefined && { toolCallId }),
      startMs,
      ...(resumes && { resumes }),
    };
    const noted: Noted = { span, attempts: new Map(), attempted: 0, isAnswered: false };
    calls.set(number, noted);
    calls.delete(number - maxCalls);
    running.set(id, noted);
    const end = ({ errorType, interrupted, obtained, rpcCode }: Outcome): void => {
      // The machine's clock can be set back while a call runs.
      const endMs = Math.max(startMs, clock.now());
      noted.span = {
        ...span,
        endMs,
        ...(errorType !== undefined && { errorType }),
        ...(interrupted && { interrupted }),
        ...(Object.keys(obtained).length > 0 && { obtained }),
      };
      noted.isAnswered = rpcCode !== undefined;
      if (running.get(id) === noted) running.delete(id);
      if (interrupted) pauses.begin(call, endMs);
    };
    return watched(call, next, end);
  }

  async function noteAttempt(call: Call, next: Handler): Promise<Result> {
    const noted = running.get(call.id);
    if (noted === undefined) return next(call);
    watchedServers.add(noted.span.server);
    const number = ++noted.attempted;
    const startMs = clock.now();
    const attempt = { number, server: call.server, startMs };
    noted.attempts.set(number, attempt);
    noted.attempts.delete(number - maxAttempts);
    return watched(call, next, ({ errorType }) => {
      if (!noted.attempts.has(number)) return;
      const failed = errorType !== undefined && { errorType };
      const givenUp = failed && call.signal?.aborted === true && { givenUp: true };
      noted.attempts.set(number, {
        ...attempt,
        endMs: Math.max(startMs, clock.now()),
        ...failed,
        ...givenUp,
      });
    });
  }

  function toSpan({ span, attempts, attempted, isAnswered }: Noted, nowMs: number): TimelineSpan {
    if (span.endMs === undefined)
      return { ...span, seenMs: Math.max(span.startMs, nowMs), ...attemptsOf(attempts) };
    const isKnown = attempted > 0 || isAnswered || watchedServers.has(span.server);
    if (!isKnown || span.interrupted) return { ...span, ...attemptsOf(attempts) };
    return { ...span, isSent: attempted > 0 || isAnswered, ...attemptsOf(attempts) };
  }

  return {
    use: noteCall,
    attempts: noteAttempt,
    spans() {
      const nowMs = clock.now();
      return Array.from(calls.values(), (noted) => toSpan(noted, nowMs));
    },
  };
}

function attemptsOf(attempts: Noted["attempts"]): Pick<TimelineSpan, "attempts"> {
  return attempts.size === 0 ? {} : { attempts: [...attempts.values()] };
}

/** Runs a call, and tells how it ended. */
async function watched(call: Call, next: Handler, end: (outcome: Outcome) => void): Promise<Result> {
  let result: Result;
  try {
    result = await next(call);
  } catch (error) {
    end(outcomeOfError(error));
    throw error;
  }
  end(outcomeOf(result));
  return result;
}
