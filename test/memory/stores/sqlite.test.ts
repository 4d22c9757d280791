import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Embeddings } from "@langchain/core/embeddings";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { BatonError } from "../../../src/core/errors.js";
import { toStoreError } from "../../../src/memory/stores/sqlite/error.js";
import { type SqliteStore, type SqliteStoreOptions, sqliteStore } from "../../../src/memory/stores/sqlite.js";
import { sqliteIdempotency } from "../../../src/middleware/stores/sqlite-idempotency.js";
import { failure } from "../../support/calls.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";

const HERE = ["here"];

const newFile = () => join(temporaryFolder(), "deep", "memory.db");

function open(file: string, options?: SqliteStoreOptions): SqliteStore {
  const store = sqliteStore(file, options);
  onTestFinished(() => store.close());
  return store;
}

/** A file with some items, closed. */
async function filled(): Promise<string> {
  const file = newFile();
  await using store = sqliteStore(file);
  await store.batch(
    Array.from({ length: 1000 }, (_, at) => ({
      namespace: HERE,
      key: `${at}`,
      value: { text: "some text ".repeat(20) },
    })),
  );
  return file;
}

/** A vector per text; each can be made to wait. */
class Letters extends Embeddings {
  readonly slow = new Map<string, Promise<void>>();

  constructor(readonly dims: number) {
    super({ maxRetries: 0 });
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }

  async embedQuery(text: string): Promise<number[]> {
    await this.slow.get(text);
    return Array.from({ length: this.dims }, (_, at) => text.split("abcdef"[at] ?? "").length - 1);
  }
}

describe("sqliteStore()", () => {
  test("opens its file, and makes its folder, at first use", async () => {
    const file = newFile();
    const store = open(file);
    expect(existsSync(file)).toBe(false);
    await store.get(HERE, "key");
    expect(existsSync(file)).toBe(true);
  });

  test("has everything, dates included, when the file is opened again", async () => {
    const file = newFile();
    const first = open(file);
    await first.put(HERE, "key", { text: "hello" });
    const item = await first.get(HERE, "key");
    await first.close();
    expect(await open(file).get(HERE, "key")).toEqual(item);
  });

  test("finds items in the order in which they were first put", async () => {
    const store = open(":memory:");
    for (const key of ["c", "a", "b", "d"]) await store.put([...HERE, key], key, { even: key < "c" });
    await store.put([...HERE, "c"], "c", { even: false, again: true });
    await store.delete([...HERE, "a"], "a");
    await store.put([...HERE, "a"], "a", { even: true });
    const keys = async (options?: object) => (await store.search(HERE, options)).map(({ key }) => key);
    expect(await keys()).toEqual(["c", "b", "d", "a"]);
    expect(await keys({ limit: 2, offset: 1 })).toEqual(["b", "d"]);
    expect(await keys({ filter: { even: true }, offset: 1 })).toEqual(["a"]);
    expect(await keys({ limit: Number.POSITIVE_INFINITY })).toEqual(["c", "b", "d", "a"]);
  });

  test("shares its file with tables of others", async () => {
    const file = await filled();
    const keys = sqliteIdempotency(file);
    await keys.forget("key", undefined);
    await keys.close();
    expect(await open(file).search(HERE, { limit: 2000 })).toHaveLength(1000);
  });

  test("refuses options that cannot be", () => {
    const index = { dims: 0, embeddings: new Letters(0) };
    for (const [path, options] of [
      ["", {}],
      ["a.db", { busyMs: -1 }],
      ["a.db", { index }],
    ] as const)
      expect(() => sqliteStore(path, options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("refuses values that are no JSON object, and writes nothing of their batch", async () => {
    const store = open(":memory:");
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const value of [circle, { big: 1n }, "text", [1], undefined, new Date()]) {
      const error = await failure(
        store.batch([
          { namespace: HERE, key: "fine", value: {} },
          { namespace: HERE, key: "bad", value: value as never },
        ]),
      );
      expect(error).toMatchObject({ code: "INVALID_ARGUMENTS" });
    }
    expect(await store.search([])).toEqual([]);
  });

  test("refuses pages and filters that mean nothing", async () => {
    const store = open(":memory:");
    for (const options of [
      { limit: -1 },
      { offset: 0.5 },
      { limit: Number.NaN },
      { offset: Number.POSITIVE_INFINITY },
      { filter: { number: { $greater: 1 } } },
    ])
      expect(await failure(store.search(HERE, options))).toMatchObject({ code: "INVALID_ARGUMENTS" });
    expect(await failure(store.listNamespaces({ limit: -1 }))).toMatchObject({ code: "INVALID_ARGUMENTS" });
    expect(await failure(store.batch([{ namespace: HERE } as never]))).toMatchObject({
      code: "INVALID_ARGUMENTS",
    });
  });
});

describe("a SQLite store that was closed", () => {
  test("says so", async () => {
    const store = open(newFile());
    await store.put(HERE, "key", {});
    await store.close();
    await store.close();
    for (const work of [
      () => store.get(HERE, "key"),
      () => store.put(HERE, "key", {}),
      () => store.changes([]),
    ])
      expect(await failure(work())).toMatchObject({
        code: "STORE",
        message: expect.stringMatching(/closed/),
      });
  });

  test("works again after start()", async () => {
    const store = open(newFile());
    await store.put(HERE, "key", {});
    await store.stop();
    await store.start();
    expect(await store.get(HERE, "key")).not.toBeNull();
  });

  test("has written what was begun", async () => {
    const file = newFile();
    const store = open(file);
    const writes = ["a", "b"].map((key) => store.put(HERE, key, {}));
    await store.close();
    await Promise.all(writes);
    expect(await open(file).search(HERE)).toHaveLength(2);
  });
});

describe("a SQLite file", () => {
  test("that another process keeps locked is a STORE error in time, and nothing else is lost", async () => {
    const file = await filled();
    const store = open(file, { busyMs: 30 });
    const other = new Sqlite(file);
    onTestFinished(() => void other.close());
    other.exec("BEGIN IMMEDIATE");
    const startedAt = performance.now();
    const error = await failure(store.put(HERE, "key", {}));
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(error).toMatchObject({ code: "STORE", retryable: true, data: { store: "sqlite", file } });
    expect(error.message).toContain(file);
    expect(await store.get(HERE, "1")).not.toBeNull();
    other.exec("ROLLBACK");
    await store.put(HERE, "key", {});
    expect(await store.get(HERE, "key")).not.toBeNull();
  });

  test("that is no database is a STORE error until it is right", async () => {
    const file = join(temporaryFolder(), "memory.db");
    writeFileSync(file, "this is no database, but it is long enough to look like a broken one".repeat(100));
    const store = open(file);
    const error = await failure(store.get(HERE, "key"));
    expect(error).toMatchObject({ code: "STORE", retryable: false, data: { file } });
    expect(error.message).toMatch(/damaged, or no SQLite database/);
    writeFileSync(file, "");
    expect(await store.get(HERE, "key")).toBeNull();
  });

  test("that is damaged inside is a STORE error", async () => {
    const file = await filled();
    const bytes = readFileSync(file);
    bytes.fill(0xaa, 8192);
    writeFileSync(file, bytes);
    const error = await failure(open(file).search(HERE, { limit: 1000 }));
    expect(error).toMatchObject({ code: "STORE", data: { file } });
  });

  test("that cannot be opened is a STORE error", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    for (const path of [folder, join(folder, "file", "memory.db")])
      expect(await failure(open(path).get(HERE, "key"))).toMatchObject({
        code: "STORE",
        data: { file: path },
      });
  });

  test("of a later version is refused and left as it is", async () => {
    const file = await filled();
    const database = new Sqlite(file);
    database.exec("UPDATE langbaton_store SET version = 99");
    database.close();
    const error = await failure(open(file).put(HERE, "key", {}));
    expect(error).toMatchObject({ code: "STORE", message: expect.stringMatching(/99.*update langbaton/) });
  });

  test.each([
    ["SQLITE_FULL", /disk is full/],
    ["SQLITE_READONLY_DIRECTORY", /read-only/],
    ["SQLITE_CORRUPT_INDEX", /damaged/],
    ["SQLITE_IOERR_WRITE", /SQLite failed/],
    ["EACCES", /cannot be opened/],
  ])("for which %s is reported says what to do", (code, advice) => {
    const cause = Object.assign(new Error("why"), { code });
    const error = toStoreError(cause, "memory.db");
    expect(error).toBeInstanceOf(BatonError);
    expect(error).toMatchObject({
      code: "STORE",
      retryable: false,
      cause,
      message: expect.stringMatching(advice),
    });
  });

  test("is not blamed for any other error", () => {
    const error = new TypeError("a bug");
    expect(toStoreError(error, "memory.db")).toBe(error);
  });
});

describe("vectors in a SQLite file", () => {
  const indexed = (embeddings: Letters) => ({
    index: { dims: embeddings.dims, embeddings, fields: ["text"] },
  });
  const scores = async (store: SqliteStore, query: string) =>
    (await store.search(HERE, { query })).map(({ key, score }) => [key, score]);

  test("are there when it is opened again", async () => {
    const file = newFile();
    await open(file, indexed(new Letters(2))).put(HERE, "a", { text: "a" });
    expect(await scores(open(file, indexed(new Letters(2))), "a")).toEqual([["a", 1]]);
  });

  test("go when their item is written or deleted by a store without an index", async () => {
    const file = newFile();
    const store = open(file, indexed(new Letters(2)));
    for (const key of ["a", "b", "c"]) await store.put(HERE, key, { text: "a" });
    const plain = open(file);
    await plain.put(HERE, "a", { text: "b" });
    await plain.delete(HERE, "c");
    await plain.put(HERE, "c", { text: "b" });
    expect(await scores(store, "a")).toEqual([
      ["b", 1],
      ["a", undefined],
      ["c", undefined],
    ]);
  });

  test("leave the file with their item", async () => {
    const file = newFile();
    const store = open(file, indexed(new Letters(2)));
    for (const key of ["a", "b", "c"]) await store.put(HERE, key, { text: "a" });
    await store.delete(HERE, "a");
    await store.put(HERE, "b", { text: "a" }, false);
    const database = new Sqlite(file);
    const left = database.prepare("SELECT count(*) FROM langbaton_store_vectors").pluck().get();
    database.close();
    expect(left).toBe(1);
  });

  test("of another length than the file's are refused, before and after it was opened", async () => {
    const file = newFile();
    const late = open(file, indexed(new Letters(3)));
    await late.start();
    await open(file, indexed(new Letters(2))).put(HERE, "a", { text: "a" });
    const error = await failure(open(file, indexed(new Letters(3))).get(HERE, "a"));
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/2 numbers.*says 3/),
    });
    expect(await failure(late.put(HERE, "b", { text: "b" }))).toMatchObject({ code: "CONFIG_INVALID" });
    expect(await late.get(HERE, "b")).toBeNull();
  });

  test("of another length than index.dims says are refused", async () => {
    const store = open(newFile(), { index: { dims: 3, embeddings: new Letters(2), fields: ["text"] } });
    const error = await failure(store.put(HERE, "a", { text: "a" }));
    expect(error).toMatchObject({ code: "STORE", message: expect.stringMatching(/gave 2 numbers.*says 3/) });
  });

  test("are waited for in the order of the batches, so that the last put wins", async () => {
    const embeddings = new Letters(2);
    const store = open(":memory:", indexed(embeddings));
    let embed = (): void => {};
    embeddings.slow.set(
      "a",
      new Promise((resolve) => {
        embed = resolve;
      }),
    );
    const puts = [store.put(HERE, "key", { text: "a" }), store.put(HERE, "key", { text: "b" })];
    embeddings.slow.set("unreadable", Promise.reject(new Error("unreadable")));
    const failed = failure(store.put(HERE, "key", { text: "unreadable" }));
    expect(await store.get(HERE, "key")).toBeNull();
    embed();
    await Promise.all(puts);
    expect(await failed).toMatchObject({ code: "STORE", data: { store: "sqlite" } });
    expect((await store.get(HERE, "key"))?.value).toEqual({ text: "b" });
    expect(await scores(store, "b")).toEqual([["key", 1]]);
  });
});
