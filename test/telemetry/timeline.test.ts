import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { recordTimeline, type TimelineSpan } from "../../src/telemetry/timeline.js";
import { columnsOf, formatMs } from "../../src/telemetry/timeline-facts.js";
import { timelineText } from "../../src/telemetry/timeline-text.js";
import { obeysLaws } from "../middleware/laws.js";
import { root } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";

const fine: Result = { content: [{ type: "text", text: "canary-1" }] };
const call = createCall({ server: "files", tool: "read", args: { path: "canary-2" } });
const START = Date.UTC(2026, 0, 1);
const span = (fromMs: number, toMs: number, more: Partial<TimelineSpan> = {}): TimelineSpan => ({
  id: "x",
  server: "files",
  tool: "read",
  startMs: START + fromMs,
  endMs: START + toMs,
  ...more,
});

obeysLaws("recordTimeline().use", (clock) => recordTimeline({ clock }).use);

describe("recordTimeline()", () => {
  test("notes when each call ran and how it ended, and none of its content", async () => {
    const clock = new FakeClock(START);
    const { use, spans } = recordTimeline({ clock });
    await use(call, async () => {
      await clock.advance(20);
      return { ...fine, obtained: { attempts: 2 } };
    });
    const failing = use(call, () => Promise.reject(new BatonError("TIMEOUT", "canary-3")));
    await failing.catch(() => {});
    await use(call, async () => ({ ...fine, isError: true }));
    void use(call, () => new Promise(() => {}));
    expect(spans()).toMatchObject([
      {
        id: call.id,
        server: "files",
        tool: "read",
        startMs: START,
        endMs: START + 20,
        obtained: { attempts: 2 },
      },
      { startMs: START + 20, endMs: START + 20, errorType: "TIMEOUT" },
      { errorType: "tool_error" },
      { startMs: START + 20 },
    ]);
    expect(spans()[3]).not.toHaveProperty("endMs");
    expect(JSON.stringify(spans())).not.toContain("canary");
  });

  test("keeps the latest calls, and a forgotten one stays so when it ends", async () => {
    const { use, spans } = recordTimeline({ maxCalls: 2 });
    let release = () => {};
    const first = use(call, () => new Promise((resolve) => (release = () => resolve(fine))));
    for (const tool of ["a", "b"]) await use({ ...call, tool }, async () => fine);
    release();
    await first;
    expect(spans().map(({ tool }) => tool)).toEqual(["a", "b"]);
  });
});

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of all texts, and of all bars with a title, as a monospaced font of 11 pixels sets them. */
function boxesOf(svg: string): Box[] {
  const texts = [...svg.matchAll(/<text [^>]*x="([\d.-]+)" y="([\d.]+)">([^<]*)<\/text>/g)].map(
    ([, x, y, content]) => {
      const shown = (content ?? "").replace(/&\w+;/g, "?");
      return {
        left: Number(x),
        right: Number(x) + columnsOf(shown) * 6.6,
        top: Number(y) - 9,
        bottom: Number(y) + 2,
      };
    },
  );
  const bars = [
    ...svg.matchAll(/<rect class="[^"]*" x="([\d.-]+)" y="(\d+)" width="([\d.]+)" height="8"/g),
  ].map(([, x, y, width]) => ({
    left: Number(x),
    right: Number(x) + Number(width),
    top: Number(y),
    bottom: Number(y) + 8,
  }));
  return [...texts, ...bars];
}

const meet = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Throws unless every element is closed in order and every text is escaped. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, isEnd, name, attributes = "", isEmpty] of xml.matchAll(/<(\/?)([\w:]+)([^<>]*?)(\/?)>/g)) {
    expect(attributes).toMatch(/^(\s+[\w:-]+="[^"<&]*")*\s*$/);
    if (isEnd) expect(open.pop()).toBe(name);
    else if (!isEmpty) open.push(name ?? "");
  }
  expect(open).toEqual([]);
  const text = xml.replace(/<\/?[\w:]+[^<>]*>/g, "");
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)|[^\P{Cc}\n]|\p{Cs}/u);
}

describe("drawTimeline()", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "files",
      "web-search",
      "read_text_file",
      "日本語の道具",
      '<b>&"\u0000\ud800',
      "x".repeat(200),
    ),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  const ms = fc.oneof(fc.nat(10), fc.nat(10_000), fc.nat(10_000_000));
  const anySpan = fc
    .record({
      server: name,
      tool: name,
      fromMs: ms,
      lastsMs: fc.option(ms, { nil: undefined }),
      errorType: fc.constantFrom(undefined, "tool_error", "TIMEOUT"),
      interrupted: fc.constantFrom(undefined, true),
      attempts: fc.constantFrom(1, 2, 12),
      hedged: fc.boolean(),
      answering: fc.option(name, { nil: undefined }),
    })
    .map(({ server, tool, fromMs, lastsMs, errorType, interrupted, attempts, hedged, answering }) => ({
      id: "x",
      server,
      tool,
      startMs: START + fromMs,
      ...(lastsMs !== undefined && { endMs: START + fromMs + lastsMs }),
      ...(errorType !== undefined && { errorType }),
      ...(interrupted && { interrupted }),
      obtained: { attempts, hedged, ...(answering !== undefined && { server: answering }) },
    }));
  const runs = fc.array(anySpan, { maxLength: 12 });

  test("is a picture of its own: well-formed, whatever tools are called", () => {
    fc.assert(
      fc.property(runs, (run) => assertWellFormed(drawTimeline(run))),
      { verbose: 1 },
    );
  });

  test("no label covers another label or a bar, and none is cut off", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const boxes = boxesOf(drawTimeline(run));
        for (const [index, box] of boxes.entries()) {
          expect(box.left).toBeGreaterThanOrEqual(0);
          expect(box.right).toBeLessThanOrEqual(960);
          for (const other of boxes.slice(index + 1))
            expect([box, other, meet(box, other)]).toEqual([box, other, false]);
        }
      }),
      { verbose: 1 },
    );
  });

  test("shows servers, tools, times and what was special", () => {
    const svg = drawTimeline([
      span(0, 1250, { obtained: { attempts: 3, hedged: true, server: "replica" } }),
      span(10, 11, { obtained: { cache: "hit" } }),
      span(20, 30, { server: "mail", tool: "send", interrupted: true }),
      span(20, 40, { errorType: "TIMEOUT" }),
    ]);
    expect(svg).toContain(">read · 1.25 s · 3 attempts · hedged · by replica.read<");
    expect(svg).toContain(">read · 1 ms · from cache<");
    expect(svg).toContain(">send · 10 ms · interrupted<");
    expect(svg).toContain(">read · 20 ms · TIMEOUT<");
    expect(svg).toContain(">ok 2<");
    expect(svg).toContain('aria-label="4 calls, 2 servers, 1.25 s"');
  });

  test("places a bar by its time", () => {
    const widths = [...drawTimeline([span(0, 1000), span(0, 500)]).matchAll(/width="([\d.]+)" height="8"/g)];
    const [whole, half] = widths.map(([, width]) => Number(width));
    expect((half ?? 0) / (whole ?? 1)).toBeCloseTo(0.5, 2);
  });

  test("needs nothing from elsewhere", () => {
    const svg = drawTimeline([span(0, 1)]).replace("http://www.w3.org/2000/svg", "");
    expect(svg).not.toMatch(/https?:|url\(|@import|<script|<image/);
  });
});

describe("timelineText()", () => {
  test("has a line for each call", () => {
    const text = timelineText([span(0, 50), span(50, 100, { tool: "write", errorType: "tool_error" })]);
    expect(text.split("\n")).toEqual([
      `files.read  |${"=".repeat(20)}${" ".repeat(20)}| 50 ms`,
      `files.write |${" ".repeat(20)}${"=".repeat(20)}| 50 ms, tool error`,
      `            0${"100 ms".padStart(41)}`,
    ]);
  });

  test("looks as the page on observability shows it", () => {
    const text = timelineText([
      span(0, 80, { tool: "read_text_file" }),
      span(5, 6, { tool: "read_text_file", obtained: { cache: "hit" } }),
      span(100, 1430, { server: "enterprise", tool: "search_knowledge_base", obtained: { attempts: 3 } }),
      span(150, 3350, {
        server: "web-search",
        tool: "fetch",
        errorType: "TIMEOUT",
        obtained: { attempts: 2 },
      }),
    ]);
    expect(readFileSync(join(root, "docs/observability.md"), "utf8")).toContain(`\`\`\`\n${text}\n\`\`\``);
  });

  test("says so when there was none", () => {
    expect(timelineText([])).toBe("no calls");
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
])("formatMs(%f) is %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
