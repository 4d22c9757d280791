import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openThreads, type ThreadsOptions } from "../../src/workflows/threads.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

const THREAD = { configurable: { thread_id: "1" } };
/** What a graph does when it starts: with no thread there, it reads and finds nothing. */
const NO_THREAD = { configurable: { thread_id: "none" } };

const counting = new StateGraph(Annotation.Root({ count: Annotation<number> }))
  .addNode("one", ({ count }) => ({ count: count + 1 }))
  .addNode("two", ({ count }) => ({ count: count + 1 }))
  .addEdge(START, "one")
  .addEdge("one", "two")
  .addEdge("two", END);

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable("it went well"),
    (error: Error) => error,
  );

describe("openThreads() of a file", () => {
  test.each(["", "sqlite:", "sqlite://"])(
    "keeps a thread for who opens it next: '%sFILE'",
    async (prefix) => {
      const file = join(temporaryFolder(), "made", "by", "it", "threads.db");
      const before = await openThreads(`${prefix}${file}`);
      await counting.compile({ checkpointer: before.checkpointer }).invoke({ count: 40 }, THREAD);
      await before.close();
      expect(new Sqlite(file, { readonly: true }).pragma("journal_mode", { simple: true })).toBe("wal");

      await using after = await openThreads(file);
      const graph = counting.compile({ checkpointer: after.checkpointer });
      expect((await graph.getState(THREAD)).values).toEqual({ count: 42 });
      const history = await collect(graph.getStateHistory(THREAD));
      expect(history.map(({ values }) => values.count)).toEqual([42, 41, 40, undefined]);
      await after.checkpointer.deleteThread("1");
      expect(await collect(after.checkpointer.list(THREAD))).toEqual([]);
    },
  );

  test("may happen many times at once", async () => {
    const file = join(temporaryFolder(), "threads.db");
    const all = await Promise.all(Array.from({ length: 8 }, () => openThreads(file)));
    await Promise.all(
      all.map(({ checkpointer }, index) =>
        counting
          .compile({ checkpointer })
          .invoke({ count: index }, { configurable: { thread_id: `${index}` } }),
      ),
    );
    const [first] = all;
    const states = all.map(async (_, index) =>
      first?.checkpointer.get({ configurable: { thread_id: `${index}` } }),
    );
    expect((await Promise.all(states)).map((state) => state?.channel_values.count)).toEqual(
      all.map((_, index) => index + 2),
    );
    await Promise.all(all.map((threads) => threads.close()));
  });

  test("waits for who keeps it locked, as long as it is told to", async () => {
    const file = join(temporaryFolder(), "threads.db");
    await using patient = await openThreads(file);
    await using hasty = await openThreads(file, { patienceMs: 0 });
    const other = new Sqlite(file);
    other.exec("BEGIN IMMEDIATE");
    const error = await failure(hasty.checkpointer.putWrites(checkpoint("a"), [["x", 1]], "task"));
    expect(error).toMatchObject({ code: "STORE", retryable: true, data: { location: file } });
    expect(error.message).toContain(`threads in '${file}': another process keeps the file locked`);

    // The first try stands still with this process; the lock is gone before the second one.
    setTimeout(() => other.exec("COMMIT"));
    await patient.checkpointer.putWrites(checkpoint("a"), [["x", 1]], "task");
    expect(other.prepare("SELECT count(*) FROM writes").pluck().get()).toBe(1);
    other.close();
  });

  test("that is no database says so", async () => {
    const file = join(temporaryFolder(), "threads.db");
    writeFileSync(file, "no database at all".repeat(100));
    const error = await failure(openThreads(file));
    expect(error).toMatchObject({ code: "STORE", retryable: false });
    expect(error.message).toMatch(/^SQLite store '.*threads\.db': it is damaged/);
  });

  test("that is a folder says so", async () => {
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder);
    expect(await failure(openThreads(folder))).toMatchObject({ code: "STORE" });
  });

  test("ends with close(), which may be called twice", async () => {
    const threads = await openThreads(":memory:");
    await threads.close();
    await threads.close();
    const error = await failure(threads.checkpointer.getTuple(NO_THREAD));
    expect(error).toMatchObject({ code: "STORE", retryable: false });
    expect(error.message).toBe("threads in ':memory:': they are closed: call openThreads() again");
  });
});

describe("openThreads() of a Postgres that is not there", () => {
  const url = "postgresql://ann:se%2Fcret@127.0.0.1:1/app?password=also&options=secret";

  test("is a STORE error without the password", async () => {
    const error = await failure(openThreads(url, { patienceMs: 0 }));
    expect(error).toMatchObject({
      code: "STORE",
      retryable: true,
      data: { store: "postgres", location: "postgresql://ann:***@127.0.0.1:1/app" },
    });
    expect(error.message).toMatch(
      /^threads in 'postgresql:\/\/ann:\*\*\*@127\.0\.0\.1:1\/app': the server cannot be reached .*ECONNREFUSED/,
    );
    expect(JSON.stringify(error) + String(error.cause)).not.toMatch(/se%2Fcret|se\/cret|also/);
  });

  test("says what is refused by each address of a host", async () => {
    const error = await failure(openThreads("postgres://localhost:1/app", { patienceMs: 0 }));
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("says what to install when a package is missing", async () => {
    vi.doMock("@langchain/langgraph-checkpoint-postgres", () => {
      throw new Error("Cannot find package");
    });
    onTestFinished(() => void vi.doUnmock("@langchain/langgraph-checkpoint-postgres"));
    const error = await failure(openThreads(url));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain("npm install pg @langchain/langgraph-checkpoint-postgres");
  });
});

describe("openThreads() refuses", () => {
  test.each([
    ["", {}, "location must be the path"],
    ["sqlite:", {}, "location must be the path"],
    ["~/threads.db", {}, "location must have the home folder written out"],
    ["a\0b", {}, "location must be the path"],
    ["mysql://localhost/app", {}, "location must be the path"],
    ["postgres://ann:p#ss@localhost/app", {}, "location is no URL: write a password's special"],
    [undefined, {}, "location must be the path"],
    [":memory:", { patienceMs: -1 }, "patienceMs must be a number"],
    [":memory:", { patienceMs: Number.NaN }, "patienceMs must be a number"],
    [":memory:", { connections: 0 }, "connections must be a whole number"],
    [":memory:", { schema: 'x"; DROP SCHEMA y' }, "schema must be a name"],
    [":memory:", { patience: 1 }, "patience is not known; there are patienceMs, schema, connections"],
  ])("%j %j", async (location, options, reason) => {
    const error = await failure(openThreads(location as string, options as ThreadsOptions));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain(`openThreads(): ${reason}`);
  });

  test("with all faults at once", async () => {
    const error = await failure(openThreads("", { patienceMs: -1, connections: 0, schema: "" }));
    expect(error).toMatchObject({ data: { faults: [{}, {}, {}, {}] } });
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function checkpoint(id: string) {
  return { configurable: { thread_id: "1", checkpoint_ns: "", checkpoint_id: id } };
}
