import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { createCodeServer } from "../../../src/servers/code/server.js";
import { codeClient, folderOf } from "./temporary-folder.js";

interface Complexity {
  readonly files: number;
  readonly functions: readonly {
    readonly file: string;
    readonly name: string;
    readonly complexity: number;
  }[];
  readonly failures: readonly { readonly file: string; readonly line: number }[];
  readonly others: readonly { readonly extension: string; readonly files: number }[];
  readonly leftOut: Readonly<Record<string, number>>;
}

const BRANCHES = `
export function walk(list, deep) {
  if (!list) return deep ? 1 : 2;
  for (const one of list) {
    switch (one) { case 1: case 2: break; default: }
    try { one && deep; } catch { list ??= []; }
    list.map((x) => { while (x) x--; });
  }
}
class Box { #open() { return 1; } }
`;

test("complexity counts each place where the way parts, and what is nested for itself", async () => {
  const { call } = await codeClient(folderOf({ "a.js": BRANCHES, "b.py": "x = 1", "test/c.js": BRANCHES }));
  const { data, text } = await call<Complexity>("complexity");
  expect(data.functions.map(({ file, name, complexity }) => [file, name, complexity])).toEqual([
    // if, ?:, for, two cases, catch, &&, ??=
    ["a.js", "walk", 9],
    ["a.js", "callback of list.map", 2],
    ["a.js", "Box.#open", 1],
    // Tests come last.
    ["test/c.js", "walk", 9],
    ["test/c.js", "callback of list.map", 2],
    ["test/c.js", "Box.#open", 1],
  ]);
  expect(data.others).toMatchObject([{ extension: ".py", files: 1 }]);
  expect(text).toContain("1 file in other languages: sizes only.");
});

test("a file that does not parse is one entry, and the others are measured", async () => {
  const { call } = await codeClient(
    folderOf({
      "bad.ts": "const a = ;\nfunction (",
      "good.ts": "export const f = <T,>(x: T) => (x ? 1 : 2);",
    }),
  );
  const { data, isError } = await call<Complexity>("complexity");
  expect(isError).toBe(false);
  expect(data.failures).toMatchObject([{ file: "bad.ts" }]);
  expect(data.functions).toMatchObject([{ file: "good.ts", name: "f", complexity: 2 }]);
});

test.each(["../", "/etc", "out/secret.ts", "a/../../x"])(
  "path %s leads nowhere outside of the folder",
  async (path) => {
    const outside = mkdtempSync(join(tmpdir(), "langbaton-outside-"));
    onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
    writeFileSync(join(outside, "secret.ts"), "export function hidden() {}");
    const root = folderOf({ "a.ts": "export {}" });
    symlinkSync(outside, join(root, "out"));
    const { call } = await codeClient(root);
    for (const name of ["complexity", "secrets", "dependencies", "documentation"]) {
      const { isError, text } = await call(name, { path });
      expect(isError).toBe(true);
      expect(text).toContain("lies outside of the folder");
      expect(text).not.toContain("hidden");
    }
    const { data } = await call<Complexity>("complexity");
    expect(data.functions).toEqual([]);
    expect(data.leftOut.links).toBe(1);
  },
);

test("binary and large files are counted and not read, a missing path is an error that says what to do", async () => {
  const { call } = await codeClient(
    folderOf({
      "a.js": Buffer.from([0, 1, 2]),
      "big.js": `// ${"x".repeat(600_000)}`,
      "c.js": "function c() {}",
    }),
  );
  const { data } = await call<Complexity>("complexity");
  expect(data).toMatchObject({ files: 1, leftOut: { binary: 1, tooLarge: 1 } });
  const missing = await call("complexity", { path: "nothing" });
  expect(missing).toMatchObject({
    isError: true,
    text: expect.stringMatching(/'nothing' does not exist: give one/),
  });
});

test("what Git ignores is left out, whatever a repository's settings would run", async () => {
  const root = folderOf({
    ".gitignore": "out/\n",
    "out/a.js": "function a() {}",
    "node_modules/b/b.js": "function b() {}",
    "c.js": "function c() {}",
  });
  execFileSync("git", ["init", "-q"], { cwd: root });
  execFileSync("git", ["config", "core.fsmonitor", `touch ${join(root, "ran")}; false`], { cwd: root });
  const { call } = await codeClient(root);
  const { data } = await call<Complexity>("complexity");
  expect(data.functions.map(({ name }) => name)).toEqual(["c"]);
  expect((await call("secrets", { path: "ran" })).isError).toBe(true);
});

test("dependencies finds what is undeclared, unused, open and in several versions", async () => {
  const lock = {
    packages: {
      "node_modules/left": { version: "1.0.0" },
      "node_modules/x/node_modules/left": { version: "2.0.0" },
    },
  };
  const root = folderOf({
    "package.json": JSON.stringify(
      {
        name: "p",
        scripts: { build: "tool-command --all" },
        dependencies: { left: "^1.0.0", any: "*", git: "github:a/b", gpl: "1.0.0", idle: "1.0.0" },
        devDependencies: { tool: "1.0.0", "@types/node": "20.0.0" },
      },
      null,
      2,
    ),
    "package-lock.json": JSON.stringify(lock),
    "src/a.ts": `import "left/part"; import type { X } from "gpl";\nimport fs from "node:fs"; import path from "path";\nconst b = await import("./b.js");\nconst { y } = require("@scope/other/deep");`,
    "settings.json": `{"plugins": ["any", "git"]}`,
    "node_modules/tool/package.json": JSON.stringify({ bin: { "tool-command": "x.js" }, license: "MIT" }),
    "node_modules/idle/package.json": JSON.stringify({ license: "MIT" }),
    "node_modules/gpl/package.json": JSON.stringify({ license: "GPL-3.0-only" }),
    "node_modules/left/package.json": JSON.stringify({ license: "(MIT OR GPL-2.0)" }),
  });
  const { call } = await codeClient(root);
  const { data } = await call<{ findings: { kind: string; package: string; file: string; line: number }[] }>(
    "dependencies",
  );
  expect(
    data.findings.map(({ kind, package: name, file, line }) => `${kind} ${name} ${file}:${line}`),
  ).toEqual([
    "undeclared @scope/other src/a.ts:4",
    "unpinned any package.json:8",
    "unpinned git package.json:9",
    "licence gpl package.json:10",
    "unused idle package.json:11",
    "duplicate left package.json:7",
  ]);
  // Of a folder within, the same package.
  expect((await call<typeof data>("dependencies", { path: "src" })).data.findings).toHaveLength(6);
});

test("documentation finds names without a docstring, public ones first, and links that lead nowhere", async () => {
  const { call } = await codeClient(
    folderOf({
      "package.json": JSON.stringify({ exports: { ".": "./dist/index.js" } }),
      "src/index.ts": `export { open } from "./open.js";\n/** Said. */\nexport function said() {}\n`,
      "src/open.ts":
        "export function open() {}\nexport const inner = 1;\nexport interface Told {\n  /** A. */\n  a: string;\n}\n",
      "README.md":
        "# P\n\nWhat it is for, in a few plain words of prose.\n\n[a](src/index.ts) [b](docs/missing.md#x) `[c](no.md)` [d](https://x.y)\n\n```md\n[e](no.md)\n```\n\n[f]: gone.md\n",
    }),
  );
  const { data } = await call<{
    undocumented: { name: string; public: boolean }[];
    readme: { missing: string[] };
    brokenLinks: { line: number; target: string }[];
  }>("documentation");
  expect(data.undocumented.map((one) => [one.name, one.public])).toEqual([
    ["open", true],
    ["inner", false],
  ]);
  expect(data.readme).toEqual({ file: "README.md", missing: ["installation", "licence"] });
  expect(data.brokenLinks).toEqual([
    { file: "README.md", line: 5, target: "docs/missing.md#x" },
    { file: "README.md", line: 11, target: "gone.md" },
  ]);
});

test("all tools only read, and say so", async () => {
  const { client } = await codeClient(folderOf({}));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([
    "complexity",
    "dependencies",
    "documentation",
    "secrets",
  ]);
  for (const { annotations, outputSchema } of tools) {
    expect(annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
    expect(outputSchema).toBeDefined();
  }
});

test("createCodeServer() refuses what is no folder", () => {
  expect(() => createCodeServer("/nowhere/at/all")).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});

test("the program serves over stdio, and ends with its client", async () => {
  const root = folderOf({ "a.js": "function a() {}" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["--import", "tsx", "src/servers/code/main.ts", root],
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  const pid = transport.pid ?? 0;
  const { structuredContent } = await client.callTool({ name: "complexity", arguments: {} });
  expect(structuredContent).toMatchObject({ root, totalFunctions: 1 });
  await client.close();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
