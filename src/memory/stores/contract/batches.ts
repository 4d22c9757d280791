import type { Item, Operation } from "@langchain/langgraph-checkpoint";
import { type Cases, holds, keysOf, same } from "./case.js";

const HERE = ["contract", "batches"];

/** Batches, and the store's own start and end. */
export const batchCases: Cases = {
  "batch() answers each operation at its place": async (store) => {
    await store.put(HERE, "old", { text: "old" });
    const operations: Operation[] = [
      { namespace: HERE, key: "none" },
      { namespacePrefix: HERE, limit: 10, offset: 0 },
      { namespace: HERE, key: "new", value: { text: "new" } },
      { namespace: HERE, key: "old" },
      { matchConditions: [{ matchType: "prefix", path: ["contract"] }], limit: 10, offset: 0 },
      { namespace: HERE, key: "gone", value: null },
    ];
    const answers: readonly unknown[] = await store.batch(operations);
    const [none, found, written, old, listed, deleted] = answers;
    same(answers.length, operations.length, "how many answers there are");
    same(none, null, "a get of nothing");
    same(
      (found as Item[]).map(({ key }) => key),
      ["old"],
      "the search",
    );
    same((old as Item | null)?.value, { text: "old" }, "the get");
    same(listed, [HERE], "the namespaces");
    same([written ?? null, deleted ?? null], [null, null], "the answers to a put and a deletion");
  },

  "batch() without operations answers nothing": async (store) => {
    same(await store.batch([]), [], "the answers");
  },

  "batch() takes a list without matchConditions for what it is": async (store) => {
    await store.put(HERE, "key", {});
    const answers = await store.batch([
      { limit: 10, offset: 0 },
      { namespace: HERE, key: "none" },
    ]);
    same(answers, [[HERE], null], "the answers");
  },

  "batch() reads what there was before its writes": async (store) => {
    await store.put(HERE, "key", { version: 1 });
    const operations: Operation[] = [
      { namespace: HERE, key: "key", value: { version: 2 } },
      { namespace: [...HERE, "new"], key: "key", value: {} },
      { namespace: HERE, key: "key" },
      { namespacePrefix: HERE, limit: 10, offset: 0 },
      { matchConditions: [], limit: 10, offset: 0 },
    ];
    const [, , got, found, listed]: readonly unknown[] = await store.batch(operations);
    same((got as Item).value, { version: 1 }, "a get behind a put");
    same(
      (found as Item[]).map(({ value }) => value),
      [{ version: 1 }],
      "a search behind a put",
    );
    same(listed, [HERE], "a list behind a put");
    same((await store.get(HERE, "key"))?.value, { version: 2 }, "a get after the batch");
  },

  "batch() keeps the last of several writes to one key": async (store) => {
    const write = (key: string, value: Record<string, unknown> | null) => ({ namespace: HERE, key, value });
    await store.batch([
      write("twice", { version: 1 }),
      write("deleted", { version: 1 }),
      write("back", null),
      write("twice", { version: 2 }),
      write("deleted", null),
      write("back", { version: 2 }),
    ]);
    same((await store.get(HERE, "twice"))?.value, { version: 2 }, "after two puts");
    same(await store.get(HERE, "deleted"), null, "after a put and a deletion");
    same((await store.get(HERE, "back"))?.value, { version: 2 }, "after a deletion and a put");
    same(await keysOf(store, HERE), ["back", "twice"], "the keys");
  },

  "batch() tells namespaces apart that are one when joined": async (store) => {
    await store.batch([
      { namespace: ["p", "q"], key: "key", value: { at: 1 } },
      { namespace: ["p:q"], key: "key", value: { at: 2 } },
      { namespace: ["p"], key: "q:key", value: { at: 3 } },
    ]);
    same((await store.get(["p", "q"], "key"))?.value, { at: 1 }, "p, q");
    same((await store.get(["p:q"], "key"))?.value, { at: 2 }, "p:q");
    same((await store.get(["p"], "q:key"))?.value, { at: 3 }, "p with key q:key");
  },

  "batch() writes 1,000 items": async (store) => {
    const keys = Array.from({ length: 1000 }, (_, at) => `key ${at}`);
    await store.batch(keys.map((key, at) => ({ namespace: [...HERE, `${at % 7}`], key, value: { at } })));
    same(await keysOf(store, HERE, { limit: 2000 }), [...keys].sort(), "the keys");
  },

  "batches at the same time are all written": async (store) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, batch) =>
        store.batch(
          Array.from({ length: 10 }, (_, at) => ({
            namespace: HERE,
            key: `${batch} ${at}`,
            value: { batch, at },
          })),
        ),
      ),
    );
    same((await keysOf(store, HERE)).length, 200, "how many items there are");
  },

  "puts of one key at the same time leave one of them, whole": async (store) => {
    const values = Array.from({ length: 20 }, (_, at) => ({ at, text: `${at}`.repeat(100) }));
    await Promise.all(values.map((value) => store.put(HERE, "key", value)));
    const found = await store.search(HERE);
    same(found.length, 1, "how many items there are");
    same(found[0]?.value, values[Number(found[0]?.value.at)], "the value");
  },

  "start() may come twice, and stop() too": async (store) => {
    await store.start();
    await store.put(HERE, "key", {});
    holds((await store.get(HERE, "key")) !== null, "the store has to work after it was started twice");
    await store.stop();
    await store.stop();
  },
};
