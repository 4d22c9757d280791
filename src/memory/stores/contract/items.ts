import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { type Cases, holds, nextMillisecond, same } from "./case.js";

const HERE = ["contract", "items"];

async function comesBack(store: BaseStore, value: Record<string, unknown>): Promise<void> {
  await store.put(HERE, "key", value);
  same((await store.get(HERE, "key"))?.value, value, "get() returns the value that was put");
  same((await store.search(HERE))[0]?.value, value, "search() returns the value that was put");
}

async function keysStayApart(store: BaseStore, keys: readonly string[]): Promise<void> {
  for (const [at, key] of keys.entries()) await store.put(HERE, key, { at });
  for (const [at, key] of keys.entries()) {
    const item = await store.get(HERE, key);
    same(item?.key, key, "the item has the key under which it was put");
    same(item?.value, { at }, `the value under key ${JSON.stringify(key)}`);
  }
  same((await store.search(HERE, { limit: 1000 })).length, keys.length, "how many items there are");
}

/** One item: what was written is what is read. */
export const itemCases: Cases = {
  "get() returns what put() wrote, with its key, namespace and dates": async (store) => {
    await store.put(HERE, "key", { text: "hello" });
    const item = await store.get(HERE, "key");
    same(item?.key, "key", "the item's key");
    same(item?.namespace, HERE, "the item's namespace");
    same(item?.value, { text: "hello" }, "the item's value");
    for (const name of ["createdAt", "updatedAt"] as const) {
      const date: unknown = item?.[name];
      holds(date instanceof Date, `${name} has to be a Date`);
      holds(Math.abs(Number(date) - Date.now()) < 3_600_000, `${name} has to be about now`);
    }
  },

  "get() of what was never written is null": async (store) => {
    await store.put(HERE, "key", { text: "hello" });
    same(await store.get(HERE, "other"), null, "another key");
    same(await store.get([...HERE, "below"], "key"), null, "a namespace below");
    same(await store.get(["contract"], "key"), null, "a namespace above");
  },

  "a value comes back whole: nested and empty": (store) =>
    comesBack(store, {
      object: {},
      list: [],
      nothing: null,
      text: "",
      deep: { list: [[1, [2, { three: [null, true, false, ""] }]]], "": { "": 0 } },
      "a.b": "a dot in a key",
      $gt: "a dollar in a key",
    }),

  "a value comes back whole: numbers": (store) =>
    comesBack(store, {
      numbers: [0, -1, 0.1 + 0.2, 1e21, 1e308, 5e-324, 123456789.12345679, Number.MAX_SAFE_INTEGER],
    }),

  "a value comes back whole: any script": (store) =>
    comesBack(store, {
      texts: [
        "Straße",
        "日本語",
        "العربية",
        "👩‍👩‍👧 🇪🇺",
        "e\u0301 is not \u00e9",
        "\u2028\u2029\t\r\n\\ \" ' % _",
        " spaces ",
      ],
    }),

  "a value comes back whole: NUL": (store) => comesBack(store, { text: "a\0b", "c\0d": "\0" }),

  "a value comes back whole: halves of surrogate pairs": (store) =>
    comesBack(store, { text: "\ud83d and \ude00" }),

  "a value comes back whole: keys that objects inherit": (store) =>
    comesBack(
      store,
      JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1, "toString": 2 }') as Record<
        string,
        unknown
      >,
    ),

  "a value of a million characters comes back whole": (store) =>
    comesBack(store, { text: "äb".repeat(500_000) }),

  "keys are any text": (store) =>
    keysStayApart(store, [
      ...[
        "key",
        "KEY",
        " key",
        "key ",
        "a.b",
        "a:b",
        "a/b",
        "a,b",
        '"a"',
        "'",
        "%",
        "_",
        "\\",
        "*",
        "[0]",
        "{}",
      ],
      ...["__proto__", "constructor", "null", "0", "1", "1.0", "🙂", "é", "e\u0301", "\n", "k".repeat(500)],
    ]),

  "keys may be empty": (store) => keysStayApart(store, ["", " "]),

  "keys may hold NUL": (store) => keysStayApart(store, ["a", "a\0", "a\0b"]),

  "keys may hold halves of surrogate pairs": (store) => keysStayApart(store, ["\ud83d", "\ud83e", "\ufffd"]),

  "put() replaces the whole value": async (store) => {
    await store.put(HERE, "key", { old: 1, both: 1 });
    await store.put(HERE, "key", { both: 2 });
    same((await store.get(HERE, "key"))?.value, { both: 2 }, "the value");
    same((await store.search(HERE)).length, 1, "how many items there are");
  },

  "put() of a key that exists keeps createdAt and moves updatedAt on": async (store) => {
    await store.put(HERE, "key", { version: 1 });
    // A copy, as a store that hands out its own objects would change this one.
    const first = { ...(await store.get(HERE, "key")) };
    await nextMillisecond();
    await store.put(HERE, "key", { version: 2 });
    const second = await store.get(HERE, "key");
    same(second?.createdAt, first.createdAt, "createdAt");
    holds(
      Number(second?.updatedAt) > Number(first.updatedAt),
      "updatedAt has to be later after the second put()",
    );
  },

  "put() after delete() makes a new item": async (store) => {
    await store.put(HERE, "key", { version: 1 });
    const first = await store.get(HERE, "key");
    await store.delete(HERE, "key");
    await nextMillisecond();
    await store.put(HERE, "key", { version: 2 });
    const second = await store.get(HERE, "key");
    holds(
      Number(second?.createdAt) > Number(first?.createdAt),
      "createdAt has to be that of the second put()",
    );
  },

  "delete() removes one item": async (store) => {
    for (const key of ["a", "b"]) await store.put(HERE, key, { key });
    await store.delete(HERE, "a");
    same(await store.get(HERE, "a"), null, "the deleted item");
    same(
      (await store.search(HERE)).map(({ key }) => key),
      ["b"],
      "what search() finds",
    );
  },

  "delete() of what is not there does nothing": async (store) => {
    await store.delete(HERE, "key");
    await store.put(HERE, "key", { text: "hello" });
    await store.delete([...HERE, "below"], "key");
    same((await store.get(HERE, "key"))?.value, { text: "hello" }, "another item");
  },

  "what the caller changes after put() is not stored": async (store) => {
    const value = { list: ["put"] };
    const namespace = [...HERE];
    const done = store.put(namespace, "key", value);
    value.list.push("later");
    namespace.push("later");
    await done;
    value.list.push("last");
    same((await store.get(HERE, "key"))?.value, { list: ["put"] }, "the value");
  },

  "what the caller changes in a result is not stored": async (store) => {
    await store.put(HERE, "key", { list: ["put"] });
    for (const item of [await store.get(HERE, "key"), (await store.search(HERE))[0]]) {
      if (!item) continue;
      item.value.list.push("changed");
      item.namespace.push("changed");
      item.createdAt.setTime(0);
    }
    const item = await store.get(HERE, "key");
    same(item?.value, { list: ["put"] }, "the value");
    same(item?.namespace, HERE, "the namespace");
    holds(Number(item?.createdAt) > 0, "createdAt has to be what it was");
  },
};
