import { type Attributes, createNoopMeter, type MeterProvider, metrics } from "@opentelemetry/api";
import { VERSION } from "../core/version.js";
import type { CallRecorder } from "./metrics.js";
import { attribute, DURATION_BUCKETS, EXECUTE_TOOL, metric, SCOPE, TOOLS_CALL } from "./names.js";
import type { Outcome } from "./outcome.js";
import { fromProvider } from "./provider.js";

/**
 * What records calls with OpenTelemetry's registered meter provider, also one that is registered later; undefined
 * while there is none, so that nobody prepares what nobody reads.
 */
export function lateInstruments(given?: MeterProvider): () => CallRecorder | undefined {
  return fromProvider(() => given ?? metrics.getMeterProvider(), createInstruments);
}

function createInstruments(provider: MeterProvider): CallRecorder | undefined {
  const meter = provider.getMeter(SCOPE, VERSION);
  if (meter === createNoopMeter()) return undefined;
  const counter = (one: (typeof metric)[keyof typeof metric]) => meter.createCounter(one.name, one);
  const duration = meter.createHistogram(metric.duration.name, {
    ...metric.duration,
    advice: { explicitBucketBoundaries: [...DURATION_BUCKETS] },
  });
  const inFlight = meter.createUpDownCounter(metric.inFlight.name, metric.inFlight);
  const retries = counter(metric.retries);
  const cache = counter(metric.cache);
  const hedges = counter(metric.hedges);
  const replays = counter(metric.replays);
  const fallbacks = counter(metric.fallbacks);
  const interrupts = counter(metric.interrupts);

  return {
    begin: (server, tool) => inFlight.add(1, namesOf(server, tool)),
    end(server, tool, outcome, durationMs) {
      const names = namesOf(server, tool);
      const { interrupted, obtained } = outcome;
      inFlight.add(-1, names);
      if (interrupted) interrupts.add(1, names);
      else duration.record(durationMs / 1000, durationAttributes(names, outcome));
      if (obtained.attempts !== undefined && obtained.attempts > 1) retries.add(obtained.attempts - 1, names);
      if (obtained.cache !== undefined) cache.add(1, { ...names, [attribute.cache]: obtained.cache });
      if (obtained.hedged) hedges.add(1, names);
      if (obtained.replayed) replays.add(1, names);
      if (obtained.server !== undefined || obtained.tool !== undefined) fallbacks.add(1, names);
    },
  };
}

function namesOf(server: string, tool: string): Attributes {
  return { [attribute.server]: server, [attribute.tool]: tool };
}

function durationAttributes(names: Attributes, { errorType, rpcCode }: Outcome): Attributes {
  return {
    [attribute.method]: TOOLS_CALL,
    [attribute.operation]: EXECUTE_TOOL,
    ...names,
    ...(errorType !== undefined && { [attribute.errorType]: errorType }),
    ...(rpcCode !== undefined && { [attribute.rpcCode]: rpcCode }),
  };
}
