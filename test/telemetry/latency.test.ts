import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { expectApart, expectClear, expectWellFormed, rectsOf, textsOf } from "./timeline-boxes.js";
import { runs, span } from "./timeline-spans.js";

const lasting = (...durations: readonly number[]) => durations.map((ms) => span(0, ms));
const upTo = (most: number) => lasting(...Array.from({ length: most }, (_, index) => index + 1));
const heights = (svg: string, name: string) =>
  rectsOf(svg, name)
    // The last one is the legend's.
    .slice(0, -1)
    .map(({ top, bottom }) => Math.round(bottom - top));

describe("drawLatency()", () => {
  test("is a picture of its own: well-formed, whatever tools are called", () => {
    fc.assert(
      fc.property(runs, (run) => expectWellFormed(drawLatency(run).svg)),
      { verbose: 1 },
    );
  });

  test("no label covers another label or a bar, and none is cut off", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { svg } = drawLatency(run);
        expectApart(textsOf(svg));
        expectClear(textsOf(svg), rectsOf(svg, "lb-ok", "lb-failed", "lb-cached"));
      }),
      { verbose: 1 },
    );
  });

  test("no label of the axis meets another, from a millisecond to years", () => {
    const exponent = fc.double({ min: 0, max: 11, noNaN: true });
    fc.assert(
      fc.property(exponent, exponent, (a, b) =>
        expectApart(textsOf(drawLatency(lasting(10 ** a, 10 ** b)).svg)),
      ),
      { verbose: 1 },
    );
  });

  test("gives percentiles by the nearest rank, each a duration that was measured", () => {
    expect(drawLatency(upTo(100)).text).toContain("100 calls, p50 50 ms, p95 95 ms, p99 99 ms");
    expect(drawLatency(lasting(30, 10, 20)).text).toContain("3 calls, p50 20 ms, p95 30 ms, p99 30 ms");
    expect(drawLatency(lasting(12)).text).toContain("1 call, p50 12 ms, p95 12 ms, p99 12 ms");
    expect(drawLatency(upTo(200)).svg).toContain(">p95 190 ms<");
  });

  test("each percentile has its own figure, also where they are equal", () => {
    const texts = textsOf(drawLatency(lasting(10, 20, 20, 20)).svg).map(({ what }) => what);
    expect(texts).toEqual(expect.arrayContaining(["p50 20 ms", "p95 20 ms", "p99 20 ms"]));
  });

  test("failed calls stand on the others, and what was not sent hangs below the line and is in no percentile", () => {
    const { svg, text } = drawLatency([
      ...lasting(100, 100, 100),
      span(0, 100, { errorType: "TIMEOUT" }),
      span(0, 0, { obtained: { cache: "hit" } }),
      span(0, 1, { obtained: { replayed: true } }),
    ]);
    expect(text).toContain("6 calls, 1 failed, 2 not sent, p50 100 ms");
    const [ok] = rectsOf(svg, "lb-ok");
    const [failed] = rectsOf(svg, "lb-failed");
    const [kept] = rectsOf(svg, "lb-cached");
    expect(failed?.bottom).toBe(ok?.top);
    expect(failed?.left).toBe(ok?.left);
    expect(kept?.top).toBe(ok?.bottom);
    expect([heights(svg, "lb-ok"), heights(svg, "lb-failed")]).toEqual([[21], [7]]);
  });

  test("calls without an end and interrupted ones are not counted", () => {
    const { endMs: _, ...running } = span(0, 1);
    const { text } = drawLatency([running, span(0, 5, { interrupted: true }), span(0, 7)]);
    expect(text).toContain("1 call, p50 7 ms");
    expect(drawLatency([running]).text).toBe("no calls that ended");
  });

  test("a tenfold of time is as wide as any other, and equal times lie above each other", () => {
    const { svg } = drawLatency([span(0, 1), span(0, 10), span(0, 100), span(0, 10, { tool: "write" })]);
    const [one, ten, hundred, other] = rectsOf(svg, "lb-ok").map(({ left }) => left);
    expect((ten ?? 0) - (one ?? 0)).toBeCloseTo((hundred ?? 0) - (ten ?? 0), 0);
    expect(other).toBe(ten);
  });

  test("shows the twelve tools with the most calls, and all others as one", () => {
    const run = Array.from({ length: 15 }, (_, tool) =>
      Array.from({ length: tool + 1 }, () => span(0, 10, { tool: `t${tool}` })),
    ).flat();
    const { svg, text } = drawLatency(run);
    const lines = text.split("\n");
    expect(lines).toHaveLength(14);
    expect(lines[0]).toContain("files.t14  |");
    expect(lines[11]).toContain("files.t3 ");
    expect(lines[12]).toMatch(/^others \(3\) \|.*\| 6 calls, /);
    expect(textsOf(svg).map(({ what }) => what)).toContain("others (3)");
  });

  test("without calls it says so", () => {
    const { svg, text } = drawLatency([]);
    expect(text).toBe("no calls that ended");
    expect(textsOf(svg).map(({ what }) => what)).toEqual(["no calls that ended"]);
  });
});
