import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "../../../src/memory/stores/sqlite.js";
import { run } from "../../support/child.js";
import { killWriters, storeWriter } from "../../support/kill-writers.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";

const nodeOptions = ["--import", "tsx"];
const module = new URL("../../../src/memory/stores/sqlite.ts", import.meta.url).href;
const newFile = () => join(temporaryFolder(), "memory.db");

test("processes that write to one new file at the same time all succeed, and every item is there", async () => {
  const file = newFile();
  const names = ["one", "two", "three"];
  const writers = await Promise.all(
    names.map((name) => run(process.execPath, [...nodeOptions, storeWriter, module, file, name, "50", "40"])),
  );
  expect(writers.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    names.map(() => ({ code: 0, stderr: "" })),
  );
  await using store = sqliteStore(file);
  for (const name of names) {
    const items = await store.search(["writers", name], { limit: 10_000 });
    expect(new Set(items.map(({ namespace, key }) => `${namespace[2]} ${key}`)).size).toBe(2000);
  }
  const { puts, cursor } = await store.changes([]);
  expect(puts).toHaveLength(6000);
  expect(cursor).toBe(6000);
}, 60_000);

test("whatever a process has acknowledged is there after it was killed, whole batches alone, in a sound file", async () => {
  const file = newFile();
  const report = await killWriters({ file, kills: 5, nodeOptions, module, open: sqliteStore });
  expect(report).toMatchObject({ lost: 0, torn: 0, damaged: 0 });
  expect(report.acknowledged).toBeGreaterThanOrEqual(5 * 20);
}, 60_000);
