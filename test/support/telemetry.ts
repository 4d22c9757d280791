import {
  baggageEntryMetadataFromString,
  type Context,
  context,
  metrics,
  propagation,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";

/** W3C Trace Context and Baggage, as the specifications have them and no further. */
export const w3c: TextMapPropagator<unknown> = {
  fields: () => ["traceparent", "tracestate", "baggage"],
  inject(from, carrier, setter) {
    const span = trace.getSpanContext(from);
    if (span !== undefined) {
      const flags = span.traceFlags.toString(16).padStart(2, "0");
      setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-${flags}`);
      const state = span.traceState?.serialize();
      if (state) setter.set(carrier, "tracestate", state);
    }
    const entries = propagation.getBaggage(from)?.getAllEntries() ?? [];
    const baggage = entries.map(([key, { value }]) => `${key}=${encodeURIComponent(value)}`).join(",");
    if (baggage) setter.set(carrier, "baggage", baggage);
  },
  extract: (into) => into,
};

export interface Tracing {
  readonly provider: BasicTracerProvider;
  /** Spans that have ended, in that order. */
  spans(): readonly ReadableSpan[];
}

/** A tracer provider with a context manager and a propagator, registered until the test is over. */
export function startTracing(
  options: {
    readonly sampler?: Sampler;
    readonly api?: Pick<typeof trace, "setGlobalTracerProvider" | "disable">;
  } = {},
): Tracing {
  const { api = trace, ...rest } = options;
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    ...rest,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  api.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(w3c);
  onTestFinished(async () => {
    api.disable();
    context.disable();
    propagation.disable();
    await provider.shutdown();
  });
  return { provider, spans: () => exporter.getFinishedSpans() };
}

export function withBaggage(from: Context, key: string, value: string): Context {
  const entry = { value, metadata: baggageEntryMetadataFromString("") };
  return propagation.setBaggage(from, propagation.createBaggage({ [key]: entry }));
}

export interface Point {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** A number, or a histogram. */
  readonly value: unknown;
}

/** A meter provider that is registered until the test is over. */
export function startMetering(): { points(): Promise<readonly Point[]> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  return {
    async points() {
      await provider.forceFlush();
      const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
      return scopes.flatMap(({ metrics: all }) =>
        all.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ name, unit, attributes, value })),
        ),
      );
    },
  };
}
