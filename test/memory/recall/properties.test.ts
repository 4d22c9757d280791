import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IndexedItem } from "../../../src/memory/recall/ranked.js";
import { createRecallIndex } from "../../../src/memory/recall/recall-index.js";
import { growthOf } from "../../support/growth.js";
import { item, NOW } from "./conversation.js";

const word = fc.constantFrom(
  "boat",
  "boats",
  "red",
  "green",
  "sold",
  "yesterday",
  "May",
  "not",
  "I",
  "2025",
  "Ann",
  "why?",
);
const items = fc.uniqueArray(
  fc.record({
    number: fc.nat(99),
    words: fc.array(word, { minLength: 1, maxLength: 8 }),
    thread: fc.constantFrom("a", "b", ""),
    speaker: fc.constantFrom("Ann", "Bob", undefined),
    day: fc.integer({ min: 1, max: 28 }),
  }),
  { selector: ({ number }) => number, minLength: 1, maxLength: 30 },
);
const query = fc.array(word, { maxLength: 6 }).map((words) => words.join(" "));

type Line = (typeof items extends fc.Arbitrary<infer Lines> ? Lines : never) extends readonly (infer One)[]
  ? One
  : never;

function toItem({ number, words, thread, speaker, day }: Line): IndexedItem {
  return item(`i${number}`, words.join(" "), {
    threadId: thread,
    kind: thread === "" ? "fact" : "message",
    time: new Date(Date.UTC(2026, 3, day)).toISOString(),
    ...(speaker && { speaker }),
  });
}

describe("properties", () => {
  it("search() answers the same in whatever order and batches the items came", () => {
    fc.assert(
      fc.property(
        items,
        query,
        fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (lines, asked, keys, batch) => {
          const all = lines.map(toItem);
          const shuffled = all
            .map((each, at) => ({ each, key: keys[at] ?? 0 }))
            .sort((a, b) => a.key - b.key);
          const bulk = createRecallIndex();
          bulk.add(all);
          const slow = createRecallIndex();
          for (let at = 0; at < shuffled.length; at += batch) {
            slow.add(shuffled.slice(at, at + batch).map(({ each }) => each));
            slow.search(asked, { limit: 3, now: NOW });
          }
          const options = { limit: 10, now: NOW };
          expect(slow.search(asked, options)).toEqual(bulk.search(asked, options));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("search() after remove() answers as if the items had never come", () => {
    fc.assert(
      fc.property(
        items,
        query,
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        (lines, asked, gone) => {
          const all = lines.map(toItem);
          const index = createRecallIndex();
          index.add(all);
          index.search(asked, { limit: 3, now: NOW });
          const kept = all.filter((_, at) => !gone[at]);
          for (const each of all) if (!kept.includes(each)) index.remove(each.id);
          const fresh = createRecallIndex();
          fresh.add(kept);
          const ids = (of: typeof index) => of.search(asked, { limit: 10, now: NOW }).map(({ id }) => id);
          expect(ids(index)).toEqual(ids(fresh));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("add() and search() take any text: lone surrogates, NUL, regular expressions, other scripts", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.string({ unit: "grapheme", maxLength: 80 }),
      fc.constantFrom("(", "[a-", "\\", "\ud800", "a\0b", "__proto__ constructor", "?".repeat(50)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), text, (texts, asked) => {
        const index = createRecallIndex();
        index.add(texts.map((each, at) => item(`i${at}`, each, { speaker: each })));
        for (const { score, id } of index.search(asked, { limit: 5, now: NOW })) {
          expect(Number.isFinite(score)).toBe(true);
          expect(Number(id.slice(1))).toBeLessThan(texts.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("size", () => {
  it("add() of a text takes time in proportion to its length at most", () => {
    for (const unit of ["word ", "a?", "é'", "猫", ". ", "A b, C d? ", "x", "1 May 2023 ", "\ud800"]) {
      const growth = growthOf(unit, (text) => createRecallIndex().add([item("i0", text)]));
      expect({ unit, isLinear: growth.isLinear }).toEqual({ unit, isLinear: true });
    }
  });

  it("search() reads so much of a long query and no more", () => {
    const index = createRecallIndex();
    index.add(Array.from({ length: 50 }, (_, n) => item(`i${n}`, `word${n} and word${n + 1}`)));
    const long = Array.from({ length: 20_000 }, (_, n) => `word${n}`).join(" ");
    expect(index.search(long, { limit: 5, now: NOW })).toHaveLength(5);
    expect(growthOf("word1 word2 ", (text) => void index.search(text, { limit: 5, now: NOW })).isLinear).toBe(
      true,
    );
  });

  it("add() indexes the beginning of a very long text", () => {
    const index = createRecallIndex();
    index.add([item("i0", `lighthouse ${"filler ".repeat(150_000)} windmill`), item("i1", "something else")]);
    const ids = (asked: string) => index.search(asked, { limit: 5, now: NOW }).map(({ id }) => id);
    expect(ids("lighthouse")[0]).toBe("i0");
    expect(ids("windmill")).toEqual([]);
  });
});
