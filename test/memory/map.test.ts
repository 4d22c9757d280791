import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { createMemory } from "../../src/memory/memory.js";
import { FakeClock } from "../support/fake-clock.js";

const START = Date.UTC(2026, 0, 5, 9);
const MINUTE = 60_000;
const at = (minutes: number) => new Date(START + minutes * MINUTE);
const create = (clock = new FakeClock(START + 60 * MINUTE)) =>
  createMemory({
    store: new InMemoryStore(),
    namespace: ["users", "alice"],
    shortTerm: { maxMessages: 2 },
    clock,
  });
const turns = (...minutes: readonly number[]) =>
  minutes.map((minute, index) => ({
    text: `Turn ${minute}`,
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    time: at(minute),
  }));

test("map() has each thread in order with its window, the newest thread first, and each fact", async () => {
  const clock = new FakeClock(START + 60 * MINUTE);
  const memory = create(clock);
  await memory.remember(turns(1, 2, 3, 4), { threadId: "old" });
  await memory.remember(turns(5, 6), { threadId: "new" });
  const [rome] = await memory.remember("Alice lives in Rome", { time: at(0) });
  const [oslo] = await memory.remember("Alice lives in Oslo", { time: at(9), supersedes: rome?.id ?? "" });
  await memory.remember("The code is 4711", { time: at(10), ttlMs: MINUTE });
  await clock.advance(MINUTE);
  await memory.recall("Oslo", { limit: 1 });
  const { threads, facts, leftOut } = await memory.map();
  expect(threads.map(({ threadId }) => threadId)).toEqual(["new", "old"]);
  expect(threads[1]?.messages.map(({ text, isInWindow }) => [text, isInWindow])).toEqual([
    ["Turn 1", false],
    ["Turn 2", false],
    ["Turn 3", true],
    ["Turn 4", true],
  ]);
  expect(threads[1]).toMatchObject({ window: { messages: 2 }, leftOut: 0 });
  expect(facts).toMatchObject([
    { text: "Alice lives in Rome", supersededBy: oslo?.id, isExpired: false },
    { text: "Alice lives in Oslo", hits: 1 },
    { text: "The code is 4711", isExpired: true },
  ]);
  expect(leftOut).toEqual({ messages: 0, inWindow: 0, facts: 0, threads: 0 });
  expect((await memory.stats()).hits).toBe(1);
});

test("map() keeps the newest of a large memory, and counts the rest", async () => {
  const memory = create();
  await memory.remember(turns(1, 2, 3, 4), { threadId: "old" });
  await memory.remember(turns(5, 6, 7, 8), { threadId: "new" });
  await memory.remember("A fact from the beginning", { time: at(0) });
  const { threads, facts, leftOut } = await memory.map({ maxItems: 1 });
  expect(threads).toMatchObject([
    { threadId: "new", messages: [{ text: "Turn 8" }], window: { messages: 2 }, leftOut: 3 },
  ]);
  expect(facts).toEqual([]);
  expect(leftOut).toEqual({ messages: 7, inWindow: 3, facts: 1, threads: 1 });
});

test("map() shows the beginning of a long text in one line, and refuses what is no number of items", async () => {
  const memory = create();
  await memory.remember(`long\n${"words ".repeat(100)}`);
  const [fact] = (await memory.map()).facts;
  expect(fact?.text).toMatch(/^long words .*…$/);
  expect(fact?.text.length).toBeLessThanOrEqual(160);
  for (const options of [{ maxItems: 0 }, { maxItems: 1.5 }, { most: 3 }])
    await expect(memory.map(options as object)).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
});
