import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { sqliteIdempotency } from "../../../src/middleware/stores/sqlite-idempotency.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";
import { keepsKeys, running } from "./contract.js";

const newFile = () => join(temporaryFolder(), "deep", "keys.db");

describe("sqliteIdempotency()", () => {
  const store = sqliteIdempotency(newFile());
  afterAll(() => store.close());
  keepsKeys("in SQLite", () => store);

  test("opens its file at first use, and again after it was closed", async () => {
    const file = newFile();
    const store = sqliteIdempotency(file);
    expect(existsSync(file)).toBe(false);
    const record = running();
    await store.begin("key", record);
    await store.close();
    expect(await store.begin("key", running())).toEqual(record);
    await store.close();
    await store.close();
  });

  test("two that open one new file at the same moment both work, and see each other", async () => {
    const file = newFile();
    const stores = [1, 2, 3, 4].map(() => sqliteIdempotency(file));
    const answers = await Promise.all(stores.map((each) => each.begin("key", running())));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    await Promise.all(stores.map((each) => each.close()));
  });

  test("says what is wrong with a file that is no database, and opens it once it is right", async () => {
    const file = join(temporaryFolder(), "keys.db");
    writeFileSync(file, "this is no database, but it is long enough to look like a broken one".repeat(100));
    const store = sqliteIdempotency(file);
    onTestFinished(() => store.close());
    await expect(store.begin("key", running())).rejects.toThrow(/not a database/);
    writeFileSync(file, "");
    expect(await store.begin("key", running())).toBeUndefined();
  });

  test("rejects while another process keeps the file locked, and does not crash", async () => {
    const file = newFile();
    const store = sqliteIdempotency(file);
    onTestFinished(() => store.close());
    await store.begin("first", running());
    const other = new Sqlite(file);
    other.exec("BEGIN IMMEDIATE");
    await expect(store.begin("key", running())).rejects.toThrow(/locked/);
    other.exec("ROLLBACK");
    other.close();
    expect(await store.begin("key", running())).toBeUndefined();
  });

  test("removes what has expired", async () => {
    const file = newFile();
    const store = sqliteIdempotency(file);
    const old = running();
    for (let each = 0; each < 150; each++) await store.begin(`old ${each}`, old);
    for (let each = 0; each < 101; each++) await store.begin(`new ${each}`, running({ at: old.expiresAt }));
    await store.close();
    const database = new Sqlite(file);
    const rows = database.prepare("SELECT count(*) FROM langbaton_idempotency").pluck().get();
    database.close();
    expect(rows).toBe(101);
  });

  test("rejects for a path that cannot be a file", async () => {
    await expect(sqliteIdempotency(temporaryFolder()).begin("key", running())).rejects.toThrow();
  });
});
