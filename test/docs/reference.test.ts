import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { entries } from "../support/docs-entries.js";
import { writeReference } from "../support/docs-reference.js";

const committed = join(root, "docs/reference");
const made = mkdtempSync(join(tmpdir(), "reference-"));

// Some seconds; the compiler reads all of the source, and may have to share the machine.
beforeAll(() => writeReference(made), 240_000);
afterAll(() => rmSync(made, { recursive: true }));

describe("the reference", () => {
  test("is that of the source: if not, run `npm run docs`", () => {
    const pages = read(made);
    expect([...read(committed).keys()]).toEqual([...pages.keys()]);
    for (const [page, text] of read(committed)) expect(text, page).toBe(pages.get(page));
  });

  test("has a page for each export of package.json, and an index of them", () => {
    const pages = read(made);
    const expected = entries.map(({ specifier }) => `${specifier.replace(/^langbaton\//, "")}.md`);
    expect([...pages.keys()].sort()).toEqual([...expected, "README.md"].sort());
    const index = pages.get("README.md") ?? "";
    expect(expected.filter((page) => !index.includes(`](${page})`))).toEqual([]);
  });

  test("links to what is there", () => {
    const pages = read(made);
    const broken = [...pages].flatMap(([page, text]) =>
      [...text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)]
        .map((match) => match[1] ?? "")
        .filter((link) => {
          const [file = "", anchor] = link.split("#");
          if (file.startsWith("../") && posix.join(dirname(page), file) === "../README.md") return false;
          const target = pages.get(file === "" ? page : posix.join(dirname(page), file));
          return target === undefined || (anchor !== undefined && !anchorsOf(target).has(anchor));
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test("names no file of this machine and no commit", () => {
    const machine = /node_modules|file:\/\/|Defined in|[0-9a-f]{40}/;
    const marked = [...read(made)].filter(([, text]) => text.includes(root) || machine.test(text));
    expect(marked.map(([page]) => page)).toEqual([]);
  });
});

/** Markdown files by their path in the folder, in alphabetical order. */
function read(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

/** Ids that are written out, and those that headings get; equal ones are counted on. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1] ?? ""));
  const seen = new Map<string, number>();
  for (const [, heading = ""] of text.matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}
