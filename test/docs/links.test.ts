import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { pages, tables } from "../support/docs.js";

const LINK = /\]\((?!https?:|mailto:)([^)\s]+)\)/g;

describe("the links", () => {
  test.each([...pages])("of %s lead to what exists", (page, text) => {
    const broken = [...text.matchAll(LINK)]
      .map((match) => match[1] ?? "")
      .filter((link) => {
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? join(root, page) : join(root, dirname(page), file);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test.each(["docs/README.md", "docs/llms.txt"])("of %s lead to every page of docs", (map) => {
    const links = new Set([...(pages.get(map) ?? "").matchAll(LINK)].map((match) => match[1]?.split("#")[0]));
    const expected = [...pages.keys()]
      .filter((page) => page.startsWith("docs/") && page.endsWith(".md") && page !== "docs/README.md")
      .map((page) => page.slice("docs/".length));
    expect(expected.filter((page) => !links.has(page))).toEqual([]);
  });
});

describe("docs/llms.txt", () => {
  test("has the form of llmstxt.org: a title, a summary, and lists of links that say what is there", () => {
    const text = pages.get("docs/llms.txt") ?? "";
    expect(text).toMatch(/^# Langbaton\n\n> .+\n/);
    expect(text.match(/^# /gm)).toHaveLength(1);
    const [, ...sections] = text.split(/^## /m);
    expect(sections.length).toBeGreaterThan(2);
    for (const section of sections) {
      const items = section
        .split("\n")
        .slice(1)
        .filter((line) => line.startsWith("- "));
      expect(items.length, section.split("\n")[0]).toBeGreaterThan(0);
      expect(items.filter((item) => !/^- \[[^\]]+\]\([^)]+\): \S.+$/.test(item))).toEqual([]);
    }
  });
});

test("docs/llms.txt says of each page what docs/README.md says", () => {
  const rows = tables
    .filter(({ page, head }) => page === "docs/README.md" && head[0] === "page")
    .flatMap((table) => table.rows.map(([link, text]) => `- ${link}: ${text}`));
  const text = pages.get("docs/llms.txt") ?? "";
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !text.includes(`${row}\n`))).toEqual([]);
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
