import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { lineAt, pages } from "../support/docs.js";

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
  /** `benchmark.key`, or `benchmark.key/1000` where the page has a larger unit; in the order of the text. */
  readonly keys: readonly string[];
  readonly text: string;
}

/** `<!-- figures: call.stdio_p50_vs_peer -->` in the row of a table, or on a line of its own before a paragraph. */
const quotes: readonly Quote[] = [...pages].flatMap(([page, text]) =>
  [...text.matchAll(/^(.*)(?<!`)<!-- figures: (.+?) -->(.*)$/gm)].map((match) => {
    const [whole, before = "", keys = "", after = ""] = match;
    const isAlone = `${before}${after}`.trim() === "";
    const following =
      text
        .slice(match.index + whole.length)
        .trimStart()
        .split("\n\n")[0] ?? "";
    const line = lineAt(text, match.index);
    return { place: `${page}:${line}`, keys: keys.split(" "), text: isAlone ? following : before + after };
  }),
);

describe("a measured figure", () => {
  test.each(quotes)("$place is that of the recorded run", ({ keys, text }) => {
    const shown = numbersIn(text);
    let next = 0;
    const wrong = keys.flatMap((key) => {
      const value = recordedValue(key);
      if (value === undefined) return [`${key} is not recorded`];
      const at = shown.findIndex((number, index) => index >= next && isRounded(value, number));
      if (at === -1) return [`${key} is ${value}: not in ${shown.slice(next).join(", ") || "the text"}`];
      next = at + 1;
      shown[at] = "";
      return [];
    });
    expect(wrong).toEqual([]);
    expect(shown.filter((number) => number.includes("."))).toEqual([]);
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
  const [, name = "", figure = "", divisor = "1"] = /^([\w-]+)\.(\w+)(?:\/(\d+))?$/.exec(key) ?? [];
  const value = recorded.get(name)?.figures[figure];
  return value === undefined ? undefined : value / Number(divisor);
}

/** Numbers as they are written, without those in code, in versions and in dates. */
function numbersIn(text: string): string[] {
  const plain = text.replace(/`[^`]*`/g, "").replace(/\d+\.\d+\.\d+|\d{4}-\d{2}(-\d{2})?/g, "");
  return plain.match(/\d+(?:,\d{3})*(?:\.\d+)?/g) ?? [];
}

/** Whether a number is the value to as many places as it is written with. */
function isRounded(value: number, number: string): boolean {
  const places = number.split(".")[1]?.length ?? 0;
  return number !== "" && value.toFixed(places) === number.replaceAll(",", "");
}
