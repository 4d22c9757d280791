import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { PostgresStore } from "@langchain/langgraph-checkpoint-postgres/store";
import { afterAll, describe, expect, test } from "vitest";
import { type ContractCase, storeContract } from "../../../src/memory/stores/contract.js";
import { sqliteStore } from "../../../src/memory/stores/sqlite.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";

const database = process.env.DATABASE_URL ?? "";
const unlessSkipped = database === "" ? " (skipped: DATABASE_URL is not set)" : "";

/** The names of cases that fail: what a published store falls short of. A change there shows up here. */
async function failing(cases: readonly ContractCase[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of cases) await run().catch(() => names.push(name));
  return names;
}

describe("sqliteStore() keeps the contract:", () => {
  const file = () => join(temporaryFolder(), "memory.db");
  const cases = storeContract(async () => sqliteStore(file()), {
    openIndexed: async (index) => sqliteStore(file(), { index }),
    fuzz: { count: 10_000 },
  });
  test.each(cases)("$name", ({ run }) => run());
});

test("LangGraph's InMemoryStore fails the contract in known places", async () => {
  const cases = storeContract(async () => new InMemoryStore(), {
    openIndexed: async (index) => new InMemoryStore({ index }),
  });
  expect(await failing(cases)).toEqual([
    "what the caller changes after put() is not stored",
    "what the caller changes in a result is not stored",
    "search() never finds a neighbour whose label merely starts alike",
    "filter does not see what objects inherit",
    "namespaces that look alike stay apart",
    "labels may hold NUL and halves of surrogate pairs",
    "batch() refuses to write to a namespace that LangGraph forbids",
    "batch() that is refused writes nothing",
    "listNamespaces() forgets a namespace whose items were all deleted",
    "batch() takes a list without matchConditions for what it is",
    "batch() reads what there was before its writes",
    "batch() tells namespaces apart that are one when joined",
    "query never finds a neighbour whose label merely starts alike",
    "offset counts items without a score as well",
    "put() with index: false takes the old vector away",
    "put() with fewer texts leaves no vector of the old ones",
    "delete() takes the vector away",
    "random namespaces and keys never leak or collide",
  ]);
});

describe.skipIf(database === "")(`LangChain's PostgresStore${unlessSkipped}`, () => {
  const prefix = `langbaton_${randomUUID().replaceAll("-", "")}`;
  let opened = 0;
  const open = (): PostgresStore =>
    PostgresStore.fromConnString(database, { schema: `${prefix}_${opened++}` });

  afterAll(async () => {
    const last = opened;
    const store = open();
    const { core } = store as unknown as { core: { pool: { query(sql: string): Promise<unknown> } } };
    for (let each = 0; each <= last; each++)
      await core.pool.query(`DROP SCHEMA IF EXISTS "${prefix}_${each}" CASCADE`);
    await store.stop();
  });

  test("fails the contract in known places", async () => {
    expect(await failing(storeContract(async () => open()))).toEqual([
      "a value comes back whole: NUL",
      "a value comes back whole: halves of surrogate pairs",
      "keys may hold NUL",
      "keys may hold halves of surrogate pairs",
      "what the caller changes after put() is not stored",
      "search() with an empty prefix finds all",
      "search() never finds a neighbour whose label merely starts alike",
      "search() takes % and _ in a prefix as they are",
      "filter compares text, numbers, booleans and null exactly",
      "filter $eq",
      "filter $ne, which a missing key passes",
      "filter $in",
      "filter $nin, which a missing key passes",
      "filter never lets text that is no number pass $gt or $lt",
      "filter sees the top level alone",
      "namespaces that look alike stay apart",
      "labels may hold NUL and halves of surrogate pairs",
      "batch() that is refused writes nothing",
      "listNamespaces() matches prefix and suffix label by label",
      "listNamespaces() takes * for any one label",
      "listNamespaces() cuts off at maxDepth and lists each once",
      "batch() takes a list without matchConditions for what it is",
      "batch() reads what there was before its writes",
      "batch() tells namespaces apart that are one when joined",
      "random namespaces and keys never leak or collide",
    ]);
  }, 60_000);
});
