import { type Cases, keysOf, same } from "./case.js";

const HERE = ["contract", "searches"];

/** Each is a label beside `acme` that is no part of it. */
const NEIGHBOURS = [
  "acme-corp",
  "acme2",
  "acme:x",
  "acme/x",
  "acme,x",
  "acme%",
  "acme_",
  "ACME",
  "acm",
  "acme ",
];

/** Search without a query. */
export const searchCases: Cases = {
  "search() finds the namespace and all below it": async (store) => {
    await store.put(["contract"], "above", {});
    await store.put(HERE, "here", {});
    await store.put([...HERE, "below"], "below", {});
    await store.put([...HERE, "below", "deep"], "deep", {});
    await store.put(["other"], "other", {});
    same(await keysOf(store, HERE), ["below", "deep", "here"], "keys below the prefix");
    same(await keysOf(store, [...HERE, "below"]), ["below", "deep"], "keys below a longer prefix");
    same(await keysOf(store, [...HERE, "none"]), [], "keys below a prefix that nothing has");
  },

  "search() with an empty prefix finds all": async (store) => {
    await store.put(["one"], "a", {});
    await store.put(["two", "three"], "b", {});
    same(await keysOf(store, []), ["a", "b"], "all keys");
  },

  "search() never finds a neighbour whose label merely starts alike": async (store) => {
    await store.put(["tenant", "acme"], "own", {});
    await store.put(["tenant", "acme", "ann"], "own, below", {});
    for (const name of NEIGHBOURS) await store.put(["tenant", name], `of ${name}`, {});
    same(await keysOf(store, ["tenant", "acme"]), ["own", "own, below"], "keys of tenant 'acme'");
    for (const name of NEIGHBOURS)
      same(await keysOf(store, ["tenant", name]), [`of ${name}`], `keys of '${name}'`);
    same(await keysOf(store, ["ten"]), [], "keys below 'ten'");
  },

  "search() takes % and _ in a prefix as they are": async (store) => {
    await store.put(["tenant", "acme"], "of acme", {});
    same(await keysOf(store, ["tenant", "%"]), [], "keys below '%'");
    same(await keysOf(store, ["tenant", "acm_"]), [], "keys below 'acm_'");
    same(await keysOf(store, ["tenant", "*"]), [], "keys below '*'");
  },

  "search() returns items as get() does, without a score": async (store) => {
    await store.put([...HERE, "below"], "key", { text: "hello" });
    const [found] = await store.search(HERE);
    const { score, ...item } = found ?? {};
    same(score, undefined, "the score without a query");
    same({ ...item }, { ...(await store.get([...HERE, "below"], "key")) }, "the item");
  },

  "search() returns 10 items unless told otherwise": async (store) => {
    await store.batch(
      Array.from({ length: 12 }, (_, at) => ({ namespace: HERE, key: `${at}`, value: { at } })),
    );
    same((await store.search(HERE)).length, 10, "items by default");
    same((await store.search(HERE, { limit: 3 })).length, 3, "items with limit 3");
    same((await store.search(HERE, { limit: 0 })).length, 0, "items with limit 0");
    same((await store.search(HERE, { offset: 5 })).length, 7, "items with offset 5 of 12");
    same((await store.search(HERE, { offset: 12 })).length, 0, "items with offset 12 of 12");
  },

  "search() in pages finds every item once": async (store) => {
    const keys = Array.from({ length: 25 }, (_, at) => `key ${at}`);
    for (const [at, key] of keys.entries()) await store.put([...HERE, `${at % 3}`], key, { at });
    const found: string[] = [];
    for (let offset = 0; offset < 30; offset += 4)
      found.push(...(await store.search(HERE, { limit: 4, offset })).map(({ key }) => key));
    same(found.sort(), [...keys].sort(), "the keys of all pages");
  },

  "search() with a limit beyond all counting finds all": async (store) => {
    const keys = Array.from({ length: 600 }, (_, at) => `key ${at}`);
    await store.batch(keys.map((key) => ({ namespace: HERE, key, value: { key } })));
    const found = await store.search(HERE, { limit: Number.MAX_SAFE_INTEGER });
    same(found.map(({ key }) => key).sort(), keys.sort(), "all keys");
  },
};
