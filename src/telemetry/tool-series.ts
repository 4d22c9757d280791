import { attribute, DURATION_BUCKETS, metric, TOOLS_CALL } from "./names.js";
import type { Outcome } from "./outcome.js";
import { type Family, type Sample, toLabels, toPrometheusName } from "./prometheus.js";

/** Everything that is counted about one tool. */
export interface ToolSeries {
  readonly server: string;
  readonly tool: string;
  /** By error type; undefined for calls that succeeded. */
  readonly durations: Map<string | undefined, Histogram>;
  readonly counts: Counts;
}

export interface Histogram {
  /** Calls per bucket, not yet added up; the last bucket has no bound. */
  readonly buckets: number[];
  sumMs: number;
}

type Counter = "retries" | "hits" | "misses" | "hedges" | "replays" | "fallbacks" | "interrupts";
type Counts = Record<Counter | "inFlight", number>;

export function createToolSeries(server: string, tool: string): ToolSeries {
  const counts = {
    inFlight: 0,
    retries: 0,
    hits: 0,
    misses: 0,
    hedges: 0,
    replays: 0,
    fallbacks: 0,
    interrupts: 0,
  };
  return { server, tool, durations: new Map([[undefined, createHistogram()]]), counts };
}

export function createHistogram(): Histogram {
  return { buckets: new Array<number>(DURATION_BUCKETS.length + 1).fill(0), sumMs: 0 };
}

export function observe(histogram: Histogram, durationMs: number): void {
  let bucket = 0;
  // A bound belongs to its bucket.
  while (bucket < DURATION_BUCKETS.length && durationMs > (DURATION_BUCKETS[bucket] ?? 0) * 1000) bucket++;
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.sumMs += durationMs;
}

export function countOutcome(counts: Counts, { interrupted, obtained }: Outcome): void {
  const { attempts = 1, cache, hedged, replayed, server, tool } = obtained;
  counts.retries += attempts - 1;
  if (cache === "hit") counts.hits++;
  if (cache === "miss") counts.misses++;
  if (hedged) counts.hedges++;
  if (replayed) counts.replays++;
  if (server !== undefined || tool !== undefined) counts.fallbacks++;
  if (interrupted) counts.interrupts++;
}

/** The series as Prometheus has them. Counters start at zero, so that their first increase can be seen. */
export function toFamilies(all: readonly ToolSeries[]): Family[] {
  const named = all.map((series) => ({ series, labels: toLabels(namesOf(series)) }));
  const read = (count: keyof Counts, more = ""): Sample[] =>
    named.map(({ series, labels }) => ({ labels: labels + more, value: series.counts[count] }));
  return [
    toFamily("duration", "histogram", all.flatMap(durationSamples)),
    toFamily("inFlight", "gauge", read("inFlight")),
    toFamily("retries", "counter", read("retries")),
    toFamily("cache", "counter", [...read("hits", ',result="hit"'), ...read("misses", ',result="miss"')]),
    toFamily("hedges", "counter", read("hedges")),
    toFamily("replays", "counter", read("replays")),
    toFamily("fallbacks", "counter", read("fallbacks")),
    toFamily("interrupts", "counter", read("interrupts")),
  ];
}

function toFamily(key: keyof typeof metric, type: Family["type"], samples: readonly Sample[]): Family {
  const { name, unit, description } = metric[key];
  return { name: toPrometheusName(name, unit, type), type, help: description, samples };
}

function namesOf({ server, tool }: ToolSeries): Record<string, string> {
  return { [attribute.server]: server, [attribute.tool]: tool };
}

function durationSamples(series: ToolSeries): Sample[] {
  const common = { [attribute.method]: TOOLS_CALL, ...namesOf(series) };
  return [...series.durations].flatMap(([errorType, { buckets, sumMs }]) => {
    const labels = toLabels(
      errorType === undefined ? common : { ...common, [attribute.errorType]: errorType },
    );
    let count = 0;
    const samples = buckets.map((calls, bucket): Sample => {
      count += calls;
      return {
        labels: `${labels},le="${DURATION_BUCKETS[bucket] ?? "+Inf"}"`,
        value: count,
        suffix: "_bucket",
      };
    });
    const sum: Sample = { labels, value: sumMs / 1000, suffix: "_sum" };
    return [...samples, sum, { labels, value: count, suffix: "_count" }];
  });
}
