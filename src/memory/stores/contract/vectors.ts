import { Embeddings } from "@langchain/core/embeddings";
import type { BaseStore, IndexConfig } from "@langchain/langgraph-checkpoint";
import { type Cases, fails, holds, keysOf, same } from "./case.js";

const HERE = ["contract", "vectors"];
const WORDS = ["red", "green", "blue", "loud"];
const CLOSE = 1e-5;

/** Counts four words, so that every score can be worked out by hand. Rejects a text that says `unreadable`. */
class WordCounts extends Embeddings {
  constructor() {
    super({ maxRetries: 0 });
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }

  async embedQuery(text: string): Promise<number[]> {
    if (text.includes("unreadable")) throw new Error("this text cannot be embedded");
    return WORDS.map((word) => text.split(word).length - 1);
  }
}

/** What a store of the vector cases has to be opened with. */
export const contractIndex: IndexConfig = {
  dims: WORDS.length,
  embeddings: new WordCounts(),
  fields: ["text"],
};

async function putAll(store: BaseStore, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, text] of Object.entries(texts)) await store.put(HERE, key, { text });
}

async function scored(
  store: BaseStore,
  query: string,
  options: NonNullable<Parameters<BaseStore["search"]>[1]> = {},
): Promise<(readonly [string, number | undefined])[]> {
  return (await store.search(HERE, { query, ...options })).map(({ key, score }) => [key, score] as const);
}

function close(
  actual: readonly (readonly [string, number | undefined])[],
  expected: typeof actual,
  claim: string,
): void {
  const keys = (list: typeof actual) => list.map(([key]) => key);
  same(keys(actual), keys(expected), `${claim}: keys in order`);
  for (const [at, [key, score]] of expected.entries()) {
    const own = actual[at]?.[1];
    if (score === undefined) same(own, undefined, `${claim}: the score of '${key}'`);
    else
      holds(
        Math.abs((own ?? Number.NaN) - score) < CLOSE,
        `${claim}: '${key}' has to score ${score}, not ${own}`,
      );
  }
}

/** Search with a query, in a store that was opened with {@link contractIndex}. */
export const vectorCases: Cases = {
  "query finds the nearest first and scores by the cosine": async (store) => {
    await putAll(store, { both: "red green", red: "red red red", blue: "blue" });
    close(
      await scored(store, "red"),
      [
        ["red", 1],
        ["both", Math.SQRT1_2],
        ["blue", 0],
      ],
      "query red",
    );
  },

  "query with limit and offset gives the pages of one order": async (store) => {
    const texts = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`${at}`, `red${" green".repeat(at)}`]),
    );
    await putAll(store, texts);
    const pages = [];
    for (const offset of [0, 4, 8]) pages.push(...(await scored(store, "red", { limit: 4, offset })));
    same(
      pages.map(([key]) => key),
      ["0", "1", "2", "3", "4", "5", "6", "7", "8"],
      "the keys of three pages",
    );
  },

  "query goes with a filter": async (store) => {
    await store.put(HERE, "a", { text: "red", kind: "a" });
    await store.put(HERE, "b", { text: "red green", kind: "b" });
    same(
      (await scored(store, "red", { filter: { kind: "b" } })).map(([key]) => key),
      ["b"],
      "the keys of kind b",
    );
  },

  "query never finds a neighbour whose label merely starts alike": async (store) => {
    await store.put(["tenant", "acme"], "own", { text: "red" });
    await store.put(["tenant", "acme-corp"], "other", { text: "red" });
    same(await keysOf(store, ["tenant", "acme"], { query: "red" }), ["own"], "keys of tenant 'acme'");
  },

  "index: false keeps an item, without a score and behind all that have one": async (store) => {
    await store.put(HERE, "unindexed", { text: "red" }, false);
    await putAll(store, { red: "red", blue: "blue" });
    close(
      await scored(store, "red"),
      [
        ["red", 1],
        ["blue", 0],
        ["unindexed", undefined],
      ],
      "query red",
    );
    same(await keysOf(store, HERE), ["blue", "red", "unindexed"], "keys without a query");
  },

  "offset counts items without a score as well": async (store) => {
    await putAll(store, { red: "red", blue: "blue" });
    for (const key of ["u1", "u2", "u3"]) await store.put(HERE, key, { text: key }, false);
    const pages = [];
    for (const offset of [0, 2, 4]) pages.push(...(await scored(store, "red", { limit: 2, offset })));
    same(pages.map(([key]) => key).slice(0, 2), ["red", "blue"], "the first page");
    same(pages.map(([key]) => key).sort(), ["blue", "red", "u1", "u2", "u3"], "the keys of three pages");
  },

  "put() with another text is found by the new one": async (store) => {
    await putAll(store, { key: "red" });
    await putAll(store, { key: "blue" });
    close(await scored(store, "red"), [["key", 0]], "query red");
    close(await scored(store, "blue"), [["key", 1]], "query blue");
  },

  "put() with index: false takes the old vector away": async (store) => {
    await putAll(store, { key: "red" });
    await store.put(HERE, "key", { text: "red" }, false);
    close(await scored(store, "red"), [["key", undefined]], "query red");
  },

  "put() with fewer texts leaves no vector of the old ones": async (store) => {
    await store.put(HERE, "key", { texts: ["red", "blue"] }, ["texts[*]"]);
    await store.put(HERE, "key", { texts: ["blue"] }, ["texts[*]"]);
    close(await scored(store, "red"), [["key", 0]], "query red");
  },

  "delete() takes the vector away": async (store) => {
    await putAll(store, { key: "red", other: "blue" });
    await store.delete(HERE, "key");
    close(await scored(store, "red"), [["other", 0]], "query red");
    await store.put(HERE, "key", { text: "red" }, false);
    close(
      await scored(store, "red"),
      [
        ["other", 0],
        ["key", undefined],
      ],
      "after it was put without an index",
    );
  },

  "an item with several texts scores by its nearest": async (store) => {
    await store.put(HERE, "several", { parts: [{ text: "blue" }, { text: "red" }, { text: "green" }] }, [
      "parts[*].text",
    ]);
    await putAll(store, { both: "red green" });
    close(
      await scored(store, "red"),
      [
        ["several", 1],
        ["both", Math.SQRT1_2],
      ],
      "query red",
    );
  },

  "index takes paths: fields, places from either end, the whole value": async (store) => {
    const value = { a: { b: "red" }, list: ["green", "loud", "blue"] };
    const paths = {
      field: ["a.b"],
      first: ["list[0]"],
      last: ["list[-1]"],
      missing: ["a.c", "list[9]"],
      whole: ["$"],
    };
    for (const [key, index] of Object.entries(paths)) await store.put(HERE, key, value, index);
    close(
      (await scored(store, "red")).filter(([key]) => ["field", "whole"].includes(key)),
      [
        ["field", 1],
        ["whole", 0.5],
      ],
      "query red",
    );
    same((await scored(store, "green"))[0]?.[0], "first", "the nearest to green");
    same((await scored(store, "blue"))[0]?.[0], "last", "the nearest to blue");
    same((await scored(store, "red")).at(-1), ["missing", undefined], "the item without a text");
  },

  "batch() takes the same text twice": async (store) => {
    await store.batch(["a", "b"].map((key) => ({ namespace: HERE, key, value: { text: "red" } })));
    const found = await scored(store, "red");
    same(found.map(([key]) => key).sort(), ["a", "b"], "the keys");
    holds(
      found.every(([, score]) => Math.abs((score ?? 0) - 1) < CLOSE),
      "both have to score 1",
    );
  },

  "batch() whose texts cannot be embedded writes nothing": async (store) => {
    await putAll(store, { old: "red" });
    const write = (key: string, text: string) => ({ namespace: HERE, key, value: { text } });
    await fails(
      () => store.batch([write("fine", "red"), write("old", "blue"), write("bad", "unreadable")]),
      "a batch with a text that the model rejects",
    );
    same(await keysOf(store, HERE), ["old"], "the keys");
    close(await scored(store, "red"), [["old", 1]], "query red");
  },
};
