import { expect, test } from "vitest";
import { createLateIndex } from "../../src/memory/late-index.js";
import type { IndexedItem } from "../../src/memory/recall/ranked.js";
import { FakeClock, settle } from "../support/fake-clock.js";

const item = (id: string, text: string): IndexedItem => ({
  id,
  text,
  kind: "fact",
  role: "user",
  threadId: "",
  time: "2026-01-01T00:00:00Z",
  sequence: 0,
});
const ids = async (index: ReturnType<typeof createLateIndex>, query: string) =>
  (await index.whole()).search(query, { limit: 10, now: 0 }).map(({ id }) => id);

test("createLateIndex() has all that was added when it is asked, and nothing that was removed", async () => {
  const index = createLateIndex(new FakeClock());
  index.add([item("a", "red lamp"), item("b", "blue lamp stand")]);
  index.remove("a");
  index.remove("unknown");
  expect(await ids(index, "lamp")).toEqual(["b"]);
  index.add([item("a", "red lamp"), item("a", "red lamp")]);
  expect(new Set(await ids(index, "lamp"))).toEqual(new Set(["a", "b"]));
  index.remove("b");
  expect(await ids(index, "lamp")).toEqual(["a"]);
});

test("createLateIndex() takes items in when nobody writes for a moment, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  const index = createLateIndex(clock);
  index.add(Array.from({ length: 250 }, (_, n) => item(`${n}`, `lamp number ${n}`)));
  expect(clock.pending).toBe(1);
  await clock.advance(60);
  index.add([item("last", "lamp at last")]);
  await clock.advance(60);
  expect(clock.pending).toBe(1);
  await clock.advance(100);
  for (let turn = 0; turn < 5; turn++) await settle();
  expect(clock.pending).toBe(0);
  expect(await ids(index, "at last")).toContain("last");
});

test("createLateIndex() lets others have their turn while it takes in much", async () => {
  const index = createLateIndex(new FakeClock());
  index.add(Array.from({ length: 1000 }, (_, n) => item(`${n}`, `lamp number ${n}`)));
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 1000) setImmediate(count);
  };
  setImmediate(count);
  await index.whole();
  expect(turns).toBeGreaterThanOrEqual(5);
});
