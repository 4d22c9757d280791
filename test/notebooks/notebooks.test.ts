import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { programOf as compile, complaints } from "../support/docs-compile.js";
import { type CodeCell, isCode, normalise, parseNotebook, serialise, textOf } from "./notebook.js";
import { programOf, runInNode } from "./plain-node.js";

const folder = join(root, "notebooks");
const names = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
const texts = new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const notebookOf = (name: string) => parseNotebook(texts.get(name) ?? "", name);
const cellsOf = (name: string) => notebookOf(name).cells.filter(isCode);

describe("the notebooks", () => {
  test("are numbered without a gap", () => {
    expect(names.map((name) => name.slice(0, 3))).toEqual(names.map((_, index) => `0${index + 1}-`));
  });

  test("compile against the built package, each as one module, and so does the code in their texts", () => {
    const files = new Map(names.flatMap(programsOf));
    expect(files.size).toBeGreaterThan(names.length);
    expect(complaints(compile(files), files)).toEqual([]);
    // A compiler's run takes its time on a busy machine.
  }, 120_000);

  test.each(names)("%s is as `npm run notebooks` writes it, each cell run once and in order", (name) => {
    expect(texts.get(name)).toBe(serialise(normalise(notebookOf(name))));
    const counts = cellsOf(name).map(({ execution_count: count }) => count);
    expect(counts).toEqual(counts.map((_, index) => index + 1));
  });

  test.each(names)("%s shows pictures, and no error, noise or path of a machine", (name) => {
    const outputs = cellsOf(name).flatMap((cell) => cell.outputs);
    expect(outputs.filter((output) => "data" in output && "image/svg+xml" in output.data)).not.toEqual([]);
    expect(outputs.filter((output) => output.output_type === "error")).toEqual([]);
    expect(outputs.filter((output) => "name" in output && output.name === "stderr")).toEqual([]);
    expect(JSON.stringify(outputs)).not.toMatch(/file:\/\/|(?<![\w.:])\/(home|root|tmp|work|Users)\//);
  });

  test.each(names)(
    "%s closes what it opened: it ends by itself in plain Node, and prints in words what it shows",
    async (name) => {
      const { code, stderr, printed } = await runInNode(notebookOf(name), folder);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      for (const cell of cellsOf(name)) expectWords(cell, printed.get(cell.id));
    },
    90_000,
  );
});

/** By the names of files that would have them: the cells of a notebook, and each fence of its texts. */
function programsOf(name: string): [string, string][] {
  const notebook = notebookOf(name);
  const texts = notebook.cells.filter((cell) => !isCode(cell)).map(({ source }) => textOf(source));
  const fences = [...texts.join("\n").matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
  return [programOf(notebook), ...fences].map((code, index) => [
    join(folder, `${name}-${index}.ts`),
    // TypeScript wants the name that a compiler would give the file, Deno the one that it has.
    `${code.replaceAll(`"./show.ts"`, `"./show.js"`)}\nexport {};\n`,
  ]);
}

function expectWords({ id, outputs, source }: CodeCell, printed: string | undefined): void {
  const about = `cell ${id}: ${textOf(source).slice(0, 60)}`;
  expect(printed?.trim() !== "", about).toBe(outputs.length > 0);
  expect(printed, about).not.toMatch(/<svg|\[object |Symbol\(/);
}
