import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { recordTimeline, type TimelineSpan } from "../../src/telemetry/timeline.js";
import { expectWellFormed, rectsOf } from "./timeline-boxes.js";
import { attempt, START, span } from "./timeline-spans.js";

const drawings = [
  ["drawTimeline", drawTimeline],
  ["drawLatency", drawLatency],
] as const;

describe.each(drawings)("%s()", (name, draw) => {
  test.each([
    ["no list", "spans", "spans must be a list"],
    ["a span that is none", [span(0, 1), null], "span 2 must be"],
    ["a start that is no number", [span(0, Number.NaN, { id: "c7" })], "span 1 (c7): endMs is NaN"],
    ["a start of null", [{ ...span(0, 1), startMs: null }], "span 1 (x): startMs is null"],
    ["a start that no date has", [{ ...span(0, 1), startMs: 1e300 }], "span 1 (x): startMs is 1e+300"],
    [
      "an attempt without a start",
      [span(0, 1, { attempts: [attempt(Number.NaN, 1)] })],
      "attempts[0].startMs",
    ],
    ["a pause of no time", [span(0, 1, { resumes: { id: "a", sinceMs: Number.NaN } })], "resumes.sinceMs"],
    ["no tool", [{ ...span(0, 1), tool: 3 }], "span 1 (x): tool is 3"],
  ])("refuses %s, and says which span", (_, spans, problem) => {
    expect(() => draw(spans as TimelineSpan[])).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENTS",
        message: expect.stringMatching(new RegExp(`^${name}\\(\\): .*`)),
      }),
    );
    expect(() => draw(spans as TimelineSpan[])).toThrow(problem);
  });

  test("a clock that goes backwards makes no call of less than 0 ms", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -1000, max: 1000 }),
        (end, inner) => {
          const resumes = { id: "a", sinceMs: START + inner };
          const { svg, text } = draw([
            span(0, end, { attempts: [attempt(inner, end)], resumes }),
            span(0, 3000),
          ]);
          expectWellFormed(svg);
          expect(text).not.toMatch(/-\d/);
          for (const { left, right } of rectsOf(svg, "lb-ok")) expect(right).toBeGreaterThanOrEqual(left);
        },
      ),
      { verbose: 1 },
    );
  });
});

describe("recordTimeline()", () => {
  test.each([
    ["null", null],
    ["no whole number", { maxCalls: 1.5 }],
    ["none at all", { maxCalls: 0 }],
    ["no number", { maxAttempts: "3" }],
    ["null as a number", { maxAttempts: null }],
    ["a misspelt key", { maxCall: 3 }],
    ["a clock without a time", { clock: {} }],
  ])("refuses options of %s", (_, options) => {
    expect(() => recordTimeline(options as object)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
