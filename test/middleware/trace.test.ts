import { createRequire } from "node:module";
import {
  type Context,
  context,
  createTraceState,
  SpanKind,
  SpanStatusCode,
  trace as tracing,
} from "@opentelemetry/api";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler, type Middleware } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { retry } from "../../src/middleware/retry.js";
import { trace } from "../../src/middleware/trace.js";
import { failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { RpcFault, scripted, text } from "../support/scripted.js";
import { startTracing, withBaggage } from "../support/telemetry.js";
import { laws, obeysLaws } from "./laws.js";

const fine: Result = { content: [{ type: "text", text: "fine" }] };
const answer: Handler = async () => fine;
const read = createCall({ server: "files", tool: "read", args: { path: "a.txt" } });

obeysLaws("trace", () => trace());
for (const [law, check] of Object.entries(laws)) {
  test(`trace with a provider: ${law}`, async () => {
    startTracing();
    await check(() => trace({ content: true }));
  });
}

describe("trace()", () => {
  test("makes one client span per call, named and described by the conventions", async () => {
    const { spans } = startTracing();
    const call = createCall({ ...read, toolCallId: "call_7", threadId: "thread-1" });
    expect(await trace()(call, answer)).toBe(fine);
    const [span] = spans();
    expect(spans()).toHaveLength(1);
    expect(span).toMatchObject({ name: "tools/call read", kind: SpanKind.CLIENT, events: [] });
    expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span?.instrumentationScope.name).toBe("langbaton");
    expect(attributesOf(span)).toEqual({
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "read",
      "gen_ai.tool.call.id": "call_7",
      "gen_ai.conversation.id": "thread-1",
      "langbaton.server": "files",
      "langbaton.call.id": call.id,
    });
  });

  test("covers all attempts with one span, and says how the result was obtained", async () => {
    const { spans } = startTracing();
    const clock = new FakeClock();
    let attempts = 0;
    const handler = compose([trace(), retry({ clock })], async () => {
      if (++attempts < 3) throw new BatonError("UPSTREAM", "busy", { retryable: true });
      return { ...fine, obtained: { cache: "miss", hedged: true, replayed: true, server: "b", tool: "get" } };
    });
    const run = handler(read);
    await clock.advance(60_000);
    await run;
    expect(spans()).toHaveLength(1);
    expect(attributesOf(spans()[0])).toMatchObject({
      "langbaton.attempts": 3,
      "langbaton.cache": "miss",
      "langbaton.hedged": true,
      "langbaton.replayed": true,
      "langbaton.answering.server": "b",
      "langbaton.answering.tool": "get",
    });
  });

  test("nests in the caller's span, and what runs below nests in it", async () => {
    const { spans, provider } = startTracing();
    const tracer = provider.getTracer("test");
    const below: Middleware = (call, next) =>
      tracer.startActiveSpan("attempt", async (span) => {
        try {
          // A hop of real work must not lose the context.
          await new Promise((resolve) => setImmediate(resolve));
          tracer.startSpan("POST").end();
          return await next(call);
        } finally {
          span.end();
        }
      });
    await tracer.startActiveSpan("execute_tool read", async (outer) => {
      await Promise.all([1, 2].map(() => compose([trace(), below], answer)(read)));
      expect(tracing.getActiveSpan()).toBe(outer);
      outer.end();
    });
    const byId = new Map(spans().map((span) => [span.spanContext().spanId, span]));
    const pathOf = (span: ReadableSpan | undefined): string =>
      span ? `${pathOf(byId.get(span.parentSpanContext?.spanId ?? ""))}/${span.name}` : "";
    expect(spans().map(pathOf).sort()).toEqual([
      "/execute_tool read",
      ...Array(2).fill("/execute_tool read/tools/call read"),
      ...Array(2).fill("/execute_tool read/tools/call read/attempt"),
      ...Array(2).fill("/execute_tool read/tools/call read/attempt/POST"),
    ]);
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });
});

describe("trace() and failures", () => {
  const statusOf = async (handler: Handler, options = {}) => {
    const { spans } = startTracing();
    await trace(options)(read, handler).catch(() => {});
    const [span] = spans();
    return { status: span?.status, attributes: attributesOf(span), events: span?.events, ended: span?.ended };
  };

  test("an error's code is the type, and the status says error without its message", async () => {
    const error = new BatonError("UPSTREAM", "secret path", { data: { rpcCode: -32000, attempts: 2 } });
    expect(await statusOf(() => Promise.reject(error))).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "UPSTREAM", "rpc.response.status_code": "-32000", "langbaton.attempts": 2 },
      events: [],
      ended: true,
    });
  });

  test("the error itself passes by identity", async () => {
    startTracing();
    const error = new BatonError("DENIED", "no");
    expect(await failure(trace()(read, () => Promise.reject(error)))).toBe(error);
  });

  test("a tool that ran and failed is a tool_error", async () => {
    const { status, attributes } = await statusOf(async () => ({ ...fine, isError: true }));
    expect(status?.code).toBe(SpanStatusCode.ERROR);
    expect(attributes["error.type"]).toBe("tool_error");
  });

  test.each([
    [new TypeError("x is undefined"), "TypeError"],
    [Object.assign(new Error("x"), { name: "a name with secret 42" }), "_OTHER"],
    ["thrown text", "_OTHER"],
    [undefined, "_OTHER"],
  ])("what is no error of ours goes by its class: %o", async (error, type) => {
    expect((await statusOf(() => Promise.reject(error))).attributes["error.type"]).toBe(type);
  });

  test("a handler that throws before it returns a promise ends the span too", async () => {
    const { ended, attributes } = await statusOf(() => {
      throw new RangeError("at once");
    });
    expect([ended, attributes["error.type"]]).toEqual([true, "RangeError"]);
  });

  test("an interrupt is no failure", async () => {
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true });
    const { status, attributes, ended } = await statusOf(() => Promise.reject(interrupt));
    expect(status).toEqual({ code: SpanStatusCode.UNSET });
    expect(attributes).toMatchObject({ "langbaton.interrupted": true });
    expect(attributes).not.toHaveProperty("error.type");
    expect(ended).toBe(true);
  });
});

describe("trace() and content", () => {
  const canary = "canary-5f1e";
  const call = createCall({ ...read, args: { [canary]: { deep: [canary] } } });
  const outcomes: Readonly<Record<string, Handler>> = {
    "a result": async () => ({ content: [{ type: "text", text: canary }], structuredContent: { canary } }),
    "a tool's error": async () => ({ content: [{ type: "text", text: canary }], isError: true }),
    "an error": () => Promise.reject(new BatonError("UPSTREAM", `no ${canary}`, { data: { path: canary } })),
    "a stranger's error": () => Promise.reject(new Error(canary)),
  };

  test.each(Object.entries(outcomes))("%s leaves none by default", async (_, handler) => {
    const { spans } = startTracing();
    await trace()(call, handler).catch(() => {});
    const { name, attributes, events, status, links } = spans()[0] as ReadableSpan;
    expect(JSON.stringify({ name, attributes, events, status, links })).not.toContain(canary);
  });

  test("is recorded where it was asked for", async () => {
    const { spans } = startTracing();
    await trace({ content: true })(call, outcomes["a result"] as Handler);
    await trace({ content: true })(call, outcomes["an error"] as Handler).catch(() => {});
    const [result, error] = spans();
    expect(JSON.parse(attributesOf(result)["gen_ai.tool.call.arguments"] as string)).toEqual(call.args);
    expect(JSON.parse(attributesOf(result)["gen_ai.tool.call.result"] as string)).toEqual({
      content: [{ type: "text", text: canary }],
      structuredContent: { canary },
    });
    expect(error?.status.message).toBe(`no ${canary}`);
    expect(error?.attributes).not.toHaveProperty("gen_ai.tool.call.result");
  });

  test("is not recorded for a value that only looks like yes", () => {
    const options = { content: "no" as unknown as boolean };
    expect(() => trace(options)).toThrow(
      /trace\(\): the option content "no" cannot be used. It must be true or false/,
    );
  });

  test("is bounded, and what is no JSON fails no call", async () => {
    const { spans } = startTracing();
    const long = "x".repeat(1_000_000);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const middleware = trace({ content: true });
    await middleware(createCall({ ...read, args: { long, list: Array(100_000).fill(1) } }), async () => ({
      content: [{ type: "text", text: long }],
    }));
    expect(await middleware(createCall({ ...read, args: cyclic }), answer)).toBe(fine);
    const [bounded, odd] = spans();
    for (const name of ["gen_ai.tool.call.arguments", "gen_ai.tool.call.result"])
      expect((attributesOf(bounded)[name] as string).length).toBeLessThan(8300);
    expect(attributesOf(odd)["gen_ai.tool.call.arguments"]).toBe("(not JSON: TypeError)");
  });
});

describe("the trace context", () => {
  const echo = () => {
    const seen: Record<string, unknown>[] = [];
    const server = open(
      scripted("files", {
        methods: {
          "tools/call": (params) => {
            seen.push((params._meta ?? {}) as Record<string, unknown>);
            return text("ok");
          },
        },
      }),
    );
    const call = (parts: Partial<Call> = {}, use = [trace()]) =>
      compose(use, (each) => server.call(each))(createCall({ ...read, ...parts }));
    return { seen, call, last: () => ({ ...seen.at(-1) }) };
  };

  test("reaches a real server in _meta, unprefixed, and is that of the span", async () => {
    const { spans } = startTracing();
    const { call, last } = echo();
    await context.with(withBaggage(context.active(), "user", "alice"), () => call());
    const { traceId, spanId } = (spans()[0] as ReadableSpan).spanContext();
    expect(last()).toMatchObject({ traceparent: `00-${traceId}-${spanId}-01`, baggage: "user=alice" });
    expect(last()).not.toHaveProperty("tracestate");
  });

  test("carries the tracestate of the parent", async () => {
    startTracing();
    const { call, last } = echo();
    const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1, isRemote: true };
    const active: Context = tracing.setSpanContext(context.active(), {
      ...parent,
      traceState: createTraceState("rojo=00f067aa0ba902b7"),
    });
    await context.with(active, () => call());
    expect(last().traceparent).toMatch(new RegExp(`^00-${parent.traceId}-[0-9a-f]{16}-01$`));
    expect(last().tracestate).toBe("rojo=00f067aa0ba902b7");
  });

  test("keeps what the call has in its meta, and the idempotency key", async () => {
    startTracing();
    const { call, last } = echo();
    await call({ meta: { "example.com/tenant": "a" }, idempotencyKey: "k1" });
    expect(last()).toMatchObject({ "example.com/tenant": "a", traceparent: expect.stringMatching(/^00-/) });
    expect(Object.values(last())).toContain("k1");
  });

  test("of the caller is not overwritten, and not mixed with ours", async () => {
    startTracing();
    const { call, last } = echo();
    const own = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "own=1" };
    await context.with(withBaggage(context.active(), "user", "alice"), () => call({ meta: own }));
    expect(last()).toMatchObject(own);
    expect(last()).not.toHaveProperty("baggage");
  });

  test("comes beside the baggage of the caller, which stays", async () => {
    startTracing();
    const { call, last } = echo();
    await context.with(withBaggage(context.active(), "user", "alice"), () =>
      call({ meta: { baggage: "a=1" } }),
    );
    expect(last()).toMatchObject({ baggage: "a=1", traceparent: expect.stringMatching(/^00-/) });
  });

  test("says so when the span is not sampled, and nothing is exported", async () => {
    const { spans } = startTracing({ sampler: new AlwaysOffSampler() });
    const { call, last } = echo();
    await call();
    expect(last().traceparent).toMatch(/-00$/);
    expect(spans()).toEqual([]);
  });

  test("is the code of a JSON-RPC error's span, too", async () => {
    const { spans } = startTracing();
    const server = open(
      scripted("files", {
        methods: {
          "tools/call": () => {
            throw new RpcFault(-32050, "no");
          },
        },
      }),
    );
    await failure(compose([trace()], (each) => server.call(each))(read));
    expect(attributesOf(spans()[0])).toMatchObject({
      "error.type": "UPSTREAM",
      "rpc.response.status_code": "-32050",
    });
  });
});

describe("the provider of trace()", () => {
  test("none: the very same call goes on, and its own promise comes back", () => {
    let seen: Call | undefined;
    const promise = answer(read);
    const result = trace({ content: true })(read, (call) => {
      seen = call;
      return promise;
    });
    expect(result).toBe(promise);
    expect(seen).toBe(read);
  });

  test("one that is registered after the factory ran is used, and the next one after it", async () => {
    const middleware = trace();
    await middleware(read, answer);
    const first = startTracing();
    await middleware(read, answer);
    expect(first.spans()).toHaveLength(1);
    tracing.disable();
    context.disable();
    const second = startTracing();
    await middleware(read, answer);
    expect([first.spans().length, second.spans().length]).toEqual([1, 1]);
  });

  test("one that another copy of the API registers later is used", async () => {
    const middleware = trace();
    await middleware(read, answer);
    const { trace: api } = anotherCopy();
    expect(api).not.toBe(tracing);
    const { spans } = startTracing({ api });
    await middleware(read, answer);
    expect(spans()).toHaveLength(1);
  });

  test("one that is given wins over the registered one", async () => {
    const given = startTracing();
    tracing.disable();
    context.disable();
    const registered = startTracing();
    await trace({ tracerProvider: given.provider })(read, answer);
    expect([given.spans().length, registered.spans().length]).toEqual([1, 0]);
  });
});

/** A program may hold several versions of the API: each is a module of its own, and they share one global. */
function anotherCopy(): typeof import("@opentelemetry/api") {
  const require = createRequire(import.meta.url);
  const isOfTheApi = (file: string) => /@opentelemetry[\\/]api[\\/]/.test(file);
  const loaded = Object.entries(require.cache).filter(([file]) => isOfTheApi(file));
  for (const [file] of loaded) delete require.cache[file];
  try {
    return require("@opentelemetry/api");
  } finally {
    Object.assign(require.cache, Object.fromEntries(loaded));
  }
}

function attributesOf(span: ReadableSpan | undefined): Readonly<Record<string, unknown>> {
  return span?.attributes ?? {};
}
