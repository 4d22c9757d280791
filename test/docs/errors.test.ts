import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/child.js";
import { pages, tables } from "../support/docs.js";

const source = readFileSync(join(root, "src/core/errors.ts"), "utf8");
const codes = [...source.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map((match) => match[1] ?? "");
const page = pages.get("docs/errors.md") ?? "";

test("docs/errors.md lists every code, in the order of the union, and no other", () => {
  expect(codes.length).toBeGreaterThan(20);
  const [table] = tables.filter(({ page, head }) => page === "docs/errors.md" && head[0] === "code");
  expect(table?.rows.map(([code]) => code?.replaceAll("`", "").replace(/\[|\]\(.*\)/g, ""))).toEqual(codes);
});

test("each code has a part of its own: when, what `data` carries, and what to do", () => {
  const parts = page.split(/^### /m).slice(1);
  expect(parts.map((part) => /^`(\w+)`\n/.exec(part)?.[1])).toEqual(codes);
  for (const part of parts) {
    for (const label of ["When", "Data", "Do"])
      expect(part).toMatch(new RegExp(`^- \\*\\*${label}\\*\\*: \\S`, "m"));
  }
});

test("what the docstring says that `data` carries stands on the page", () => {
  const docstring = source.slice(0, source.indexOf("export type ErrorCode"));
  const told = [...docstring.matchAll(/^ \* - `([A-Z_]+)`: (.*?)(?=\n \* -|\n \*\/)/gms)];
  expect(told.map(([, code]) => code)).toEqual(codes);
  const missing = told.flatMap(([, code = "", text = ""]) => {
    const part = page.split(/^### /m).find((each) => each.startsWith(`\`${code}\``)) ?? "";
    const keys = [...text.matchAll(/`([a-z]\w+)`/g)].map((match) => match[1] ?? "");
    return keys.filter((key) => !part.includes(`\`${key}\``)).map((key) => `${code}: ${key}`);
  });
  expect(missing).toEqual([]);
});

test("a key that the page says `data` carries is one that the source writes", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  const all = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "src", file), "utf8"));
  const written = new Set([...all.join("\n").matchAll(/(?<=[{,] ?|^\s*)\w+(?=:|,| })/gm)].map(String));
  const told = [...page.matchAll(/^- \*\*Data\*\*: (.*)$/gm)].flatMap(([, data = ""]) =>
    [...data.matchAll(/`([a-z]\w+)`/g)].map((match) => match[1] ?? ""),
  );
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((key) => !written.has(key))).toEqual([]);
});
