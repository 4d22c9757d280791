import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, counted, shorten, shortenMiddle } from "../../src/telemetry/pictures/columns.js";
import { titled } from "../../src/telemetry/pictures/svg.js";

const family = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}";

describe("columnsOf()", () => {
  test.each([
    ["plain", 5],
    ["a – b ’ → …", 11],
    ["e\u0301", 1],
    ["\u65E5\u672C", 4],
    [family, 2],
    ["\u{1F1E9}\u{1F1EA}", 2],
    ["", 0],
  ])("of '%s' is %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe("shorten()", () => {
  test("cuts no sign in two", () => {
    expect(shorten(`${family}${family}${family}`, 5)).toBe(`${family}${family}…`);
    expect(shorten("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
    expect(shortenMiddle(`${"a".repeat(40)}${family}`, 12)).toBe(`${"a".repeat(7)}…aa${family}`);
  });

  test("gives one line within its columns, without controls of any kind", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 80 }),
        fc.integer({ min: 2, max: 60 }),
        (text, columns) => {
          for (const short of [shorten(text, columns), shortenMiddle(text, columns)]) {
            expect(columnsOf(short)).toBeLessThanOrEqual(columns);
            expect(short).not.toMatch(
              /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/u,
            );
          }
        },
      ),
      { verbose: 1 },
    );
  });

  test("reads no more of a long text than it shows", () => {
    const begin = performance.now();
    for (let count = 0; count < 20; count++) shorten("\u65E5".repeat(1_000_000), 40);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

test("a title is one line of at most 500 columns that cannot turn its direction", () => {
  const [, title = ""] = /<title>(.*)<\/title>/.exec(titled(`a\nb\u202E${"c".repeat(1000)}`, [])) ?? [];
  expect(title).toMatch(/^a b ?c+…$/);
  expect(columnsOf(title)).toBe(500);
});

test("counted() groups digits, and knows one", () => {
  expect([counted(1, "call"), counted(0, "call"), counted(12_345, "call")]).toEqual([
    "1 call",
    "0 calls",
    "12,345 calls",
  ]);
});
