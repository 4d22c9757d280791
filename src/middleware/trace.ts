import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TracerProvider,
  trace as tracing,
} from "@opentelemetry/api";
import type { Call, Handler, Middleware } from "../core/call.js";
import type { Result } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { VERSION } from "../core/version.js";
import { boundedJson, cut } from "../telemetry/bounded-json.js";
import { attribute, EXECUTE_TOOL, SCOPE, TOOLS_CALL } from "../telemetry/names.js";
import { type Outcome, outcomeOf, outcomeOfError } from "../telemetry/outcome.js";
import { fromProvider } from "../telemetry/provider.js";

export interface TraceOptions {
  /**
   * Records arguments, results and error messages too, each cut at 8,192 characters. They may hold secrets and
   * personal data; whoever reads the traces reads them. @default false
   */
  readonly content?: boolean;
  /** @default the one registered with OpenTelemetry, also when that happens later */
  readonly tracerProvider?: TracerProvider;
}

/**
 * One OpenTelemetry span per call, `tools/call NAME`, over all its attempts. It is active while the call runs, so that
 * spans of HTTP requests nest in it, and its context reaches the server as `traceparent`, `tracestate` and
 * `baggage` in the request's `_meta` (SEP-414), unless the call brings a `traceparent` of its own. The status is an
 * error when the call failed or the tool said so; an interrupt is none. Does nothing while no provider is
 * registered. Belongs outermost.
 */
export function trace(options: TraceOptions = {}): Middleware {
  checkOptions("trace", options);
  const { content = false, tracerProvider } = options;
  const tracer = fromProvider(
    () => tracerProvider ?? tracing.getTracerProvider(),
    (provider) => provider.getTracer(SCOPE, VERSION),
  );

  return function traced(call, next) {
    const parent = context.active();
    const span = tracer().startSpan(`${TOOLS_CALL} ${call.tool}`, startOptions(call), parent);
    // Without a provider, or where tracing is suppressed: no span, and no parent's to hand on.
    if (!span.isRecording() && !isSpanContextValid(span.spanContext())) return next(call);
    return runIn(span, parent, call, next, content && span.isRecording());
  };
}

async function runIn(
  span: Span,
  parent: Context,
  call: Call,
  next: Handler,
  content: boolean,
): Promise<Result> {
  const active = tracing.setSpan(parent, span);
  if (content) span.setAttribute(attribute.args, boundedJson(call.args));
  try {
    const result = await context.with(active, next, undefined, withTraceContext(call, active));
    describe(span, outcomeOf(result));
    if (content) span.setAttribute(attribute.result, boundedJson(resultContent(result)));
    return result;
  } catch (error) {
    // A message may quote arguments, so it counts as content.
    describe(span, outcomeOfError(error), content && error instanceof Error ? cut(error.message) : undefined);
    throw error;
  } finally {
    span.end();
  }
}

/** What is known before the call, all at once: a sampler sees only this. */
function startOptions({ id, server, tool, toolCallId, threadId }: Call): SpanOptions {
  const attributes = {
    [attribute.method]: TOOLS_CALL,
    [attribute.operation]: EXECUTE_TOOL,
    [attribute.tool]: tool,
    [attribute.server]: server,
    [attribute.callId]: id,
    [attribute.toolCallId]: toolCallId,
    [attribute.conversation]: threadId,
  };
  return { kind: SpanKind.CLIENT, attributes };
}

function describe(
  span: Span,
  { errorType, rpcCode, interrupted, obtained }: Outcome,
  message?: string,
): void {
  if (!span.isRecording()) return;
  span.setAttributes({
    [attribute.errorType]: errorType,
    [attribute.rpcCode]: rpcCode,
    [attribute.interrupted]: interrupted,
    [attribute.attempts]: obtained.attempts,
    [attribute.cache]: obtained.cache,
    [attribute.hedged]: obtained.hedged,
    [attribute.replayed]: obtained.replayed,
    [attribute.answeringServer]: obtained.server,
    [attribute.answeringTool]: obtained.tool,
  });
  if (errorType !== undefined)
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
}

/** The call with the span's context in its `_meta`; the same call when there is none to hand on. */
function withTraceContext(call: Call, active: Context): Call {
  // A caller's own context is one whole: its baggage and state must not be mixed with ours.
  if (call.meta?.traceparent !== undefined) return call;
  const carrier: Record<string, unknown> = {};
  propagation.inject(active, carrier);
  return Object.keys(carrier).length === 0 ? call : { ...call, meta: { ...carrier, ...call.meta } };
}

/** The part of a result that is the tool's answer. */
function resultContent({ content, structuredContent }: Result): unknown {
  return structuredContent === undefined ? content : { content, structuredContent };
}
