import { describe, expect, test } from "vitest";
import { fanOut } from "../../src/execution/fan-out.js";
import { mergeRanked } from "../../src/execution/merge-ranked.js";

interface Hit {
  readonly url: string;
  readonly from?: string;
  readonly score?: number;
}

const list = (name: string, hits: readonly Hit[]) => ({ name, value: { hits }, durationMs: 1 });
const items = ({ hits }: { hits: readonly Hit[] }) => hits;
const key = ({ url }: Hit) => url;

describe("mergeRanked()", () => {
  test("makes one of items with the same key, and ranks by reciprocal rank fusion", () => {
    const merge = mergeRanked({ items, key });
    const ranked = merge([
      list("a", [
        { url: "1", from: "a" },
        { url: "2", from: "a" },
      ]),
      list("b", [{ url: "2", from: "b" }, { url: "3" }, { url: "1" }]),
    ]);
    expect(ranked).toEqual([
      { item: { url: "2", from: "b" }, key: "2", score: 1 / 62 + 1 / 61, sources: ["a", "b"] },
      { item: { url: "1", from: "a" }, key: "1", score: 1 / 61 + 1 / 63, sources: ["a", "b"] },
      { item: { url: "3" }, key: "3", score: 1 / 62, sources: ["b"] },
    ]);
  });

  test("equals keep the order of the jobs and their lists; a repeat in one list counts once", () => {
    const merge = mergeRanked({ items, key });
    const ranked = merge([list("a", [{ url: "x" }, { url: "x" }]), list("b", [{ url: "y" }])]);
    expect(ranked.map((each) => [each.key, each.score, each.sources])).toEqual([
      ["x", 1 / 61, ["a"]],
      ["y", 1 / 61, ["b"]],
    ]);
  });

  test("ranks by `score` where there is one, and what has none comes last", () => {
    const merge = mergeRanked({ items, key, score: ({ score = Number.NaN }: Hit) => score });
    const ranked = merge([
      list("a", [{ url: "1", score: 0.2 }, { url: "2" }]),
      list("b", [{ url: "1", score: 0.9, from: "b" }, { url: "3", score: 0.5 }, { url: "4" }]),
    ]);
    expect(ranked.map((each) => [each.key, each.score])).toEqual([
      ["1", 0.9],
      ["3", 0.5],
      ["2", Number.NEGATIVE_INFINITY],
      ["4", Number.NEGATIVE_INFINITY],
    ]);
    expect(ranked[0]?.item.from).toBe("b");
  });

  test("fits `merge` of fanOut", async () => {
    const jobs = [{ name: "a", run: async () => ({ hits: [{ url: "1" }] }) }];
    const ranked = await fanOut(jobs, { merge: mergeRanked({ items, key }) });
    expect(ranked[0]?.item).toEqual({ url: "1" });
  });

  test("refuses options that are none", () => {
    expect(() => mergeRanked({ items, key: "url", by: 1 } as never)).toThrow(
      /by is not known.*key must be a function/,
    );
  });
});
