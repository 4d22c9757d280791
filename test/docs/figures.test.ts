import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { lineAt, pages, prose, tables } from "../support/docs.js";

interface Recorded {
  readonly name: string;
  readonly size: string;
  readonly recordedAt: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, string>>;
}

const folder = join(root, "test/bench/figures");
const recorded = new Map(
  readdirSync(folder).map((file) => {
    return [basename(file, ".json"), JSON.parse(readFileSync(join(folder, file), "utf8")) as Recorded];
  }),
);

interface Quote {
  readonly place: string;
  /** `benchmark.key`, or `benchmark.key/1000` where the page has a larger unit, or a number that was set; in their order. */
  readonly keys: readonly string[];
  readonly text: string;
  /** What a row says of its measurement stands in its first cell: every number behind that is a result. */
  readonly isRow: boolean;
}

/** `<!-- figures: call.stdio_p50_vs_peer -->` in the row of a table, or on a line of its own before a paragraph. */
const MARKER = /(?<!`)<!-- figures: (.+?) -->/;
/** A text that holds a figure which no benchmark records, and which nobody compares. */
const UNRECORDED = "unrecorded";

const marked: readonly Quote[] = [...pages].flatMap(([page, text]) =>
  [...text.matchAll(new RegExp(`^(.*)${MARKER.source}(.*)$`, "gm"))].map((match) => {
    const [whole, before = "", keys = "", after = ""] = match;
    const line = before + after;
    const isRow = line.startsWith("|");
    const following =
      text
        .slice(match.index + whole.length)
        .trimStart()
        .split("\n\n")[0]
        ?.trimEnd() ?? "";
    return {
      place: `${page}:${lineAt(text, match.index)}`,
      keys: keys.split(" "),
      text: line.trim() === "" ? following : isRow ? line.split("|").slice(2).join("|") : line,
      isRow,
    };
  }),
);
const quotes = marked.filter(({ keys }) => keys.join() !== UNRECORDED);

describe("a measured figure", () => {
  test.each(quotes)("$place is that of the recorded run", ({ keys, text, isRow }) => {
    const shown = numbersIn(text);
    let next = 0;
    const wrong = keys.flatMap((key) => {
      const value = recordedValue(key);
      if (value === undefined) return [`${key} is not recorded`];
      const at = shown.findIndex(({ number }, index) => index >= next && isRounded(value, number));
      const left = shown.slice(next).map(({ number }) => number);
      if (at === -1) return [`${key} is ${value}: not in ${left.join(", ") || "the text"}`];
      shown.splice(at, 1);
      next = at;
      return [];
    });
    expect(wrong).toEqual([]);
    expect(shown.filter(({ isMeasured }) => isRow || isMeasured)).toEqual([]);
  });

  test("has a marker in each row of a table that measures", () => {
    const silent = tables.flatMap(({ page, line, rows }) => {
      const isMarked = (row: readonly string[]): boolean => row.some((cell) => MARKER.test(cell));
      if (!rows.some(isMarked)) return [];
      return rows.flatMap((row, index) =>
        isMarked(row) || numbersIn(row.slice(1).join(" ")).length === 0
          ? []
          : [`${page}:${line + 2 + index}`],
      );
    });
    expect(silent).toEqual([]);
  });

  test("has a marker before a paragraph that says how long something takes", () => {
    // Microseconds are only ever measured, and so is a time for a number of things: "5 ms for 10,000".
    const measured = /\d µs|\d m?s for \d/;
    const silent = [...prose].flatMap(([page, text]) =>
      [...text.matchAll(/^(?![|#]).+(?:\n(?!\||\n).+)*/gm)]
        .filter(([paragraph]) => measured.test(paragraph) && !marked.some((each) => each.text === paragraph))
        .map((match) => `${page}:${lineAt(text, match.index)}`),
    );
    expect(silent).toEqual([]);
  });

  test("stands in README.md and in every page that measures", () => {
    const quoting = new Set(quotes.map(({ place }) => place.split(":")[0]));
    const measuring = ["agents", "execution", "memory", "workflows"].map((page) => `docs/${page}.md`);
    expect(measuring.filter((page) => !quoting.has(page))).toEqual([]);
  });

  test("belongs to a benchmark that there is, at full size, with its versions", () => {
    for (const [name, { size, recordedAt, versions, ...rest }] of recorded) {
      expect(rest.name).toBe(name);
      expect(size).toBe("full");
      expect(recordedAt).toMatch(/^\d{4}-\d{2}(-\d{2})?$/);
      expect(Object.keys(versions)).toContain("node");
      expect(readFileSync(join(root, `test/bench/${name}.ts`), "utf8")).toContain("export const run");
    }
  });
});

function recordedValue(key: string): number | undefined {
  // A number of its own says how much was tried, as in "200 of 200".
  if (/^\d+$/.test(key)) return Number(key);
  const [, name = "", figure = "", divisor = "1"] = /^([\w-]+)\.(\w+)(?:\/(\d+))?$/.exec(key) ?? [];
  const value = recorded.get(name)?.figures[figure];
  return value === undefined ? undefined : value / Number(divisor);
}

interface Shown {
  readonly number: string;
  /** It has a decimal point or a unit: an integer alone may also say how often or how much was tried. */
  readonly isMeasured: boolean;
}

/** Numbers as they are written, without those in code, in versions and in dates. */
function numbersIn(text: string): Shown[] {
  const plain = text.replace(/`[^`]*`|<!--.*?-->/g, "").replace(/\d+\.\d+\.\d+|\d{4}-\d{2}(-\d{2})?/g, "");
  return [...plain.matchAll(/(\d+(?:,\d{3})*(?:\.\d+)?)( (?:%|µs|ms|s|KB|kB|MB|GB)(?!\w))?/g)].map(
    ([, number = "", unit]) => ({ number, isMeasured: number.includes(".") || unit !== undefined }),
  );
}

/** Whether a number is the value to as many places as it is written with, and to two digits if the value has two. */
function isRounded(value: number, number: string): boolean {
  const plain = number.replaceAll(",", "");
  const places = plain.split(".")[1]?.length ?? 0;
  return value.toFixed(places) === plain && (Number(plain) === value || digitsOf(plain) >= 2);
}

/** How many digits a number is given with: 2 of `0.86`, 3 of `1.00`. */
function digitsOf(number: string): number {
  return number.replace(/^0*\.?0*/, "").replace(".", "").length;
}
