import { join } from "node:path";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type Changes, hasChangeFeed } from "../../../src/memory/stores/change-feed.js";
import { type SqliteStore, sqliteStore } from "../../../src/memory/stores/sqlite.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";

const ANN = ["users", "ann"];
/** More than a reader gets at a time. */
const MANY = 4000;

/** Two stores over one file, as two processes would have. */
function openTwo(): readonly [SqliteStore, SqliteStore, file: string] {
  const file = join(temporaryFolder(), "memory.db");
  const stores = [sqliteStore(file), sqliteStore(file)] as const;
  onTestFinished(async () => {
    for (const store of stores) await store.close();
  });
  return [...stores, file];
}

const puts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({
    namespace: [...ANN, `${at % 3}`],
    key: `${from + at}`,
    value: { at: from + at },
  }));
const told = ({ puts, deletes }: Changes) => ({
  puts: puts.map(({ key, value }) => [key, value.at]),
  deletes: deletes.map(({ key }) => key),
});

test("hasChangeFeed() tells stores that have one from those that have none", () => {
  expect(hasChangeFeed(sqliteStore(":memory:"))).toBe(true);
  expect(hasChangeFeed(new InMemoryStore())).toBe(false);
});

test("changes() without a cursor tells everything below the prefix", async () => {
  const [store] = openTwo();
  await store.put(["users", "anna"], "other", { at: -1 });
  await store.put([...ANN, "x"], "key", { at: 0 });
  await store.put(ANN, "first", { at: 1 });
  await store.put([...ANN, "x"], "key", { at: 2 });
  const changes = await store.changes(ANN);
  expect(changes).toMatchObject({ complete: true, deletes: [] });
  expect(changes.puts).toMatchObject([
    { namespace: ANN, key: "first", value: { at: 1 } },
    { namespace: [...ANN, "x"], key: "key", value: { at: 2 } },
  ]);
  expect((await store.changes([])).puts).toHaveLength(3);
});

test("changes() since a cursor tells what another process put and deleted, and nothing twice", async () => {
  const [store, other] = openTwo();
  await store.batch(puts(0, 5));
  const { cursor } = await store.changes(ANN);
  expect(await store.changes(ANN, cursor)).toEqual({ cursor, complete: true, puts: [], deletes: [] });
  await other.batch([
    { namespace: [...ANN, "1"], key: "1", value: null },
    { namespace: [...ANN, "2"], key: "2", value: { at: 20 } },
    { namespace: [...ANN, "0"], key: "none", value: null },
  ]);
  await other.put(ANN, "new", { at: 6 });
  await other.put(["users", "bob"], "new", { at: 7 });
  await other.delete(["users", "bob"], "new");
  const changes = await store.changes(ANN, cursor);
  expect(told(changes)).toEqual({
    puts: [
      ["2", 20],
      ["new", 6],
    ],
    deletes: ["1"],
  });
  expect(changes.deletes).toMatchObject([{ namespace: [...ANN, "1"], key: "1" }]);
  expect(told(await store.changes(ANN, changes.cursor))).toEqual({ puts: [], deletes: [] });
});

test("changes() tells the last of what happened to an item, once", async () => {
  const [store, other] = openTwo();
  await store.put(ANN, "a", { at: 1 });
  await store.put(ANN, "b", { at: 1 });
  const { cursor } = await other.changes(ANN);
  await store.delete(ANN, "a");
  await store.put(ANN, "a", { at: 2 });
  await store.put(ANN, "b", { at: 2 });
  await store.delete(ANN, "b");
  await store.put(ANN, "c", { at: 1 });
  await store.delete(ANN, "c");
  await store.delete(ANN, "c");
  expect(told(await other.changes(ANN, cursor))).toEqual({ puts: [["a", 2]], deletes: ["a", "b", "c"] });
});

test("changes() lets others have their turn, and tells what they wrote meanwhile", async () => {
  const [store, other] = openTwo();
  await store.batch(puts(0, MANY));
  let turns = 0;
  const count = (): void => {
    turns++;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  const reading = store.changes(ANN);
  await new Promise((resolve) => setImmediate(resolve));
  const early = puts(0, 3).map(({ namespace, key }) => ({ namespace, key }));
  await other.batch([
    { ...early[0], value: null } as never,
    { ...early[1], value: { at: -1 } } as never,
    { namespace: ANN, key: "new", value: { at: -2 } },
  ]);
  const changes = await reading;
  clearImmediate(turning);
  expect(turns).toBeGreaterThanOrEqual(2);
  expect(changes.puts).toHaveLength(MANY);
  const values = new Map(changes.puts.map(({ key, value }) => [key, value.at]));
  expect([values.get("0"), values.get("1"), values.get("new")]).toEqual([undefined, -1, -2]);
  expect(changes.deletes).toMatchObject([{ namespace: [...ANN, "0"], key: "0" }]);
  expect(told(await store.changes(ANN, changes.cursor))).toEqual({ puts: [], deletes: [] });
});

test("changes() tells large values once each", async () => {
  const [store] = openTwo();
  const text = "x".repeat(400_000);
  for (let at = 0; at < 7; at++) await store.put(ANN, `${at}`, { at, text });
  expect(told(await store.changes(ANN)).puts).toEqual(Array.from({ length: 7 }, (_, at) => [`${at}`, at]));
});

test("changes() tells everything again when deletions since the cursor were forgotten", async () => {
  const [store, other, file] = openTwo();
  await store.put(ANN, "stays", { at: 1 });
  const { cursor } = await other.changes(ANN);
  await store.put(ANN, "new", { at: 2 });
  const late = await other.changes(ANN);
  for (let from = 0; from < 21_000; from += 1000) {
    await store.batch(puts(from, from + 1000));
    await store.batch(puts(from, from + 1000).map((put) => ({ ...put, value: null })));
  }
  const changes = await other.changes(ANN, cursor);
  expect(changes).toMatchObject({ complete: false, deletes: [] });
  expect(told(changes).puts).toEqual([
    ["stays", 1],
    ["new", 2],
  ]);
  expect(await other.changes(ANN, late.cursor)).toMatchObject({ complete: false });
  expect(await other.changes(ANN, changes.cursor)).toMatchObject({ complete: true, puts: [], deletes: [] });
  const database = new Sqlite(file);
  const kept = database.prepare("SELECT count(*) FROM langbaton_store_tombstones").pluck().get();
  database.close();
  expect(kept).toBeGreaterThanOrEqual(10_000);
  expect(kept).toBeLessThanOrEqual(20_000);
});

test("changes() tells everything to a reader whose cursor is from another file", async () => {
  const [store] = openTwo();
  await store.put(ANN, "key", { at: 1 });
  expect(await store.changes(ANN, 1000)).toMatchObject({ complete: false, puts: [{ key: "key" }] });
});

test("a reader that applies changes() has what the store has, whatever is written in between", async () => {
  const step = fc.record({
    namespace: fc.constantFrom(ANN, [...ANN, "x"], ["users", "anna"]),
    key: fc.constantFrom("a", "b", "c"),
    write: fc.constantFrom("put", "delete"),
    reads: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      await using store = sqliteStore(":memory:");
      const known = new Map<string, unknown>();
      let cursor: number | undefined;
      for (const [at, { namespace, key, write, reads }] of steps.entries()) {
        await store.batch([{ namespace, key, value: write === "put" ? { at } : null }]);
        if (!reads && at < steps.length - 1) continue;
        const { puts, deletes, ...rest } = await store.changes(ANN, cursor);
        cursor = rest.cursor;
        for (const each of deletes) known.delete(JSON.stringify([each.namespace, each.key]));
        for (const each of puts) known.set(JSON.stringify([each.namespace, each.key]), each.value);
        const items = await store.search(ANN, { limit: 100 });
        const held = items.map((each) => [JSON.stringify([each.namespace, each.key]), each.value]);
        expect(Object.fromEntries(known)).toEqual(Object.fromEntries(held));
      }
    }),
    { numRuns: 50 },
  );
});
