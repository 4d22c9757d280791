import type { Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import type { Obtained } from "../core/result.js";
import { type Outcome, outcomeOf, outcomeOfError } from "./outcome.js";

/** One call of a run. */
export interface TimelineSpan {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Absent for a call that has not ended. */
  readonly endMs?: number;
  /** Absent for a success, an interrupt and a call that has not ended. */
  readonly errorType?: string;
  readonly interrupted?: boolean;
  readonly obtained?: Obtained;
}

export interface Timeline {
  /** Notes each call; give it as the first middleware. */
  readonly use: Middleware;
  /** The calls so far, in the order of their start. */
  spans(): readonly TimelineSpan[];
}

export interface TimelineOptions {
  /** Most calls that are kept, the latest ones. @default 1_000 */
  readonly maxCalls?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Notes the calls of a run, so that they can be drawn: names, times and how each ended; no arguments, no results.
 *
 * @example
 * ```ts
 * const timeline = recordTimeline();
 * const tools = await loadTools(servers, { use: [timeline.use, ...standard()] });
 * await writeFile("run.svg", drawTimeline(timeline.spans()));
 * ```
 */
export function recordTimeline(options: TimelineOptions = {}): Timeline {
  const { maxCalls = 1000, clock = systemClock } = options;
  // By number and not by id: nothing keeps a caller from making one call twice.
  const spans = new Map<number, TimelineSpan>();
  let calls = 0;

  return {
    spans: () => [...spans.values()],
    async use(call, next) {
      const number = calls++;
      const begun = { id: call.id, server: call.server, tool: call.tool, startMs: clock.now() };
      spans.set(number, begun);
      spans.delete(number - maxCalls);
      const end = (outcome: Outcome): void => {
        if (spans.has(number)) spans.set(number, { ...begun, endMs: clock.now(), ...outcome });
      };
      try {
        const result = await next(call);
        end(outcomeOf(result));
        return result;
      } catch (error) {
        end(outcomeOfError(error));
        throw error;
      }
    },
  };
}
