import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { createMemory, type MemoryOptions } from "../../src/memory/memory.js";
import { drawMemory } from "../../src/telemetry/draw-memory.js";
import { FakeClock } from "../support/fake-clock.js";
import { absolute } from "./absolute.js";
import { expectApart, expectWellFormed, rectsOf, textsOf } from "./timeline-boxes.js";

const START = Date.UTC(2026, 0, 5, 9);
const DAY = 86_400_000;
const at = (days: number) => new Date(START + days * DAY);

function create(options: Partial<MemoryOptions> = {}) {
  return createMemory({
    store: new InMemoryStore(),
    namespace: ["users", "alice"],
    clock: new FakeClock(START + 30 * DAY),
    ...options,
  });
}

const turns = (count: number, day: number) =>
  Array.from({ length: count }, (_, index) => ({
    text: `Turn ${index} on the hotel ${"and so on ".repeat(index % 7)}`,
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    time: new Date(START + day * DAY + index * 60_000),
  }));

function expectGood(svg: string): void {
  expectWellFormed(svg);
  const placed = absolute(svg);
  expectApart(textsOf(placed));
  const marks = rectsOf(placed, "lb-user", "lb-assistant", "lb-tool", "lb-fact");
  for (const { left, right } of marks) expect(left >= 0 && right <= 960).toBe(true);
}

describe("drawMemory()", () => {
  test("draws an empty memory, and one of a single moment", async () => {
    const memory = create();
    const empty = drawMemory(await memory.map());
    expectGood(empty.svg);
    // No notes were given, so the picture does not speak of them.
    expect(textsOf(empty.svg).map(({ what }) => what)).not.toContain("working");
    expect(empty.text).toBe(
      "short-term (window)\n  no message yet\nlong-term\n  0 messages beyond the windows, 0 facts",
    );
    await memory.remember("Alice is allergic to peanuts");
    const { svg, text } = drawMemory(await memory.map(), { working: {} });
    expectGood(svg);
    expect(text).toMatchInlineSnapshot(`
      "working
        no notes
      short-term (window)
        no message yet
      long-term
        0 messages beyond the windows, 1 fact
            2026-02-04 09:00 fact: Alice is allergic to peanuts"
    `);
  });

  test("shows windows, corrections, what is over, and what recall found by rank", async () => {
    const clock = new FakeClock(START + 30 * DAY);
    const memory = create({ shortTerm: { maxMessages: 4 }, clock });
    await memory.remember(turns(10, 2), { threadId: "holiday" });
    await memory.remember(turns(3, 9), { threadId: '<b>"work"</b> & 写报告 \u0000' });
    const [rome] = await memory.remember("Alice lives in Rome", { time: at(1) });
    await memory.remember("Alice lives in Oslo", { time: at(20), supersedes: rome?.id ?? "" });
    await memory.remember("The code is 4711", { time: at(3), ttlMs: DAY });
    await clock.advance(DAY);
    const found = await memory.recall("Where does Alice live?", { limit: 1 });
    const working = { goal: "book <a> hotel", budget: 400, notes: ["Astoria"] };
    const { svg, text } = drawMemory(await memory.map(), { found, working });
    expectGood(svg);
    expect(rectsOf(svg, "lb-window")).toHaveLength(2);
    expect(rectsOf(svg, "lb-beyond")).toHaveLength(6);
    expect(svg.match(/class="lb-arrow"/g)).toHaveLength(1);
    // The item, and what the legend says of its mark.
    expect(rectsOf(svg, "lb-over-time")).toHaveLength(2);
    expect(rectsOf(svg, "lb-found-row")).toHaveLength(1);
    expect(text).toMatchInlineSnapshot(`
      "working
        goal: book <a> hotel
        budget: 400
        notes: ["Astoria"]
      short-term (window)
        <b>"work"</b> & 写报告  [uau] 3 messages, 24 tokens
        holiday … [uaua] 4 messages, 47 tokens, 6 before
      long-term
        6 messages beyond the windows, 3 facts
            2026-01-06 09:00 fact: Alice lives in Rome · corrected by "Alice lives in Oslo"
         1. 2026-01-25 09:00 fact: Alice lives in Oslo · found 1×
            2026-01-08 09:00 fact: The code is 4711 · its time is over"
    `);
  });

  test("sums up a large memory, and says what its map leaves out", async () => {
    const memory = create();
    for (let thread = 0; thread < 40; thread++)
      await memory.remember(turns(50, thread / 2), { threadId: `thread ${thread}` });
    for (let fact = 0; fact < 30; fact++)
      await memory.remember(`Fact ${fact} on the hotel`, { time: at(fact) });
    const found = await memory.recall("What do we know of the hotel?", { limit: 20 });
    const working = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`key ${index}`, index]));
    for (const maxItems of [10, 500, 5000]) {
      const { svg, text } = drawMemory(await memory.map({ maxItems }), { found, working });
      expectGood(svg);
      expect(svg.length).toBeLessThan(200_000);
      expect(text.split("\n").length).toBeLessThan(80);
      expect(svg).toContain("40 threads, 2,000 messages, 30 facts");
      expect(text).toContain("400 messages beyond the windows, 30 facts");
    }
  });

  test("shows who spoke, and says what ×1 means", async () => {
    const memory = create();
    await memory.remember([{ text: "Where is the hotel?", speaker: "Ann" }], { threadId: "t" });
    await memory.recall("Where is the hotel?", { limit: 1 });
    const found = await memory.recall("Where is the hotel?", { limit: 1 });
    const { svg, text } = drawMemory(await memory.map(), { found });
    expectGood(svg);
    expect(svg).toContain(">Ann in t: Where is the hotel? · ×2<");
    expect(svg).toContain(">×2</text>");
    expect(svg).toContain(">how often it was found so far<");
    expect(text).toContain(" Ann in t: Where is the hotel? · found 2×");
  });

  test("shows notes that are no JSON", async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const { svg, text } = drawMemory(await create().map(), {
      working: { cycle, large: 10n, none: undefined },
    });
    expectGood(svg);
    expect(text).toContain("cycle: (not JSON: TypeError)\n  large: (not JSON: TypeError)\n  none: null");
  });

  test.each([
    ["null", null],
    ["finds that are no list", { found: "x" }],
    ["a find without an id", { found: [{}] }],
    ["notes that are none", { working: 10n }],
    ["a list of notes", { working: [] }],
    ["a misspelt key", { fuond: [] }],
  ])("refuses options of %s", async (_, options) => {
    const map = await create().map();
    expect(() => drawMemory(map, options as object)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  test.each([
    ["no map", null],
    ["a map without facts", { threads: [], leftOut: {} }],
    ["a fact of no time", { threads: [], facts: [{ id: "7", time: "yesterday" }], leftOut: {} }],
  ])("refuses %s", (_, map) => {
    expect(() => drawMemory(map as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENTS" }));
  });
});
