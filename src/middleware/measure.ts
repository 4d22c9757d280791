import type { MeterProvider } from "@opentelemetry/api";
import type { Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { checkOptions } from "../core/settings.js";
import { lateInstruments } from "../telemetry/instruments.js";
import { type Metrics, sharedMetrics } from "../telemetry/metrics.js";
import { type Outcome, outcomeOf, outcomeOfError } from "../telemetry/outcome.js";

export interface MeasureOptions {
  /** Where to count for Prometheus. @default sharedMetrics() */
  readonly metrics?: Metrics;
  /** @default the one registered with OpenTelemetry, also when that happens later */
  readonly meterProvider?: MeterProvider;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Counts calls and how long they took, by server, tool and type of error, with attempts, cache hits, hedges and
 * replays: in memory for Prometheus, and with OpenTelemetry where a meter provider is registered. Belongs outside
 * of what retries, caches or refuses, so that it sees each call once, whatever became of it.
 */
export function measure(options: MeasureOptions = {}): Middleware {
  checkOptions("measure", options);
  const { metrics = sharedMetrics(), meterProvider, clock = systemClock } = options;
  const instruments = lateInstruments(meterProvider);

  return async function measured(call, next) {
    const { server, tool } = call;
    // The same ones at the end: a provider may be registered meanwhile.
    const openTelemetry = instruments();
    metrics.begin(server, tool);
    openTelemetry?.begin(server, tool);
    const startedAt = clock.now();
    const end = (outcome: Outcome): void => {
      // A clock that was set back must not take from a sum.
      const durationMs = Math.max(0, clock.now() - startedAt);
      metrics.end(server, tool, outcome, durationMs);
      openTelemetry?.end(server, tool, outcome, durationMs);
    };
    try {
      const result = await next(call);
      end(outcomeOf(result));
      return result;
    } catch (error) {
      end(outcomeOfError(error));
      throw error;
    }
  };
}
