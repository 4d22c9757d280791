import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { ChromaClient } from "chromadb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type ChromaStoreOptions, chromaStore } from "../../../src/memory/stores/chroma.js";
import { failure } from "../../support/calls.js";
import { run } from "../../support/child.js";
import { type ChromaServer, chromaPackage, startChroma, unlessSkipped } from "../../support/chroma-server.js";
import { indexOf, intercept, keysOf, numbers } from "./chroma-parts.js";

/** Other tests may keep the machine busy. */
const PATIENT_MS = 20_000;
/** What the server says when it is asked how many records it takes at once. */
const LIMIT = 5461;
const writer = fileURLToPath(new URL("./chroma-writer.ts", import.meta.url));

describe.skipIf(chromaPackage === "")(`chromaStore()${unlessSkipped}`, () => {
  let server: ChromaServer;

  beforeAll(async () => {
    server = await startChroma();
  }, 90_000);
  afterAll(() => server.stop());

  function open(more: Partial<ChromaStoreOptions> = {}) {
    const options = { url: server.url, timeoutMs: PATIENT_MS, collectionPrefix: randomUUID(), ...more };
    return chromaStore(options as ChromaStoreOptions);
  }

  test("a batch larger than the server takes is written whole, read in order, and there after a restart", async () => {
    const store = open();
    const keys = numbers(LIMIT + 139);
    await store.batch(
      keys.map((key) => ({ namespace: ["large", `${Number(key) % 3}`], key, value: { key } })),
    );
    await store.batch(
      ["7", "5460"].map((key) => ({ namespace: ["large", `${Number(key) % 3}`], key, value: {} })),
    );
    await server.restart();
    const found = await store.search(["large"], { limit: Number.POSITIVE_INFINITY });
    expect(keysOf(found)).toEqual(keys);
    expect(found[7]?.value).toEqual({});
    expect(keysOf(await store.search(["large"], { offset: 4000, limit: 700 }))).toEqual(
      keys.slice(4000, 4700),
    );
    const last = { filter: { key: keys.at(-1) } };
    expect(keysOf(await store.search(["large"], last))).toEqual([keys.at(-1)]);
    expect(await store.listNamespaces()).toEqual([
      ["large", "0"],
      ["large", "1"],
      ["large", "2"],
    ]);
    const operations = keys.map((key) => ({ namespace: ["large", `${Number(key) % 3}`], key }));
    expect((await store.batch(operations)).map((item) => item?.key)).toEqual(keys);
  }, 120_000);

  test("a search over all roots is in the order of first puts", async () => {
    const store = open();
    for (const key of numbers(9)) await store.put([`root ${Number(key) % 4}`], key, {});
    await store.put(["root 0"], "0", { again: true });
    expect(keysOf(await store.search([], { limit: 5 }))).toEqual(["0", "1", "2", "3", "4"]);
    expect(keysOf(await store.search([], { offset: 3, limit: 4 }))).toEqual(["3", "4", "5", "6"]);
  });

  test("of two puts of one key that nobody waits for between, the second wins", async () => {
    const store = open();
    for (const key of numbers(10)) {
      const puts = numbers(5).map((at) => store.put(["order"], key, { at, text: "x".repeat(1000) }));
      await Promise.all(puts);
      expect((await store.get(["order"], key))?.value.at).toBe("4");
    }
  });

  test("roots that are nearly the same stay apart", async () => {
    const store = open();
    const long = "x".repeat(600);
    const roots = [
      "ab",
      "a b",
      "a-b",
      "AB",
      "a_b",
      "é",
      "e\u0301",
      `${long}1`,
      `${long}2`,
      "\ud83d",
      "\ud83e",
      "\ufffd",
    ];
    for (const root of roots) await store.put([root], "key", { root });
    for (const root of roots)
      expect((await store.search([root])).map(({ value }) => value)).toEqual([{ root }]);
    expect((await store.listNamespaces()).flat().sort()).toEqual([...roots].sort());
  });

  test("stores with different prefixes share nothing, also when one starts like the other", async () => {
    const collectionPrefix = randomUUID();
    await open({ collectionPrefix }).put(["b-c"], "key", {});
    const other = open({ collectionPrefix: `${collectionPrefix}-b` });
    expect(await other.search([])).toEqual([]);
    expect(await other.search(["c"])).toEqual([]);
  });

  test("a namespace deeper than what the server can narrow down is found exactly", async () => {
    const store = open();
    const deep = numbers(11);
    await store.put([...deep, "acme"], "own", {});
    await store.put([...deep, "acme-corp"], "other", {});
    expect(keysOf(await store.search([...deep, "acme"]))).toEqual(["own"]);
    expect(keysOf(await store.search([...deep, "acme"], { limit: 1 }))).toEqual(["own"]);
    expect(keysOf(await store.search([...deep, "acme-corp"], { limit: 1 }))).toEqual(["other"]);
    expect(keysOf(await store.search([...deep, "acme-corp"], { offset: 1 }))).toEqual([]);
  });

  test("processes that write to one new namespace at the same time lose nothing", async () => {
    const collectionPrefix = randomUUID();
    const names = ["one", "two", "three"];
    const writers = await Promise.all(
      names.map((name) =>
        run(process.execPath, ["--import", "tsx", writer, server.url, collectionPrefix, name, "25"]),
      ),
    );
    expect(writers.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      names.map(() => ({ code: 0, stderr: "" })),
    );
    const store = open({ collectionPrefix });
    for (const name of names)
      expect(keysOf(await store.search(["shared", name], { limit: 100 }))).toEqual(numbers(25));
  }, 120_000);

  test("an index may come later: what is put from then on has a vector", async () => {
    const collectionPrefix = randomUUID();
    await open({ collectionPrefix }).put(["later"], "before", { text: "a" });
    const indexed = open({ collectionPrefix, index: indexOf(3) });
    await indexed.put(["later"], "since", { text: "ab" });
    const found = await indexed.search(["later"], { query: "b" });
    expect(found.map(({ key, score }) => [key, score?.toFixed(3)])).toEqual([
      ["since", "0.707"],
      ["before", undefined],
    ]);
    await open({ collectionPrefix }).put(["later"], "since", { text: "b" });
    const [first] = await indexed.search(["later"], { query: "b", limit: 1 });
    expect(first).toMatchObject({ key: "before" });
    expect(first?.score).toBeUndefined();
  });

  test("vectors of another length are refused before anything is written, with what to do", async () => {
    const collectionPrefix = randomUUID();
    await open({ collectionPrefix, index: indexOf(3) }).put(["dims"], "key", { text: "a" });
    const store = open({ collectionPrefix, index: indexOf(5) });
    const error = await failure(store.put(["dims"], "new", { text: "a" }));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toMatch(
      /has vectors of 3 numbers, index\.dims says 5: use the model .* or delete this collection/,
    );
    expect(await failure(store.search(["dims"], { query: "a" }))).toMatchObject({ code: "CONFIG_INVALID" });
    expect(keysOf(await store.search(["dims"]))).toEqual(["key"]);
  });

  test("a query goes on asking until a filter is satisfied", async () => {
    const store = open({ index: indexOf(2) });
    await store.batch(
      numbers(150).map((key) => ({
        namespace: ["filter"],
        key,
        value: { text: `a${"b".repeat(Number(key))}`, isLast: Number(key) >= 147 },
      })),
    );
    const found = await store.search(["filter"], { query: "a", filter: { isLast: true }, limit: 2 });
    expect(keysOf(found)).toEqual(["147", "148"]);
    for (const { score } of found) expect(score).toBeGreaterThan(0);
    const all = await store.search(["filter"], { query: "a", limit: Number.POSITIVE_INFINITY });
    expect(all).toHaveLength(150);
  });

  test("a collection that was deleted under a store is made anew", async () => {
    const collectionPrefix = randomUUID();
    const store = open({ collectionPrefix });
    await store.put(["gone"], "key", {});
    const { hostname, port } = new URL(server.url);
    const client = new ChromaClient({ host: hostname, port: Number(port) });
    const names = (await client.listCollections({ limit: 1000 })).map(({ name }) => name);
    const [name = ""] = names.filter((each) => each.startsWith(collectionPrefix));
    await client.deleteCollection({ name });
    expect(await store.get(["gone"], "key")).toBeNull();
    await store.put(["gone"], "key", { again: true });
    expect((await store.get(["gone"], "key"))?.value).toEqual({ again: true });
  });

  test("a client of the caller's own does as well", async () => {
    const { hostname, port } = new URL(server.url);
    const client = new ChromaClient({ host: hostname, port: Number(port) });
    const store = chromaStore({ client, timeoutMs: PATIENT_MS, collectionPrefix: randomUUID() });
    await store.put(["own"], "key", { at: 1 });
    expect((await store.get(["own"], "key"))?.value).toEqual({ at: 1 });
    expect(await store.listNamespaces()).toEqual([["own"]]);
  });

  test("vectors of a write that could not be cleaned up count no more", async () => {
    const collectionPrefix = randomUUID();
    const client = intercept(server.url, async (method, pass) => {
      if (method === "delete") throw new Error("the connection is gone");
      return pass();
    });
    const index = indexOf(2);
    const store = chromaStore({ client, collectionPrefix, index, timeoutMs: PATIENT_MS });
    await store.put(["stale"], "key", { text: "a" });
    expect(await failure(store.put(["stale"], "key", { text: "b" }))).toMatchObject({ code: "STORE" });
    expect(await failure(store.delete(["stale"], "key"))).toMatchObject({
      code: "STORE",
      effect: "possible",
    });
    const reader = open({ collectionPrefix, index });
    const [found] = await reader.search(["stale"], { query: "a" });
    expect(found).toMatchObject({ key: "key", value: { text: "b" }, score: 0 });
  });

  test("what is deleted while a long search runs hides nothing else", async () => {
    const collectionPrefix = randomUUID();
    const other = open({ collectionPrefix });
    const keys = numbers(1200);
    await other.batch(keys.map((key) => ({ namespace: ["long"], key, value: {} })));
    const gone = keys.slice(0, 300);
    let reads = 0;
    const client = intercept(server.url, async (method, pass) => {
      const answer = await pass();
      if (method === "get" && ++reads === 2)
        await other.batch(gone.map((key) => ({ namespace: ["long"], key, value: null })));
      return answer;
    });
    const store = chromaStore({ client, collectionPrefix, timeoutMs: PATIENT_MS });
    const found = keysOf(await store.search(["long"], { limit: Number.POSITIVE_INFINITY }));
    expect(found.filter((key) => !gone.includes(key))).toEqual(keys.slice(300));
  });

  test("a server that is killed fails at once, and what it acknowledged is there when it is back", async () => {
    const patient = open();
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (;;) {
        const key = `${acknowledged.length}`;
        await patient.put(["kill"], key, { key });
        acknowledged.push(key);
        if (acknowledged.length === 20) void server.kill();
      }
    })();
    expect(await failure(writing)).toMatchObject({ code: "STORE", retryable: true });
    const startedAt = performance.now();
    const error = await failure(patient.get(["kill"], "0"));
    expect(error).toMatchObject({
      code: "STORE",
      retryable: true,
      effect: "none",
      data: { store: "chroma" },
    });
    expect(error.message).toContain("there is no connection");
    expect(performance.now() - startedAt).toBeLessThan(1500);
    await server.restart();
    const found = keysOf(await patient.search(["kill"], { limit: 1000 }));
    expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(found.length - acknowledged.length).toBeLessThanOrEqual(1);
  }, 120_000);

  test("a server that holds its connections and is silent fails within the limit, and works again after", async () => {
    const store = open({ timeoutMs: 2000 });
    await store.put(["frozen"], "key", {});
    onTestFinished(() => server.thaw());
    server.freeze();
    const startedAt = performance.now();
    const errors = await Promise.all([
      failure(store.get(["frozen"], "key")),
      failure(store.put(["frozen"], "new", {})),
      failure(store.search(["frozen"])),
      failure(store.listNamespaces()),
    ]);
    const tookMs = performance.now() - startedAt;
    for (const error of errors)
      expect(error).toMatchObject({ code: "STORE", retryable: true, data: { store: "chroma" } });
    expect(errors[0]?.message).toContain("no answer within 2000 ms");
    expect(tookMs).toBeGreaterThan(1900);
    expect(tookMs).toBeLessThan(3500);
    server.thaw();
    expect(await open().search(["frozen"])).toEqual([]);
    expect(await store.get(["frozen"], "new")).toBeNull();
    await store.put(["frozen"], "new", { at: 1 });
    expect((await store.get(["frozen"], "new"))?.value).toEqual({ at: 1 });
  }, 60_000);
});
