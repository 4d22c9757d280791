import { endingOf, isUnsent } from "../timeline/facts.js";
import type { TimelineSpan } from "../timeline.js";

/** What became of a call, as its bar says; of one that was not sent, failed or not, the time tells nothing. */
export type LatencyKind = "ok" | "failed" | "unsent";

/** The calls of one tool that ended. */
export interface LatencyGroup {
  /** `server.tool`, or what the group sums up. */
  readonly name: string;
  readonly calls: readonly { readonly ms: number; readonly kind: LatencyKind }[];
  /** Durations of the calls that went to the server, failed ones too, in milliseconds, the shortest first. */
  readonly sentMs: readonly number[];
}

const MOST_TOOLS = 12;

/** The tools with the most calls, at most twelve, and all others as one; a call without an end counts in none. */
export function latencyGroups(spans: readonly TimelineSpan[]): LatencyGroup[] {
  const byTool = new Map<string, TimelineSpan[]>();
  for (const span of spans) {
    const ending = endingOf(span);
    if (ending === "running" || ending === "interrupted") continue;
    const name = `${span.server}.${span.tool}`;
    const same = byTool.get(name);
    if (same) same.push(span);
    else byTool.set(name, [span]);
  }
  const tools = [...byTool].sort(([, a], [, b]) => b.length - a.length);
  const others = tools.slice(MOST_TOOLS);
  return [
    ...tools.slice(0, MOST_TOOLS).map(([name, calls]) => toGroup(name, calls)),
    ...(others.length === 0
      ? []
      : [
          toGroup(
            `others (${others.length})`,
            others.flatMap(([, calls]) => calls),
          ),
        ]),
  ];
}

/**
 * The duration that at least this share of the calls did not exceed, by the nearest rank: always one that was measured.
 * Undefined when there is none.
 */
export function percentileOf(shortestFirst: readonly number[], share: number): number | undefined {
  return shortestFirst[Math.max(0, Math.ceil(share * shortestFirst.length) - 1)];
}

/** How many of a group's calls are of one kind. */
export function countOf({ calls }: LatencyGroup, kind: LatencyKind): number {
  return calls.filter((call) => call.kind === kind).length;
}

function toGroup(name: string, spans: readonly TimelineSpan[]): LatencyGroup {
  const calls = spans.map((span) => ({ ms: msOf(span), kind: kindOf(span) }));
  const sent = calls.filter(({ kind }) => kind !== "unsent");
  return { name, calls, sentMs: sent.map(({ ms }) => ms).sort((a, b) => a - b) };
}

function msOf({ startMs, endMs = startMs }: TimelineSpan): number {
  return endMs - startMs;
}

function kindOf(span: TimelineSpan): LatencyKind {
  if (isUnsent(span)) return "unsent";
  return endingOf(span) === "ok" ? "ok" : "failed";
}
