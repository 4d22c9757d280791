import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { type Cases, fails, keysOf, same } from "./case.js";

/** Namespaces that are one when their labels are joined by the wrong character, or told apart without care. */
const ALIKE = [
  ...[
    ["p", "q"],
    ["p:q"],
    ["p/q"],
    ["p,q"],
    ["p|q"],
    ["p q"],
    ["p\\q"],
    ['p","q'],
    ["p%q"],
    ["p_q"],
    ["p::q"],
  ],
  ...[["P", "q"], ["p", "Q"], ["p ", "q"], ["p", " q"], ["p", "q", "r"], ["p", "q:r"], ["p:q", "r"], ["pq"]],
  ...[["é"], ["e\u0301"], ["🙂"], ["🙃"], ["__proto__"], ["constructor"], ["*"], ["null"], ["[]"], ["{}"]],
];

const INVALID: Readonly<Record<string, unknown[]>> = {
  "an empty namespace": [],
  "an empty label": ["a", ""],
  "a period in a label": ["a.b"],
  "the root 'langgraph'": ["langgraph", "a"],
  "a label that is no text": ["a", 1],
};

async function fill(store: BaseStore): Promise<void> {
  for (const namespace of [
    ["users", "ann", "facts"],
    ["users", "ann", "threads", "1"],
    ["users", "ann", "threads", "2"],
    ["users", "bob", "facts"],
    ["teams", "red", "facts"],
  ])
    await store.put(namespace, "key", {});
}

/** Namespaces: kept apart, checked, listed. */
export const namespaceCases: Cases = {
  "namespaces that look alike stay apart": async (store) => {
    for (const namespace of ALIKE) await store.put(namespace, "key", { namespace });
    for (const namespace of ALIKE) {
      const item = await store.get(namespace, "key");
      same(item?.value, { namespace }, `the value in ${JSON.stringify(namespace)}`);
      same(item?.namespace, namespace, "the item's namespace");
    }
    const listed = await store.listNamespaces({ limit: 1000 });
    same(
      listed.map((each) => JSON.stringify(each)).sort(),
      ALIKE.map((each) => JSON.stringify(each)).sort(),
      "the list",
    );
  },

  "labels may hold NUL and halves of surrogate pairs": async (store) => {
    const namespaces = [["a\0b"], ["a"], ["a\0"], ["\ud83d"], ["\ude00"], ["\ufffd"]];
    for (const namespace of namespaces) await store.put(namespace, "key", { namespace });
    for (const namespace of namespaces)
      same(
        (await store.get(namespace, "key"))?.value,
        { namespace },
        `the value in ${JSON.stringify(namespace)}`,
      );
    same(await keysOf(store, ["a"]), ["key"], "keys below 'a'");
  },

  "put() refuses a namespace that LangGraph forbids": async (store) => {
    for (const [what, namespace] of Object.entries(INVALID))
      await fails(() => store.put(namespace as string[], "key", {}), `put() with ${what}`);
  },

  // A graph's node has a store of batches around it that leaves put()'s own check out.
  "batch() refuses to write to a namespace that LangGraph forbids": async (store) => {
    for (const [what, namespace] of Object.entries(INVALID))
      await fails(
        () => store.batch([{ namespace: namespace as string[], key: "key", value: {} }]),
        `a batch that writes to ${what}`,
      );
  },

  "batch() that is refused writes nothing": async (store) => {
    const fine = { namespace: ["contract"], key: "fine", value: {} };
    await fails(
      () => store.batch([fine, { ...fine, namespace: ["a.b"] }]),
      "a batch of which one part is refused",
    );
    same(await store.get(["contract"], "fine"), null, "the other part");
  },

  "listNamespaces() lists each namespace that has items once, sorted": async (store) => {
    await fill(store);
    await store.put(["teams", "red", "facts"], "another", {});
    same(
      await store.listNamespaces(),
      [
        ["teams", "red", "facts"],
        ["users", "ann", "facts"],
        ["users", "ann", "threads", "1"],
        ["users", "ann", "threads", "2"],
        ["users", "bob", "facts"],
      ],
      "all namespaces",
    );
  },

  "listNamespaces() matches prefix and suffix label by label": async (store) => {
    await fill(store);
    await store.put(["users", "anna", "facts"], "key", {});
    const listed = (options: Parameters<BaseStore["listNamespaces"]>[0]) => store.listNamespaces(options);
    same(
      await listed({ prefix: ["users", "ann"] }),
      [
        ["users", "ann", "facts"],
        ["users", "ann", "threads", "1"],
        ["users", "ann", "threads", "2"],
      ],
      "prefix users, ann",
    );
    same(
      await listed({ prefix: ["users", "bob"], suffix: ["facts"] }),
      [["users", "bob", "facts"]],
      "prefix and suffix",
    );
    same(await listed({ suffix: ["threads", "2"] }), [["users", "ann", "threads", "2"]], "suffix threads, 2");
    same(await listed({ suffix: ["acts"] }), [], "a suffix that is a part of a label");
    same(await listed({ prefix: ["users", "ann", "facts", "more"] }), [], "a prefix longer than any");
  },

  "listNamespaces() takes * for any one label": async (store) => {
    await fill(store);
    same(
      await store.listNamespaces({ prefix: ["users", "*", "facts"] }),
      [
        ["users", "ann", "facts"],
        ["users", "bob", "facts"],
      ],
      "prefix users, *, facts",
    );
    same(
      await store.listNamespaces({ suffix: ["threads", "*"] }),
      [
        ["users", "ann", "threads", "1"],
        ["users", "ann", "threads", "2"],
      ],
      "suffix threads, *",
    );
  },

  "listNamespaces() cuts off at maxDepth and lists each once": async (store) => {
    await fill(store);
    same(await store.listNamespaces({ maxDepth: 1 }), [["teams"], ["users"]], "maxDepth 1");
    same(
      await store.listNamespaces({ maxDepth: 3, prefix: ["users", "ann"] }),
      [
        ["users", "ann", "facts"],
        ["users", "ann", "threads"],
      ],
      "maxDepth 3 below users, ann",
    );
    same(
      await store.listNamespaces({ maxDepth: 1, limit: 1, offset: 1 }),
      [["users"]],
      "the second of maxDepth 1",
    );
  },

  "listNamespaces() returns 100 unless told otherwise, and pages": async (store) => {
    const labels = Array.from({ length: 105 }, (_, at) => `n${1000 + at}`);
    await store.batch(labels.map((label) => ({ namespace: ["many", label], key: "key", value: {} })));
    same((await store.listNamespaces()).length, 100, "namespaces by default");
    const pages = [];
    for (let offset = 0; offset < 120; offset += 30)
      pages.push(...(await store.listNamespaces({ prefix: ["many"], limit: 30, offset })));
    same(
      pages.map(([, label]) => label),
      labels,
      "the labels of all pages",
    );
  },

  "listNamespaces() forgets a namespace whose items were all deleted": async (store) => {
    await store.put(["one"], "a", {});
    await store.put(["one"], "b", {});
    await store.put(["two"], "a", {});
    await store.delete(["one"], "a");
    same(await store.listNamespaces(), [["one"], ["two"]], "after one of two items was deleted");
    await store.delete(["one"], "b");
    same(await store.listNamespaces(), [["two"]], "after both were deleted");
  },
};
