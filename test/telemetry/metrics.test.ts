import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMetrics, type Metrics, sharedMetrics } from "../../src/telemetry/metrics.js";
import { DURATION_BUCKETS } from "../../src/telemetry/names.js";
import type { Outcome } from "../../src/telemetry/outcome.js";
import { type ParsedSample, parsePrometheus } from "./prometheus-parser.js";

const DURATION = "mcp_client_operation_duration_seconds";
const good: Outcome = { obtained: {} };

function record(metrics: Metrics, tool: string, outcome: Outcome = good, durationMs = 1, server = "s"): void {
  metrics.begin(server, tool);
  metrics.end(server, tool, outcome, durationMs);
}

function samplesOf(metrics: Metrics, name: string): readonly ParsedSample[] {
  return parsePrometheus(metrics.prometheus()).get(name)?.samples ?? [];
}

const total = (samples: readonly ParsedSample[]): number =>
  samples.reduce((sum, { value }) => sum + value, 0);
const countsOf = (metrics: Metrics) =>
  samplesOf(metrics, DURATION).filter(({ name }) => name.endsWith("_count"));

describe("createMetrics()", () => {
  test("has nothing to say before the first call", () => {
    expect(createMetrics().prometheus()).toBe("");
  });

  test("writes what Prometheus expects, to the letter", () => {
    const metrics = createMetrics();
    record(metrics, "read", { obtained: { attempts: 3, cache: "miss" } }, 150);
    const text = metrics.prometheus();
    expect(text.split("\n").slice(0, 8)).toEqual([
      `# HELP ${DURATION} Time from a tool's call to its result or error, all attempts and waits included.`,
      `# TYPE ${DURATION} histogram`,
      ...["0.01", "0.02", "0.05", "0.1"].map(
        (le) =>
          `${DURATION}_bucket{mcp_method_name="tools/call",langbaton_server="s",gen_ai_tool_name="read",le="${le}"} 0`,
      ),
      ...["0.2", "0.5"].map(
        (le) =>
          `${DURATION}_bucket{mcp_method_name="tools/call",langbaton_server="s",gen_ai_tool_name="read",le="${le}"} 1`,
      ),
    ]);
    expect(text).toContain(
      `${DURATION}_sum{mcp_method_name="tools/call",langbaton_server="s",gen_ai_tool_name="read"} 0.15\n`,
    );
    expect(text).toContain('langbaton_retries_total{langbaton_server="s",gen_ai_tool_name="read"} 2\n');
    expect(text).toContain(
      'langbaton_cache_total{langbaton_server="s",gen_ai_tool_name="read",result="miss"} 1\n',
    );
  });

  test("counts retries, hits, hedges, replays, fallbacks and interrupts, and starts each at zero", () => {
    const metrics = createMetrics();
    record(metrics, "t");
    const names = [...parsePrometheus(metrics.prometheus()).keys()].filter((name) => name !== DURATION);
    expect(names).toEqual([
      "langbaton_calls_in_flight",
      "langbaton_retries_total",
      "langbaton_cache_total",
      "langbaton_hedges_won_total",
      "langbaton_replays_total",
      "langbaton_fallbacks_total",
      "langbaton_interrupts_total",
    ]);
    for (const name of names) expect([name, total(samplesOf(metrics, name))]).toEqual([name, 0]);
    record(metrics, "t", {
      obtained: { attempts: 2, cache: "hit", hedged: true, replayed: true, server: "other" },
    });
    record(metrics, "t", { interrupted: true, obtained: {} });
    const counted = names.slice(1).map((name) => total(samplesOf(metrics, name)));
    expect(counted).toEqual([1, 1, 1, 1, 1, 1]);
    expect(samplesOf(metrics, "langbaton_cache_total").find(({ value }) => value === 1)?.labels.result).toBe(
      "hit",
    );
  });

  test("an interrupted call has no duration", () => {
    const metrics = createMetrics();
    record(metrics, "t", { interrupted: true, obtained: {} }, 60_000);
    expect(total(countsOf(metrics))).toBe(0);
  });

  test("knows the calls in flight", () => {
    const metrics = createMetrics();
    for (let n = 0; n < 3; n++) metrics.begin("s", "t");
    metrics.end("s", "t", good, 1);
    expect(samplesOf(metrics, "langbaton_calls_in_flight")).toMatchObject([{ value: 2 }]);
  });

  test("any name survives: quotes, backslashes, newlines, braces, emoji", () => {
    const name = fc.string({ unit: "binary", maxLength: 12 });
    const odd = fc.constantFrom('"', "\\", "\n", '\\"', "\\n", "}", ",", '",x="', "#", "", "__proto__", "🐟");
    const names = fc.uniqueArray(fc.oneof(name, odd), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, names, (servers, tools) => {
        const metrics = createMetrics();
        for (const server of servers) for (const tool of tools) record(metrics, tool, good, 1, server);
        const seen = countsOf(metrics).map(({ labels }) => [
          labels.langbaton_server,
          labels.gen_ai_tool_name,
        ]);
        expect(seen).toEqual(servers.flatMap((server) => tools.map((tool) => [server, tool])));
      }),
      { verbose: 1 },
    );
  });

  test("a histogram's buckets, count and sum agree with what was recorded", () => {
    const durationsMs = fc.array(
      fc.oneof(fc.nat(400_000), fc.constantFrom(...DURATION_BUCKETS.map((s) => s * 1000))),
    );
    fc.assert(
      fc.property(durationsMs, (all) => {
        const metrics = createMetrics();
        metrics.begin("s", "t");
        for (const durationMs of all) record(metrics, "t", good, durationMs);
        const samples = samplesOf(metrics, DURATION);
        const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
        expect(buckets.map(({ labels }) => Number(labels.le?.replace("+Inf", "Infinity")))).toEqual([
          ...DURATION_BUCKETS,
          Number.POSITIVE_INFINITY,
        ]);
        for (const { labels, value } of buckets) {
          const boundMs = Number(labels.le?.replace("+Inf", "Infinity")) * 1000;
          expect(value).toBe(all.filter((durationMs) => durationMs <= boundMs).length);
        }
        expect(samples.find(({ name }) => name.endsWith("_count"))?.value).toBe(all.length);
        const sumMs = all.reduce((sum, each) => sum + each, 0);
        expect(samples.find(({ name }) => name.endsWith("_sum"))?.value).toBeCloseTo(sumMs / 1000, 6);
      }),
      { verbose: 1 },
    );
  });
});

describe("the number of label sets", () => {
  test("is bounded, and no call is lost", () => {
    const metrics = createMetrics({ maxLabelSets: 10 });
    for (let n = 0; n < 100; n++) record(metrics, `tool-${n}`);
    expect(countsOf(metrics)).toHaveLength(11);
    expect(total(countsOf(metrics))).toBe(100);
    expect(countsOf(metrics).at(-1)).toMatchObject({
      labels: { langbaton_server: "_other", gen_ai_tool_name: "_other" },
      value: 90,
    });
    record(metrics, "tool-3");
    expect(countsOf(metrics)[3]?.value).toBe(2);
  });

  test("is bounded in the types of error, too", () => {
    const metrics = createMetrics({ maxLabelSets: 10 });
    for (let n = 0; n < 1000; n++) record(metrics, "t", { errorType: `Error${n}`, obtained: {} });
    expect(countsOf(metrics).length).toBeLessThan(70);
    expect(total(countsOf(metrics))).toBe(1000);
    const rest = countsOf(metrics).find(({ labels }) => labels.error_type === "_OTHER");
    expect(rest?.value).toBeGreaterThan(900);
  });

  test("has no place for two series of one name: a server may be called _other itself", () => {
    const metrics = createMetrics({ maxLabelSets: 1 });
    record(metrics, "_other", good, 1, "_other");
    record(metrics, "a");
    record(metrics, "b");
    expect(countsOf(metrics)).toMatchObject([{ value: 3 }]);
  });

  test("leaves calls in flight in balance across the bound", () => {
    const metrics = createMetrics({ maxLabelSets: 2 });
    for (let n = 0; n < 5; n++) metrics.begin("s", `tool-${n}`);
    for (let n = 0; n < 5; n++) metrics.end("s", `tool-${n}`, { errorType: "TIMEOUT", obtained: {} }, 1);
    expect(samplesOf(metrics, "langbaton_calls_in_flight").map(({ value }) => value)).toEqual([0, 0, 0]);
  });

  test("is 1,000 unless told otherwise", () => {
    const metrics = createMetrics();
    for (let n = 0; n < 1500; n++) record(metrics, `tool-${n}`);
    expect(countsOf(metrics)).toHaveLength(1001);
  });
});

test("sharedMetrics() is one registry", () => {
  expect(sharedMetrics()).toBe(sharedMetrics());
  expect(sharedMetrics()).not.toBe(createMetrics());
});
