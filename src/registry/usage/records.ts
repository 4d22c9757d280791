import { z } from "zod";

const count = z.number().int().nonnegative();

/** What is kept of one tool. A store's content is data from outside: what has another form is left unread. */
export const toolRecord = z.object({
  ok: count,
  failed: count,
  totalMs: z.number().nonnegative(),
  /** Calls by the logarithm of their duration. */
  durations: z.record(z.string(), count),
  /** How often each tool came next on the same thread. */
  next: z.record(z.string(), count),
  at: z.number(),
});
export type ToolRecord = z.infer<typeof toolRecord>;

/** What served one task, by `server.tool`. */
export const taskRecord = z.object({
  /** The stems of its words: enough to compare by, and not what was said. */
  words: z.array(z.string()),
  succeeded: z.array(z.string()),
  failed: z.array(z.string()),
  at: z.number(),
});
export type TaskRecord = z.infer<typeof taskRecord>;

export interface ToolStatistics {
  readonly calls: number;
  /** Share of the calls that succeeded, 0 to 1. */
  readonly successRate: number;
  readonly meanMs: number;
  /** Estimates, at most a fifth off. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** How often each tool came next on the same thread, by `server.tool`. */
  readonly next: Readonly<Record<string, number>>;
}

/** Durations of one bucket differ by half at most: 1 to 1.41 ms, to 2 ms, and so on. */
const BUCKETS_PER_DOUBLING = 2;

export function emptyToolRecord(): ToolRecord {
  return { ok: 0, failed: 0, totalMs: 0, durations: {}, next: {}, at: 0 };
}

/** Of one tool: the rarest goes first. */
const MOST_NEXT = 50;

/** Figures of two times, or of two processes, as one. */
export function sumTools(a: ToolRecord, b: ToolRecord): ToolRecord {
  return {
    ok: a.ok + b.ok,
    failed: a.failed + b.failed,
    totalMs: a.totalMs + b.totalMs,
    durations: sumCounts(a.durations, b.durations),
    next: withoutRarest(sumCounts(a.next, b.next)),
    at: Math.max(a.at, b.at),
  };
}

export function sumTasks(a: TaskRecord, b: TaskRecord): TaskRecord {
  const both = (left: readonly string[], right: readonly string[]) => [...new Set([...left, ...right])];
  return {
    words: [...a.words],
    succeeded: both(a.succeeded, b.succeeded),
    failed: both(a.failed, b.failed),
    at: Math.max(a.at, b.at),
  };
}

type Counts = Readonly<Record<string, number>>;

function sumCounts(a: Counts, b: Counts): Record<string, number> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

function withoutRarest(next: Record<string, number>): Record<string, number> {
  const names = Object.keys(next);
  if (names.length <= MOST_NEXT) return next;
  // The newest may become frequent yet.
  const newest = names.at(-1);
  const kept = names
    .filter((name) => name !== newest)
    .sort((left, right) => (next[right] as number) - (next[left] as number))
    .slice(0, MOST_NEXT - 1);
  return Object.fromEntries([...kept, newest as string].map((name) => [name, next[name] as number]));
}

export function bucketOf(durationMs: number): string {
  return String(Math.floor(BUCKETS_PER_DOUBLING * Math.log2(Math.max(1, durationMs))));
}

export function toStatistics({ ok, failed, totalMs, durations, next }: ToolRecord): ToolStatistics {
  const calls = ok + failed;
  return {
    calls,
    successRate: calls === 0 ? 0 : ok / calls,
    meanMs: calls === 0 ? 0 : totalMs / calls,
    p50Ms: quantileOf(durations, 0.5),
    p95Ms: quantileOf(durations, 0.95),
    next,
  };
}

/** The middle of the bucket in which the quantile lies. */
function quantileOf(durations: ToolRecord["durations"], share: number): number {
  const buckets = Object.entries(durations)
    .map(([bucket, calls]) => ({ bucket: Number(bucket), calls }))
    .sort((a, b) => a.bucket - b.bucket);
  const all = buckets.reduce((sum, { calls }) => sum + calls, 0);
  let before = 0;
  for (const { bucket, calls } of buckets) {
    before += calls;
    if (before >= share * all) return 2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING);
  }
  return 0;
}
