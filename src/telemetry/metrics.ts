import { OTHER_ERROR } from "./names.js";
import type { Outcome } from "./outcome.js";
import { prometheusText } from "./prometheus.js";
import {
  countOutcome,
  createHistogram,
  createToolSeries,
  type Histogram,
  observe,
  type ToolSeries,
  toFamilies,
} from "./tool-series.js";

/** Hears of each call when it begins and when it ends, under the same names. Must not throw. */
export interface CallRecorder {
  begin(server: string, tool: string): void;
  end(server: string, tool: string, outcome: Outcome, durationMs: number): void;
}

/** Counts in memory, for a page that Prometheus reads. */
export interface Metrics extends CallRecorder {
  /** All of it as text; serve it as `text/plain; version=0.0.4; charset=utf-8`. */
  prometheus(): string;
}

export interface MetricsOptions {
  /**
   * Most combinations of server, tool and error type; what comes later counts for the server and tool `_other`.
   * @default 1_000
   */
  readonly maxLabelSets?: number;
}

const OVERFLOW = "_other";
/** Error types that the overflow tells apart. */
const MOST_OVERFLOW_ERRORS = 50;

/**
 * A registry of its own, for `measure({ metrics })`. Its memory is bounded.
 *
 * @example
 * ```ts
 * const metrics = createMetrics();
 * const tools = await loadTools(servers, { use: [measure({ metrics })] });
 * console.log(metrics.prometheus());
 * ```
 */
export function createMetrics({ maxLabelSets = 1000 }: MetricsOptions = {}): Metrics {
  // Nested, as to join the names would cost more than both look-ups.
  const servers = new Map<string, Map<string, ToolSeries>>();
  let labelSets = 0;

  function seriesOf(server: string, tool: string): ToolSeries {
    const known = servers.get(server)?.get(tool);
    if (known !== undefined) return known;
    const isOverflow = server === OVERFLOW && tool === OVERFLOW;
    if (!isOverflow && labelSets >= maxLabelSets) return seriesOf(OVERFLOW, OVERFLOW);
    labelSets++;
    const series = createToolSeries(server, tool);
    const tools = servers.get(server) ?? new Map<string, ToolSeries>();
    servers.set(server, tools.set(tool, series));
    return series;
  }

  function durationsOf(series: ToolSeries, errorType: string | undefined): Histogram {
    const { durations, server, tool } = series;
    const known = durations.get(errorType);
    if (known !== undefined) return known;
    if (server === OVERFLOW && tool === OVERFLOW) {
      if (durations.size >= MOST_OVERFLOW_ERRORS && errorType !== OTHER_ERROR)
        return durationsOf(series, OTHER_ERROR);
    } else if (labelSets >= maxLabelSets) {
      return durationsOf(seriesOf(OVERFLOW, OVERFLOW), errorType);
    }
    labelSets++;
    const made = createHistogram();
    durations.set(errorType, made);
    return made;
  }

  return {
    begin(server, tool) {
      seriesOf(server, tool).counts.inFlight++;
    },
    end(server, tool, outcome, durationMs) {
      const series = seriesOf(server, tool);
      series.counts.inFlight--;
      countOutcome(series.counts, outcome);
      // A call that stopped to go on later has no duration yet.
      if (!outcome.interrupted) observe(durationsOf(series, outcome.errorType), durationMs);
    },
    prometheus() {
      return prometheusText(toFamilies([...servers.values()].flatMap((tools) => [...tools.values()])));
    },
  };
}

const shared = createMetrics();

/** The registry of every `measure()` in this process that was given none. */
export function sharedMetrics(): Metrics {
  return shared;
}
