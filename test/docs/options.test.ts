import { describe, expect, test } from "vitest";
import { pages, type Table, tables } from "../support/docs.js";
import { keysOf } from "../support/docs-types.js";

/**
 * `FanOutOptions of langbaton/execution/fan-out, with merge, without clock, signal`: what a table of options is about,
 * what the function takes beside that type, and which of its keys the page leaves to the reference.
 */
const FORM = /^(\w+) of (langbaton[\w/-]*)(?:, with (\w+))?(?:, without (.+))?$/;
const marked = tables.filter(({ note }) => note?.key === "options");

describe("a table of options", () => {
  test.each(marked.map((table) => [`${table.page}:${table.line} (${table.note?.value})`, table] as const))(
    "%s has every key of its type, no other, and its defaults",
    (_, table) => {
      const [, type = "", specifier = "", added, without = ""] = FORM.exec(table.note?.value ?? "") ?? [];
      const keys = keysOf(specifier, type);
      expect(keys, "there is no such export").toBeDefined();
      const left = without === "" ? [] : without.split(", ");
      expect(left.filter((name) => !keys?.some((key) => key.name === name))).toEqual([]);
      const expected = [...(keys ?? []).map(({ name }) => name), ...(added === undefined ? [] : [added])];
      expect([...rowsOf(table).keys(), ...left].sort()).toEqual(expected.sort());

      const wrong = (keys ?? []).flatMap(({ name, defaultText }) => {
        const shown = literal(rowsOf(table).get(name));
        const real = literal(defaultText);
        return shown === undefined || real === undefined || shown === real
          ? []
          : [`${name}: ${shown}, not ${real}`];
      });
      expect(wrong).toEqual([]);
    },
  );

  test("says which type it is about", () => {
    const silent = tables.filter(({ head, note }) => head[0] === "option" && head[1] !== "commands" && !note);
    expect(silent.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
    expect(marked.length).toBeGreaterThan(20);
  });

  test("a comment before no table is a slip", () => {
    const comments = [...pages].flatMap(([page, text]) =>
      [...text.matchAll(/^<!-- options: /gm)].map(() => page),
    );
    expect(comments.length).toBe(marked.length);
  });
});

/** Names of the first column, of `limits.top` the first part, with what the column of defaults says. */
function rowsOf({ head, rows }: Table): Map<string, string | undefined> {
  const column = head.indexOf("default");
  return new Map(
    rows.flatMap((row) =>
      [...(row[0] ?? "").matchAll(/`([^`]+)`/g)].map(
        (match) => [(match[1] ?? "").split(".")[0] ?? "", row[column]] as const,
      ),
    ),
  );
}

/** A number, a quoted text or a truth value, in one form; undefined for words about a default. */
function literal(text: string | undefined): string | undefined {
  const plain = text?.replaceAll("`", "").trim();
  if (plain === undefined) return undefined;
  const digits = plain.replace(/(?<=\d)[_, ](?=\d{3})/g, "");
  return /^(-?\d+(\.\d+)?|".*"|true|false)$/.test(digits) ? digits : undefined;
}
