import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { columnsOf } from "../../src/telemetry/pictures/columns.js";
import { formatMs } from "../../src/telemetry/pictures/format-ms.js";
import { STYLE } from "../../src/telemetry/pictures/style.js";
import { expectApart, expectClear, expectWellFormed, rectsOf, textsOf } from "./timeline-boxes.js";
import { attempt, plainRuns, runs, START, span } from "./timeline-spans.js";

const BARS = ["lb-ok", "lb-tool-error", "lb-failed", "lb-interrupted", "lb-running", "lb-given-up"];
const waited = (ms: number) => [
  span(0, 40, { id: "asked", tool: "remove", interrupted: true }),
  span(40 + ms, 100 + ms, { tool: "remove", resumes: { id: "asked", sinceMs: START + 40 } }),
];

describe("drawTimeline()", () => {
  test("is a picture of its own: well-formed, whatever tools are called", () => {
    fc.assert(
      fc.property(runs, (run) => expectWellFormed(drawTimeline(run).svg)),
      { verbose: 1 },
    );
  });

  test("no label covers another label or a bar, and none is cut off", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { svg } = drawTimeline(run);
        expectApart(textsOf(svg));
        expectClear(textsOf(svg), rectsOf(svg, ...BARS));
      }),
      { verbose: 1 },
    );
  });

  test("no bar covers another", () => {
    fc.assert(
      fc.property(plainRuns, (run) => expectApart(rectsOf(drawTimeline(run).svg, ...BARS))),
      { verbose: 1 },
    );
  });

  test("attempts stay within their call", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (fromMs, lastsMs, callMs) => {
        const attempts = [attempt(fromMs, fromMs + lastsMs, { errorType: "TIMEOUT" })];
        const { svg } = drawTimeline([span(0, fromMs + callMs, { attempts }), span(0, 3000)]);
        const [call] = rectsOf(svg, "lb-ok");
        const [block] = rectsOf(svg, "lb-failed");
        // A short call is one bar; the next block is the legend's.
        fc.pre(block !== undefined && call !== undefined && block.top < call.bottom);
        // Both are rounded to a tenth of a pixel.
        expect(block.left).toBeGreaterThan(call.left - 0.2);
        expect(block.right).toBeLessThan(call.right + 0.2);
      }),
      { verbose: 1 },
    );
  });

  test("shows servers, tools, times and what was special", () => {
    const { svg } = drawTimeline([
      span(0, 1250, { obtained: { attempts: 3, hedged: true, server: "replica" } }),
      span(10, 11, { obtained: { cache: "hit" } }),
      span(20, 30, { server: "mail", tool: "send", interrupted: true }),
      span(20, 40, { errorType: "TIMEOUT" }),
    ]);
    expect(svg).toContain(">read · 1.25 s · 3 attempts · hedged · by replica.read<");
    expect(svg).toContain(">read · 1 ms · from cache<");
    expect(svg).toContain(">send · 10 ms · interrupted<");
    expect(svg).toContain(">read · 20 ms · TIMEOUT<");
    expect(svg).toContain(">ok 1<");
    expect(svg).toContain(">not sent: 1 from cache<");
    expect(svg).toContain('aria-label="4 calls, 2 servers, 1.25 s"');
  });

  test("the legend explains what occurs and nothing else", () => {
    const plain = textsOf(drawTimeline([span(0, 10)]).svg).map(({ what }) => what);
    expect(plain.slice(-2)).toEqual(["ok 1", "1 call, 1 server, 10 ms"]);
    expect(textsOf(drawTimeline([]).svg).map(({ what }) => what)).toEqual(["no calls"]);
  });

  test("an attempt that ended otherwise than its call, or is one of several, is in the legend in its own colour", () => {
    const legendOf = (...run: Parameters<typeof drawTimeline>[0]) =>
      textsOf(drawTimeline(run).svg)
        .map(({ what }) => what)
        .filter((what) => / \d+$/.test(what));
    const wrong = attempt(0, 10, { errorType: "tool_error" });
    const broken = attempt(0, 10, { errorType: "UPSTREAM" });
    expect(legendOf(span(0, 10, { errorType: "tool_error", attempts: [wrong] }))).toEqual(["tool error 1"]);
    expect(legendOf(span(0, 10, { errorType: "UPSTREAM", attempts: [broken] }))).toEqual(["failed 1"]);
    expect(legendOf(span(0, 10, { attempts: [broken] }))).toEqual(["ok 1", "attempt failed 1"]);
    const both = drawTimeline([span(0, 40, { attempts: [wrong, attempt(20, 40)] })]);
    expect(both.svg).toContain(">attempt with tool error 1<");
    expect(both.svg).not.toContain('"lb-failed"');
  });

  test("places a bar by its time", () => {
    const { svg } = drawTimeline([span(0, 1000), span(0, 500)]);
    const [whole, half] = rectsOf(svg, "lb-ok").map(({ left, right }) => right - left);
    expect((half ?? 0) / (whole ?? 1)).toBeCloseTo(0.5, 2);
  });

  test("folds a long pause in which nothing ran, and says how long it was", () => {
    const DAY = 24 * 60 * 60 * 1000;
    const { svg } = drawTimeline(waited(3 * DAY));
    const texts = textsOf(svg).map(({ what }) => what);
    expect(texts).toContain("/ 3 d /");
    expect(texts).toContain("+20 ms");
    expect(texts).toContain("remove · 60 ms · waited for a person 3 d");
    // The calls of 40 and 60 ms share what is left.
    const [before, after] = rectsOf(svg, "lb-interrupted", "lb-ok").map(({ left, right }) => right - left);
    expect((before ?? 0) / (after ?? 1)).toBeCloseTo(2 / 3, 2);
  });

  test("folds no short pause, no call and no rhythm", () => {
    const withFold = (run: Parameters<typeof drawTimeline>[0]) => drawTimeline(run).svg.includes('"lb-fold"');
    expect(withFold(waited(3000))).toBe(true);
    expect(withFold(waited(300))).toBe(false);
    expect(withFold([span(0, 1_000_000), span(0, 10), span(999_990, 1_000_000)])).toBe(false);
    expect(withFold(Array.from({ length: 9 }, (_, turn) => span(turn * 9000, turn * 9000 + 150)))).toBe(
      false,
    );
  });

  test("needs nothing from elsewhere, and shares a page with other pictures", () => {
    const svg = drawTimeline(waited(300)).svg.replace("http://www.w3.org/2000/svg", "");
    expect(svg).not.toMatch(/https?:|url\(|@import|<script|<image| id=/);
    const classes = [...svg.matchAll(/class="([^"]+)"/g)].flatMap(([, list = ""]) => list.split(" "));
    expect(classes.filter((each) => !each.startsWith("lb-"))).toEqual([]);
    const selectors = STYLE.replace(/@media[^{]*\{/, "").match(/[^{}]+(?=\{)/g) ?? [];
    expect(selectors.filter((each) => !/^(\.lb-[\w-]+)+$/.test(each))).toEqual([]);
  });
});

describe("the look of all pictures", () => {
  const [light = "", dark = ""] = STYLE.split("@media");
  const colourIn = (scheme: string, name: string): string =>
    new RegExp(`\\.${name}\\{[^}]*(?:fill|stroke):(#\\w{6})`).exec(scheme)?.[1] ?? "";
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a: string, b: string): number => {
    const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (bright + 0.05) / (dim + 0.05);
  };
  const SHAPES = [...BARS, "lb-cached", "lb-stroke", "lb-wait", "lb-base", "lb-mark", "lb-leader"];

  test.each([
    ["light", light],
    ["dark", dark],
  ])("%s: texts have a contrast of 4.5 and shapes of 3, on the ground and on a lane", (_, scheme) => {
    for (const ground of ["lb-ground", "lb-lane"]) {
      const under = colourIn(scheme, ground);
      for (const name of ["lb-text", "lb-faint"])
        expect(contrast(colourIn(scheme, name), under), name).toBeGreaterThanOrEqual(4.5);
      for (const name of SHAPES)
        expect(contrast(colourIn(scheme, name), under), name).toBeGreaterThanOrEqual(3);
    }
  });
});

describe("the text of a timeline", () => {
  test("has a line for each call", () => {
    const { text } = drawTimeline([span(0, 50), span(50, 100, { tool: "write", errorType: "tool_error" })]);
    expect(text.split("\n")).toEqual([
      `files.read  |${"=".repeat(20)}${" ".repeat(20)}| 50 ms`,
      `files.write |${" ".repeat(20)}${"!".repeat(20)}| 50 ms, tool error`,
      `            0${"100 ms".padStart(41)}`,
      "! tool error",
    ]);
  });

  test("shows attempts, waits and a folded pause", () => {
    const attempts = [attempt(0, 40, { errorType: "TIMEOUT" }), attempt(60, 100)];
    expect(drawTimeline([span(0, 100, { attempts })]).text.split("\n")).toEqual([
      `files.read |${"x".repeat(16)}${"-".repeat(8)}${"=".repeat(16)}| 100 ms`,
      `           0${"100 ms".padStart(41)}`,
      "x failed; - waiting",
    ]);
    expect(drawTimeline(waited(3_600_000)).text.split("\n")).toEqual([
      `files.remove |${"=".repeat(15)}////${" ".repeat(21)}| 40 ms, interrupted`,
      `files.remove |${" ".repeat(14)}::::${"=".repeat(22)}| 60 ms, waited for a person 1 h`,
      `             0${"1 h".padStart(41)}`,
      ": waited for a person; / a folded pause",
    ]);
  });

  test("all bars have one length", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const lines = drawTimeline(run).text.split("\n").slice(0, run.length);
        const widths = lines.map((line) => columnsOf(line.slice(0, line.lastIndexOf("|"))));
        for (const line of lines) expect(line).toMatch(/\|[ =x!:/.-]{40}\|/);
        expect(Math.min(...widths)).toBeGreaterThanOrEqual(run.length === 0 ? 0 : 41);
      }),
      { verbose: 1 },
    );
  });

  test("each attempt and each wait has a place, as long as the call has one", () => {
    const attempts = [attempt(0, 1, { errorType: "TIMEOUT" }), attempt(2, 100)];
    const [line] = drawTimeline([span(0, 100, { attempts })]).text.split("\n");
    expect(line).toContain(`|x-${"=".repeat(38)}|`);
    const early = [attempt(0, 8, { errorType: "TIMEOUT" }), attempt(12, 20)];
    const short = drawTimeline([span(0, 20, { attempts: early }), span(0, 1000)]).text;
    expect(short).toContain(`|=${" ".repeat(39)}| 20 ms`);
    expect(short).toContain("x failed; - waiting");
  });

  test("says so when there was none", () => {
    expect(drawTimeline([]).text).toBe("no calls");
  });
});

test.each([
  [0, "0 ms"],
  [0.25, "0.25 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [1250, "1.25 s"],
  [59_960, "1 min"],
  [125_000, "2 min 5 s"],
  [3_600_000, "1 h"],
  [3_661_000, "1 h 1 min"],
  [259_200_000, "3 d"],
  [266_400_000, "3 d 2 h"],
])("formatMs(%f) is %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
