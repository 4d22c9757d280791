import { describe, expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError, type ErrorCode } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { recordTimeline } from "../../src/telemetry/timeline.js";
import { FakeClock } from "../support/fake-clock.js";
import { rectsOf } from "./timeline-boxes.js";
import { attempt, span } from "./timeline-spans.js";

const START = Date.UTC(2026, 0, 1);
const fine: Result = { content: [] };
const call = createCall({ server: "web", tool: "search", args: {} });
const UNSENT: readonly ErrorCode[] = [
  "DENIED",
  "REJECTED",
  "CIRCUIT_OPEN",
  "OVERLOADED",
  "RATE_LIMITED",
  "NOT_CONNECTED",
  "INVALID_ARGUMENTS",
];

describe("a call for which nothing was sent", () => {
  test.each(UNSENT)("without attempts is told by its code: %s", (errorType) => {
    const run = [span(0, 30), span(40, 41, { errorType })];
    expect(drawLatency(run).text).toContain("2 calls, 1 not sent, p50 30 ms, p95 30 ms");
    expect(rectsOf(drawTimeline(run).svg, "lb-hollow").map(({ what }) => what)).toContain(
      "lb-hollow lb-failed",
    );
  });

  test("one that had an attempt, or more than one try, was sent whatever its code", () => {
    const errorType = "RATE_LIMITED";
    const attempted = span(0, 30, { errorType, attempts: [attempt(0, 30, { errorType })] });
    for (const run of [[attempted], [span(0, 30, { errorType, obtained: { attempts: 3 } })]]) {
      expect(drawLatency(run).text).toContain("1 call, 1 failed, p50 30 ms");
      expect(rectsOf(drawTimeline(run).svg, "lb-hollow")).toEqual([]);
    }
  });

  test("is known for sure where attempts are noted, whatever its error", async () => {
    const clock = new FakeClock(START);
    const { use, attempts, spans } = recordTimeline({ clock });
    const asks = compose([use, attempts], async () => {
      await clock.advance(20);
      return fine;
    });
    const refuses = compose([use, () => Promise.reject(new TypeError("a rule that broke")), attempts], asks);
    await refuses(call).catch(() => {});
    expect(spans()[0]).not.toHaveProperty("isSent");
    await asks({ ...call, id: "2" });
    expect(spans().map(({ isSent }) => isSent)).toEqual([false, true]);
    expect(drawLatency(spans()).text).toContain("2 calls, 1 not sent, p50 20 ms");
    // Another server may be called without `attempts`.
    await use({ ...call, id: "3", server: "mail" }, async () => fine);
    expect(spans()[2]).not.toHaveProperty("isSent");
  });

  test("arguments that the server refused went to it, also where no attempts are noted", async () => {
    const clock = new FakeClock(START);
    const { use, spans } = recordTimeline({ clock });
    const refused = new BatonError("INVALID_ARGUMENTS", "no", { data: { rpcCode: -32602 } });
    await use(call, async () => {
      await clock.advance(20);
      throw refused;
    }).catch(() => {});
    expect(drawLatency(spans()).text).toContain("1 call, 1 failed, p50 20 ms");
  });

  test("is told once in the legend, with why", () => {
    const held = span(30, 30, { errorType: "CIRCUIT_OPEN" });
    const kept = span(30, 30, { obtained: { cache: "hit" } });
    const denied = span(30, 30, { errorType: "DENIED" });
    const legendOf = (...run: Parameters<typeof drawTimeline>[0]) =>
      [...drawTimeline(run).svg.matchAll(/>((?:ok|failed|not sent)[^<]*)</g)].map(([, label]) => label);
    expect(legendOf(span(0, 20), held, held, held)).toEqual(["ok 1", "not sent: 3 held back"]);
    expect(legendOf(held, kept, denied)).toEqual(["not sent: 1 from cache, 1 held back, 1 other"]);
    expect(legendOf(denied)).toEqual(["not sent 1"]);
  });

  test("is drawn wide enough for its hollow to be seen, however short", () => {
    const { svg } = drawTimeline([span(0, 0, { obtained: { cache: "hit" } }), span(0, 100_000)]);
    const [bar] = rectsOf(svg, "lb-hollow");
    // Within the stroke of 1.5 pixels.
    expect((bar?.right ?? 0) - (bar?.left ?? 0) - 1.5).toBeGreaterThanOrEqual(4);
  });
});

describe("what a timeline notes", () => {
  test("spans have no more than their fields", async () => {
    const { use, attempts, spans } = recordTimeline();
    const failed = new BatonError("UPSTREAM", "no", { data: { rpcCode: -32000 } });
    await use(call, (same) => attempts(same, () => Promise.reject(failed))).catch(() => {});
    await use(call, async () => fine);
    expect(Object.keys(spans()[0] ?? {}).sort()).toEqual(
      ["attempts", "endMs", "errorType", "id", "isSent", "server", "startMs", "tool"].sort(),
    );
    expect(spans()[1]).not.toHaveProperty("obtained");
  });

  test("an end before its start is one at it", async () => {
    const clock = new FakeClock(START);
    const backwards = {
      ...clock,
      now: () => now,
      sleep: clock.sleep,
      after: clock.after,
      random: clock.random,
    };
    let now = START;
    const { use, attempts, spans } = recordTimeline({ clock: backwards });
    await use(call, (same) =>
      attempts(same, async () => {
        now -= 500;
        return fine;
      }),
    );
    expect(spans()).toMatchObject([
      { startMs: START, endMs: START, attempts: [{ startMs: START, endMs: START }] },
    ]);
  });

  test("a call that has not ended is as long as it was when it was asked for", async () => {
    const clock = new FakeClock(START);
    const { use, spans } = recordTimeline({ clock });
    await use(call, async () => fine);
    void use({ ...call, id: "2" }, () => new Promise(() => {}));
    await clock.advance(400);
    expect(spans()[1]).toMatchObject({ seenMs: START + 400 });
    expect(spans()[0]).not.toHaveProperty("seenMs");
    const { svg } = drawTimeline(spans());
    expect(svg).toContain('aria-label="2 calls, 1 server, 400 ms"');
    expect(svg).toContain(">search · 400 ms · running<");
  });

  test("attempts keep their number when older ones are dropped", async () => {
    const clock = new FakeClock(START);
    const { use, attempts, spans } = recordTimeline({ clock, maxAttempts: 2 });
    await use(call, async (same) => {
      for (let count = 0; count < 4; count++)
        await attempts(same, async () => {
          await clock.advance(10);
          return fine;
        });
      return fine;
    });
    const { svg } = drawTimeline(spans());
    expect([...svg.matchAll(/<title>(attempt \d)/g)].map(([, title]) => title)).toEqual([
      "attempt 3",
      "attempt 4",
    ]);
  });

  test("attempts at the same time lie apart, however many, and the one that won is the thickest", () => {
    const lost = { errorType: "CANCELLED", givenUp: true };
    const run = (most: number) =>
      span(0, 100, {
        attempts: Array.from({ length: most }, (_, index) => attempt(index, 100, index === 1 ? {} : lost)),
      });
    for (const most of [2, 4, 7]) {
      const inBar = rectsOf(drawTimeline([run(most)]).svg, "lb-ok", "lb-given-up").filter(
        ({ left, right, top, bottom }) => right - left > 20 && bottom - top !== 1.5 && top < 60,
      );
      const blocks = inBar.sort((a, b) => a.top - b.top);
      expect(blocks).toHaveLength(most);
      for (const [index, { bottom }] of blocks.entries())
        expect(blocks[index + 1]?.top ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(bottom - 0.11);
      const heights = blocks.map(({ top, bottom, what }) => ({ what, height: bottom - top }));
      const won = heights.find(({ what }) => what === "lb-ok")?.height ?? 0;
      for (const { what, height } of heights) if (what !== "lb-ok") expect(won).toBeGreaterThan(1.5 * height);
    }
  });
});
