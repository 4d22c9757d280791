import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/mcp/config.js";
import { root } from "../support/child.js";
import { fences } from "../support/docs.js";
import { complaints, programOf } from "../support/docs-compile.js";

const LANGUAGES = ["ts", "js", "sh", "json", "jsonc", "jsonl", "yaml", "text", "promql", "md", "csv"];
const MARKS: Readonly<Record<string, readonly string[]>> = {
  ts: ["run", "serve", "warns"],
  sh: ["run"],
  text: ["output"],
};

describe("the fences", () => {
  test("every TypeScript fence compiles against the built package", () => {
    // In the package's folder, where its own name leads to what package.json exports. Blank lines keep the page's numbers.
    const files = new Map(
      fences
        .filter(({ info }) => info[0] === "ts")
        .map(({ page, line, code }) => [
          join(root, `${page.replaceAll("/", "-")}-${line}.ts`),
          `${"\n".repeat(line - 1)}${code}\nexport {};\n`,
        ]),
    );
    expect(files.size).toBeGreaterThan(50);
    expect(complaints(programOf(files), files)).toEqual([]);
    // A compiler's run over all pages takes its time on a busy machine.
  }, 120_000);

  test("every JSON fence is JSON", () => {
    const broken = fences
      .filter(({ info }) => info[0] === "json")
      .flatMap(({ page, line, code }) => {
        try {
          JSON.parse(code);
          return [];
        } catch (error) {
          return [`${page}:${line}: ${(error as Error).message}`];
        }
      });
    expect(broken).toEqual([]);
  });

  test("every JavaScript fence compiles too, but for packages that are not installed here", () => {
    const files = new Map(
      fences
        .filter(({ info }) => info[0] === "js")
        .map(({ page, line, code }) => [
          join(root, `${page.replaceAll("/", "-")}-${line}.js`),
          `${"\n".repeat(line - 1)}${code}\nexport {};\n`,
        ]),
    );
    const foreign = /Cannot find module '(?!langbaton|\.)/;
    expect(complaints(programOf(files), files).filter((text) => !foreign.test(text))).toEqual([]);
  }, 120_000);

  test("every configuration of MCP servers is one that `parseConfig` takes", () => {
    const shown = fences.filter(
      ({ info, code }) => info[0]?.startsWith("json") && code.includes('"mcpServers"'),
    );
    expect(shown.length).toBeGreaterThan(4);
    const broken = shown.flatMap(({ page, line, code }) => {
      // A variable may stand for anything: what is looked at is the form.
      const env = Object.fromEntries(
        [...code.matchAll(/\$\{(?:env:)?(\w+)/g)].map(([, name]) => [name, "set"]),
      );
      try {
        parseConfig(code, { env });
        return [];
      } catch (error) {
        return [`${page}:${line}: ${(error as Error).message}`];
      }
    });
    expect(broken).toEqual([]);
  });

  test("every fence says its language, and is marked with nothing that means nothing", () => {
    const wrong = fences.filter(({ info: [language = "", ...marks] }) => {
      return !LANGUAGES.includes(language) || marks.some((mark) => !MARKS[language]?.includes(mark));
    });
    expect(wrong.map(({ page, line, info }) => `${page}:${line}: ${info.join(" ")}`)).toEqual([]);
  });
});
