import { metrics as api } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { createCall, type Handler } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import type { Obtained, Result } from "../../src/core/result.js";
import { type MeasureOptions, measure } from "../../src/middleware/measure.js";
import { retry } from "../../src/middleware/retry.js";
import { lateInstruments } from "../../src/telemetry/instruments.js";
import { createMetrics, sharedMetrics } from "../../src/telemetry/metrics.js";
import { DURATION_BUCKETS } from "../../src/telemetry/names.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { startMetering } from "../support/telemetry.js";
import { parsePrometheus } from "../telemetry/prometheus-parser.js";
import { obeysLaws } from "./laws.js";

const DURATION = "mcp_client_operation_duration_seconds";
const fine: Result = { content: [{ type: "text", text: "fine" }] };
const answer: Handler = async () => fine;
const call = createCall({ server: "files", tool: "read", args: { path: "canary-77" } });
const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true });
const fails = (error: unknown) => (): Promise<Result> => Promise.reject(error);

function setUp(options: MeasureOptions = {}) {
  const clock = new FakeClock();
  const metrics = createMetrics();
  return {
    clock,
    metrics,
    use: measure({ metrics, clock, ...options }),
    samples: (name: string) => parsePrometheus(metrics.prometheus()).get(name)?.samples ?? [],
    value(name: string, labels: object = {}): number | undefined {
      const family = name.replace(/_(count|sum|bucket)$/, "");
      const found = (parsePrometheus(metrics.prometheus()).get(family)?.samples ?? []).filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
      );
      return found.length === 1 ? found[0]?.value : undefined;
    },
  };
}

obeysLaws("measure", (clock) => measure({ clock, metrics: createMetrics() }));

describe("measure()", () => {
  test("counts a call and its duration, and hands on the result itself", async () => {
    const { use, clock, value } = setUp();
    const run = use(call, async () => {
      await clock.sleep(1500);
      return fine;
    });
    await settle();
    expect(value("langbaton_calls_in_flight")).toBe(1);
    await clock.advance(1500);
    expect(await run).toBe(fine);
    expect(value(`${DURATION}_count`)).toBe(1);
    expect(value(`${DURATION}_sum`)).toBe(1.5);
    expect(value(`${DURATION}_bucket`, { le: "1" })).toBe(0);
    expect(value(`${DURATION}_bucket`, { le: "2" })).toBe(1);
    expect(value("langbaton_calls_in_flight")).toBe(0);
  });

  test.each([
    ["CIRCUIT_OPEN", fails(new BatonError("CIRCUIT_OPEN", "open"))],
    ["tool_error", async () => ({ ...fine, isError: true })],
    ["TypeError", fails(new TypeError("x"))],
    ["_OTHER", fails("x")],
  ])("names a failure %s", async (type, handler) => {
    const { use, value, samples } = setUp();
    await use(call, handler).catch(() => {});
    expect(value(`${DURATION}_count`, { error_type: type })).toBe(1);
    expect(
      samples(DURATION).filter(({ name, labels }) => name.endsWith("_count") && !labels.error_type),
    ).toMatchObject([{ value: 0 }]);
    expect(value("langbaton_calls_in_flight")).toBe(0);
  });

  test("counts each retry once, of a call that succeeded and of one that failed", async () => {
    const { use, clock, value } = setUp();
    let attempts = 0;
    const handler = compose([use, retry({ clock, attempts: 3 })], async ({ args }) => {
      attempts++;
      if (args.fails === true || attempts === 1)
        throw new BatonError("UPSTREAM", "busy", { retryable: true });
      return fine;
    });
    const good = handler(call);
    await clock.advance(60_000);
    expect((await good).obtained?.attempts).toBe(2);
    const bad = failure(handler({ ...call, args: { fails: true } }));
    await clock.advance(60_000);
    expect((await bad).data.attempts).toBe(3);
    expect(value("langbaton_retries_total")).toBe(3);
    expect(value(`${DURATION}_count`, { error_type: "UPSTREAM" })).toBe(1);
  });

  test("an interrupt is no failure and has no duration; it passes by identity", async () => {
    const { use, value, samples } = setUp();
    await expect(use(call, fails(interrupt))).rejects.toBe(interrupt);
    expect(value("langbaton_interrupts_total")).toBe(1);
    expect(
      samples(DURATION).filter(({ name, value: count }) => name.endsWith("_count") && count > 0),
    ).toEqual([]);
    expect(value("langbaton_calls_in_flight")).toBe(0);
  });

  test("takes nothing from the sum when the clock is set back", async () => {
    const { use, clock, value } = setUp();
    await use(call, async () => {
      await clock.advance(-5000);
      return fine;
    });
    expect(value(`${DURATION}_sum`)).toBe(0);
  });

  test("names no argument", async () => {
    const { use, metrics } = setUp();
    await use(call, answer);
    await use(call, fails(new BatonError("UPSTREAM", "canary-77"))).catch(() => {});
    expect(metrics.prometheus()).not.toContain("canary");
  });

  test("counts in the registry of the process unless given one", async () => {
    const own = createCall({ ...call, tool: `unique-${call.id}` });
    await measure()(own, answer);
    await measure()(own, answer);
    const samples = parsePrometheus(sharedMetrics().prometheus()).get(DURATION)?.samples ?? [];
    const count = samples.find(
      ({ name, labels }) => name.endsWith("_count") && labels.gen_ai_tool_name === own.tool,
    );
    expect(count?.value).toBe(2);
  });
});

describe("measure() with OpenTelemetry", () => {
  const named = { "langbaton.server": "files", "gen_ai.tool.name": "read" };

  test("records the conventions' histogram, in their buckets", async () => {
    const { points } = startMetering();
    const { use, clock } = setUp();
    await use(call, async () => {
      await clock.advance(1500);
      return fine;
    });
    await use(call, fails(new BatonError("UPSTREAM", "no", { data: { rpcCode: -32050 } }))).catch(() => {});
    const [good, bad] = (await points()).filter(({ name }) => name === "mcp.client.operation.duration");
    const common = { "mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool", ...named };
    expect(good).toMatchObject({ unit: "s", attributes: common, value: { count: 1, sum: 1.5 } });
    expect(good?.value).toMatchObject({ buckets: { boundaries: [...DURATION_BUCKETS] } });
    expect(good?.attributes).toEqual(common);
    expect(bad?.attributes).toEqual({
      ...common,
      "error.type": "UPSTREAM",
      "rpc.response.status_code": "-32050",
    });
  });

  test("counts the same as the registry", async () => {
    const { points } = startMetering();
    const { use, metrics } = setUp();
    const obtained: Obtained = { attempts: 3, cache: "hit", hedged: true, replayed: true, server: "b" };
    await use(call, async () => ({ ...fine, obtained }));
    await use(call, async () => ({ ...fine, obtained: { cache: "miss" } }));
    await use(call, fails(interrupt)).catch(() => {});
    const counted = (await points())
      .filter(({ name }) => name.startsWith("langbaton."))
      .map(({ name, attributes, value }) => [name, attributes["langbaton.cache"] ?? "", value]);
    expect(counted).toEqual([
      ["langbaton.calls.in_flight", "", 0],
      ["langbaton.retries", "", 2],
      ["langbaton.cache", "hit", 1],
      ["langbaton.cache", "miss", 1],
      ["langbaton.hedges.won", "", 1],
      ["langbaton.replays", "", 1],
      ["langbaton.fallbacks", "", 1],
      ["langbaton.interrupts", "", 1],
    ]);
    for (const [name, result, value] of counted) {
      const family = `${String(name).replaceAll(".", "_")}${value === 0 ? "" : "_total"}`;
      const samples = parsePrometheus(metrics.prometheus()).get(family)?.samples ?? [];
      const same = samples.find(({ labels }) => (labels.result ?? "") === result);
      expect([family, same?.value]).toEqual([family, value]);
    }
  });

  test("prepares nothing while there is no provider", () => {
    expect(lateInstruments()()).toBeUndefined();
  });

  test("finds a provider that is registered later, and a call that was under way stays in balance", async () => {
    const { use } = setUp();
    let release = () => {};
    const early = use(call, () => new Promise((resolve) => (release = () => resolve(fine))));
    const { points } = startMetering();
    release();
    await early;
    await use(call, answer);
    const all = await points();
    expect(all.find(({ name }) => name === "langbaton.calls.in_flight")?.value).toBe(0);
    expect(all.find(({ name }) => name === "mcp.client.operation.duration")?.value).toMatchObject({
      count: 1,
    });
    api.disable();
    await use(call, answer);
  });
});
