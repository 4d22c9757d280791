import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { check, update } from "./check.js";
import { missing } from "./kernel.js";
import { type Notebook, parseNotebook, serialise } from "./notebook.js";
import { runInNode } from "./plain-node.js";

const folder = mkdtempSync(join(tmpdir(), "notebooks-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PICTURE = `({ [Symbol.for("Jupyter.display")]: () => ({ "image/svg+xml": "<svg><text>a</text></svg>", "text/plain": "a" }) })`;

describe.skipIf(missing() !== undefined)("a notebook in the Deno kernel (where Deno and Jupyter are)", () => {
  test("has what its cells printed and showed after update(), and check() finds nothing wrong", async () => {
    const file = write(`const a: number = 1;`, `console.log("one"); console.log("two");`, PICTURE);
    expect(await update(file)).toEqual([]);
    const [first, second, third] = read(file).cells;
    expect(first).toMatchObject({ execution_count: 1, outputs: [], metadata: {} });
    expect(second).toMatchObject({ outputs: [{ name: "stdout", text: ["one\n", "two\n"] }] });
    expect(third).toMatchObject({
      outputs: [{ data: { "image/svg+xml": ["<svg><text>a</text></svg>"], "text/plain": ["a"] } }],
    });
    const committed = readFileSync(file, "utf8");
    expect(await check(file)).toEqual([]);
    expect(await update(file)).toEqual([]);
    expect(readFileSync(file, "utf8")).toBe(committed);
  }, 60_000);

  test("keeps the look of a picture that says the same, unless it is to be fresh", async () => {
    const file = write(PICTURE);
    await update(file);
    const committed = readFileSync(file, "utf8");
    const old = committed.replace('<svg><text>a</text></svg>"\n', "<svg><text x='1'>a</text></svg>\"\n");
    expect(old).not.toBe(committed);
    writeFileSync(file, old);
    await update(file);
    expect(readFileSync(file, "utf8")).toBe(old);
    await update(file, { keeps: false });
    expect(readFileSync(file, "utf8")).toBe(committed);
  }, 60_000);

  test("has what its cells showed after they were done, as Deno may send it", async () => {
    // With these waits the result comes late nearly each time.
    const wait = "for (let i = 0; i < 200; i++) await new Promise((done) => setTimeout(done, 0));";
    const file = write(...[1, 2, 3, 4, 5].map((each) => `${wait}\n${each};`));
    expect(await update(file)).toEqual([]);
    expect(read(file).cells).toMatchObject(
      [1, 2, 3, 4, 5].map((each) => ({ outputs: [{ data: { "text/plain": [`${each}`] } }] })),
    );
  }, 60_000);

  test("is found broken by check() when a cell fails, and update() leaves the file alone", async () => {
    const file = write(`console.log("fine");`, `nothing.of.the.kind;`, `console.log("never");`);
    const before = readFileSync(file, "utf8");
    expect(await update(file)).toEqual(["cell [2] code-2: ReferenceError: nothing is not defined"]);
    expect(await check(file)).toContain("cell [2] code-2: ReferenceError: nothing is not defined");
    expect(readFileSync(file, "utf8")).toBe(before);
  }, 60_000);

  test("is found stale by check() when its code shows something else now", async () => {
    const file = write(`console.log("one");`, PICTURE);
    await update(file);
    writeFileSync(file, readFileSync(file, "utf8").replace(`console.log(\\"one\\")`, `console.log(\\"1\\")`));
    expect(await check(file)).toEqual([
      expect.stringMatching(/cell \[1\] code-1: .*\n.*- 1: one\n.*\+ 1: 1$/),
    ]);
  }, 60_000);
});

describe("a notebook in plain Node", () => {
  test("prints the last expression of a cell, with types and awaits, and nothing for a declaration", async () => {
    const notebook = of(
      `const a: number = await Promise.resolve(1);`,
      `a + 1`,
      `console.log("x");\nundefined;`,
    );
    const { code, stderr, printed } = await runInNode(notebook, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect([...printed]).toEqual([
      ["code-1", ""],
      ["code-2", "2\n"],
      ["code-3", "x\n"],
    ]);
  }, 30_000);

  test("fails as a program does, with what was printed before", async () => {
    const { code, stderr, printed } = await runInNode(of(`1`, `throw new Error("broken");`), folder);
    expect(code).toBe(1);
    expect(stderr).toContain("Error: broken");
    expect([...printed]).toEqual([["code-1", "1\n"]]);
  }, 30_000);

  test("has no exit code when something is left open", async () => {
    const open = of(`import { createServer } from "node:net";\ncreateServer().listen(0, "127.0.0.1");`);
    const { code } = await runInNode(open, folder, 5_000);
    expect(code).toBeNull();
  }, 30_000);
});

describe("parseNotebook()", () => {
  test.each([
    ["an older format", { cells: [], nbformat: 4, nbformat_minor: 4 }],
    ["a cell without an id", { cells: [{ cell_type: "code" }], nbformat: 4, nbformat_minor: 5 }],
    ["something else", { name: "langbaton" }],
  ])("refuses %s and says what to do", (_, json) => {
    expect(() => parseNotebook(JSON.stringify(json), "a.ipynb")).toThrow(
      /a\.ipynb is no notebook of format 4\.5/,
    );
  });
});

function of(...sources: readonly string[]): Notebook {
  const cells = sources.map((source, index) => ({
    cell_type: "code" as const,
    execution_count: null,
    id: `code-${index + 1}`,
    metadata: {},
    outputs: [],
    source: [source],
  }));
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

let written = 0;
function write(...sources: readonly string[]): string {
  const file = join(folder, `${++written}.ipynb`);
  writeFileSync(file, serialise(of(...sources)));
  return file;
}

function read(file: string): Notebook {
  return parseNotebook(readFileSync(file, "utf8"), file);
}
