import { AIMessage } from "@langchain/core/messages";
import { Command, MemorySaver } from "@langchain/langgraph";
import { fakeModel } from "langchain";
import { describe, expect, test } from "vitest";
import { createReact } from "../../src/agents/react.js";
import { createCall, type Handler, type Middleware } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { approve } from "../../src/middleware/approve.js";
import { cache } from "../../src/middleware/cache.js";
import { fallback } from "../../src/middleware/fallback.js";
import { hedge } from "../../src/middleware/hedge.js";
import { standard } from "../../src/middleware/standard.js";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { recordTimeline } from "../../src/telemetry/timeline.js";
import { approved, callOf, files } from "../middleware/approve-bench.js";
import { FakeClock } from "../support/fake-clock.js";
import { expectApart, rectsOf, textsOf } from "./timeline-boxes.js";

const START = Date.UTC(2026, 0, 1);
const fine: Result = { content: [{ type: "text", text: "fine" }] };
const search = (rest: object = {}) =>
  createCall({ server: "web", tool: "search", args: {}, hints: { readOnly: true }, ...rest });
const broken = new BatonError("UPSTREAM", "the server broke", { retryable: true, effect: "possible" });

/** The middleware between the two of a timeline, over a tool that answers in turn after so many milliseconds. */
function setUp(
  clock: FakeClock,
  use: readonly Middleware[],
  answers: readonly (readonly [number, (Result | Error)?])[],
) {
  const timeline = recordTimeline({ clock });
  let asked = 0;
  const tool: Handler = async ({ signal }) => {
    const [afterMs, answer = fine] = answers[Math.min(asked++, answers.length - 1)] ?? [0];
    await clock.sleep(afterMs, signal);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const handler = compose([timeline.use, ...use, timeline.attempts], tool);
  const run = async (call = search(), ms = 60_000) => {
    const ended = handler(call).catch(() => {});
    await clock.advance(ms);
    await ended;
  };
  return { timeline, run };
}

describe("the timeline of a run", () => {
  test("retries show as attempts with waits between them, inside the one call", async () => {
    const clock = new FakeClock(START);
    const answers = [[100, broken], [200, broken], [50]] as const;
    const { timeline, run } = setUp(clock, standard({ clock }), answers);
    await run();
    const [span] = timeline.spans();
    expect(span?.attempts).toMatchObject([
      { startMs: START, endMs: START + 100, errorType: "UPSTREAM" },
      { errorType: "UPSTREAM" },
      { endMs: span?.endMs },
    ]);
    expect(span?.obtained?.attempts).toBe(3);

    const { svg, text } = drawTimeline(timeline.spans());
    const bars = rectsOf(svg, "lb-ok", "lb-failed").filter(({ top, bottom }) => bottom - top === 10);
    const inLane = bars.filter(({ top }) => top < 60 && top > 30);
    const [first, second, third] = inLane.filter(({ left, right }) => right - left > 2);
    expect([first?.what, second?.what, third?.what]).toEqual(["lb-failed", "lb-failed", "lb-ok"]);
    expect(second?.left).toBeGreaterThan(first?.right ?? Number.NaN);
    expect(third?.left).toBeGreaterThan(second?.right ?? Number.NaN);
    expect(svg).toContain(">attempt failed 2<");
    expect(svg).toContain(">retried 1<");
    expect(svg).toContain(">waiting 1<");
    expect(text).toMatch(/web\.search \|x+-+x+-*=+\| .*, 3 attempts\n/);
  });

  test("some milliseconds between a call and its attempts change no word of its picture", async () => {
    const wordsWith = async (overheadMs: number, callMs: number) => {
      const clock = new FakeClock(START);
      const slow: Middleware = async (call, next) => {
        await clock.sleep(overheadMs);
        const result = await next(call);
        await clock.sleep(overheadMs);
        return result;
      };
      const { timeline, run } = setUp(clock, [...standard({ clock }), slow], [[callMs]]);
      await run();
      const { svg, text } = drawTimeline(timeline.spans());
      const words = [...textsOf(svg).map(({ what }) => what), ...text.replace(/\|.*\|/g, "|").split("\n")];
      return words.filter((word) => !/\d m?s/.test(word));
    };
    const without = await wordsWith(0, 3);
    expect(await wordsWith(1, 3)).toEqual(without);
    expect(await wordsWith(4, 100)).toEqual(without);
    expect(without).toContain("ok 1");
    // A queue that is as long as the call.
    expect(await wordsWith(100, 100)).toEqual(expect.arrayContaining(["waiting 1", "- waiting"]));
  });

  test("without `attempts` a call is one bar, as it is with a cache hit that asked nobody", async () => {
    const clock = new FakeClock(START);
    const { timeline, run } = setUp(clock, [cache({ ttlMs: 60_000, clock })], [[10]]);
    await run(search(), 10);
    await run(search(), 0);
    expect(timeline.spans().map(({ attempts }) => attempts?.length)).toEqual([1, undefined]);
    const { svg } = drawTimeline(timeline.spans());
    expect(rectsOf(svg, "lb-hollow")).toHaveLength(2); // The call's and the legend's.
    expect(svg).toContain(">not sent: 1 from cache<");
    expect(drawLatency(timeline.spans()).text).toContain(
      "2 calls, 1 not sent, p50 10 ms, p95 10 ms, p99 10 ms",
    );
  });

  test("both requests of a hedge are drawn above each other, the slower one as given up", async () => {
    const clock = new FakeClock(START);
    // A hedge learns from 20 calls what late is, and may send one request more after another 20.
    const usual = Array.from({ length: 40 }, (_, index) => [index < 20 ? 10 : 9] as const);
    const { timeline, run } = setUp(clock, [hedge({ clock })], [...usual, [500], [10]]);
    for (let call = 0; call < 40; call++) await run(search(), 10);
    await run();
    const span = timeline.spans().at(-1);
    expect(span?.attempts).toMatchObject([{ givenUp: true }, { startMs: START + 410 }]);
    expect(span?.attempts?.[1]).not.toHaveProperty("errorType");

    const { svg } = drawTimeline(timeline.spans().slice(-1));
    const [slow] = rectsOf(svg, "lb-given-up");
    const fast = rectsOf(svg, "lb-ok").find(({ top, bottom }) => Math.abs(bottom - top - 6) < 0.01);
    expect(fast?.top).toBeGreaterThanOrEqual(slow?.bottom ?? Number.NaN);
    expect(fast?.left).toBeGreaterThan(slow?.left ?? Number.NaN);
    expect(svg).toContain(">attempt given up 1<");
    expect(svg).toContain(">hedged 1<");
  });

  test("a call that a breaker held back is drawn hollow, and counts in no percentile", async () => {
    const clock = new FakeClock(START);
    const options = { clock, retry: false, breaker: { consecutive: 1, openMs: 60_000 } } as const;
    const { timeline, run } = setUp(clock, standard(options), [[30, broken]]);
    await run(search(), 30);
    await run(search(), 5);
    const { svg, text } = drawTimeline(timeline.spans());
    expect(rectsOf(svg, "lb-hollow").map(({ what }) => what)).toContain("lb-hollow lb-failed");
    expect(svg).toContain(">not sent: 1 held back<");
    expect(text).toContain("CIRCUIT_OPEN, held back");
    expect(drawLatency(timeline.spans()).text).toContain("2 calls, 1 failed, 1 not sent, p50 30 ms");
  });

  test("a result under a key and one of a fallback have their own marks", async () => {
    const clock = new FakeClock(START);
    const options = { clock, retry: false, fallback: { to: "mirror.*" } } as const;
    const { timeline, run } = setUp(clock, standard(options), [[5], [5, broken], [5]]);
    const keyed = { idempotencyKey: "k", caller: { tenant: "t" } };
    await run(search(keyed), 5);
    await run(search({ ...keyed, id: "2" }), 5);
    await run(search({ id: "3" }), 100);
    const { svg } = drawTimeline(timeline.spans());
    expect(svg).toContain(">not sent: 1 kept result<");
    expect(svg).toContain(">fallback 1<");
    expect(svg).toContain(" · fallback · by mirror.search<");
    expect(timeline.spans()[2]?.attempts?.map(({ server }) => server)).toEqual(["web", "mirror"]);
  });

  test("an answer that was given instead of the tool's is a fallback too", async () => {
    const clock = new FakeClock(START);
    const { timeline, run } = setUp(clock, [fallback({ result: "later" })], [[5, broken]]);
    await run(search(), 5);
    expect(drawTimeline(timeline.spans()).svg).toContain(">search · 5 ms · fallback<");
  });

  test("the wait for a person in a real graph is a hatched bar between the two calls that it parts", async () => {
    const clock = new FakeClock(START);
    const timeline = recordTimeline({ clock });
    const takes: Middleware = async (call, next) => {
      await clock.advance(40);
      return next(call);
    };
    const tools = await files().load(timeline.use, approve({ clock }), timeline.attempts, takes);
    const model = fakeModel()
      .respondWithTools([callOf("1", "remove", "a"), callOf("2", "read", "b")])
      .respond(new AIMessage("Done."));
    const agent = createReact({ model, tools, graph: { checkpointer: new MemorySaver() } });
    const thread = { configurable: { thread_id: "t" } };
    await agent.invoke({ messages: "Tidy up!" }, thread);
    await clock.advance(3000);
    await agent.invoke(new Command({ resume: approved }), thread);
    const spans = timeline.spans();
    const stopped = spans.find(({ interrupted }) => interrupted);
    const resumed = spans.find(({ resumes }) => resumes !== undefined);
    expect(spans).toHaveLength(3);
    expect(resumed).toMatchObject({
      tool: "remove",
      toolCallId: "1",
      resumes: { id: stopped?.id, sinceMs: stopped?.endMs },
      attempts: [{ server: "files", startMs: resumed?.startMs, endMs: resumed?.endMs }],
    });

    const { svg, text } = drawTimeline(spans);
    expect(svg).toContain(">waited for a person 1<");
    expect(svg).toMatch(/>remove · 40 ms · waited for a person 3\.\d\d s</);
    expect(svg.match(/class="lb-wait"/g)).toHaveLength(2); // The call's and the legend's.
    expect(text).toMatch(/files\.remove \| *:+=+ *\| 40 ms, waited for a person 3/);
    // The call that was stopped has no label and no row of its own.
    expectApart(textsOf(svg));
    expect(svg.match(/>remove · /g)).toHaveLength(1);
  });
});
