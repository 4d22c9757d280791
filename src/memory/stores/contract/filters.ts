import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { type Cases, keysOf, same } from "./case.js";

const HERE = ["contract", "filters"];

const VALUES: Readonly<Record<string, Record<string, unknown>>> = {
  one: { number: 1, text: "1", kind: "a", flag: true },
  two: { number: 2, text: "2", kind: "a", flag: false },
  three: { number: 3, text: "3", kind: "b", flag: null },
  ten: { number: 10, text: "10", kind: "B", date: "2026-01-02" },
  none: { other: 1, nested: { number: 1 }, list: [1], "dotted.key": 1 },
};

/** Each filter with the keys that pass. */
type Expected = readonly (readonly [Record<string, unknown>, readonly string[]])[];

function finds(expected: Expected): (store: BaseStore) => Promise<void> {
  return async (store) => {
    for (const [key, value] of Object.entries(VALUES)) await store.put(HERE, key, value);
    for (const [filter, keys] of expected)
      same(
        await keysOf(store, HERE, { filter }),
        [...keys].sort(),
        `keys that pass ${JSON.stringify(filter)}`,
      );
  };
}

/** `filter`, as LangGraph documents it and `InMemoryStore` does it. */
export const filterCases: Cases = {
  "filter compares text, numbers, booleans and null exactly": finds([
    [{ number: 1 }, ["one"]],
    [{ number: "1" }, []],
    [{ text: "1" }, ["one"]],
    [{ text: 1 }, []],
    [{ kind: "b" }, ["three"]],
    [{ flag: true }, ["one"]],
    [{ flag: false }, ["two"]],
    [{ flag: null }, ["three"]],
  ]),
  "filter wants all its keys": finds([
    [{ kind: "a", number: 2 }, ["two"]],
    [{ kind: "a", number: 3 }, []],
  ]),
  "filter without keys lets all pass": finds([[{}, Object.keys(VALUES)]]),
  "filter $eq": finds([
    [{ number: { $eq: 2 } }, ["two"]],
    [{ text: { $eq: 2 } }, []],
  ]),
  "filter $ne, which a missing key passes": finds([
    [{ number: { $ne: 2 } }, ["one", "three", "ten", "none"]],
    [{ kind: { $ne: "a" } }, ["three", "ten", "none"]],
  ]),
  "filter $gt, $gte, $lt and $lte compare as numbers": finds([
    [{ number: { $gt: 2 } }, ["three", "ten"]],
    [{ number: { $gte: 2 } }, ["two", "three", "ten"]],
    [{ number: { $lt: 2 } }, ["one"]],
    [{ number: { $lte: 2 } }, ["one", "two"]],
  ]),
  "filter with several operators wants all of them": finds([
    [{ number: { $gte: 2, $lt: 10 } }, ["two", "three"]],
    [{ number: { $gte: 2, $ne: 3 } }, ["two", "ten"]],
  ]),
  "filter $in": finds([
    [{ number: { $in: [1, 10, "2"] } }, ["one", "ten"]],
    [{ number: { $in: [] } }, []],
  ]),
  "filter $nin, which a missing key passes": finds([
    [{ number: { $nin: [1, 10, "2"] } }, ["two", "three", "none"]],
    [{ number: { $nin: [] } }, Object.keys(VALUES)],
  ]),
  "filter never lets text that is no number pass $gt or $lt": finds([
    [{ date: { $gt: "2026-01-01" } }, []],
    [{ date: { $lt: "2026-01-03" } }, []],
  ]),
  "filter sees the top level alone": finds([
    [{ "nested.number": 1 }, []],
    [{ nested: { number: 1 } }, []],
    [{ list: [1] }, []],
    [{ "dotted.key": 1 }, ["none"]],
  ]),
  "filter does not see what objects inherit": finds([
    [{ constructor: { $in: [Object] } }, []],
    [{ toString: Object.prototype.toString }, []],
  ]),
  "filter takes quotes and operators in keys and values as they are": async (store) => {
    const odd = `it's "odd"'; DROP TABLE store; --`;
    await store.put(HERE, "odd", { [odd]: odd });
    await store.put(HERE, "plain", { text: "plain" });
    same(await keysOf(store, HERE, { filter: { [odd]: odd } }), ["odd"], "keys that pass the odd filter");
    same(await keysOf(store, HERE, {}), ["odd", "plain"], "all keys afterwards");
  },
  "filter comes before limit and offset": async (store) => {
    for (let at = 0; at < 20; at++) await store.put(HERE, `${at}`, { even: at % 2 === 0 });
    const found = [];
    for (const offset of [0, 4, 8])
      found.push(...(await store.search(HERE, { filter: { even: true }, limit: 4, offset })));
    same(
      found.map(({ key }) => Number(key)).sort((a, b) => a - b),
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18],
      "the keys of three pages of the even ones",
    );
  },
};
