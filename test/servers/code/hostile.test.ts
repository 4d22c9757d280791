import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { linksIn } from "../../../src/servers/code/documentation/links.js";
import { missingParts } from "../../../src/servers/code/documentation/readme.js";
import { factsOf } from "../../../src/servers/code/module-facts.js";
import { BASE62, Chance } from "../../middleware/minimise/random.js";
import { codeClient, folderOf } from "./temporary-folder.js";

const chance = new Chance(8);

interface Dependencies {
  readonly findings: readonly { readonly kind: string; readonly package: string; readonly line: number }[];
  readonly licences: Readonly<Record<string, number>>;
}

test.each(["`", "`a ", "[", "<!--", ">", "[a](b.md)\n", '[a](x "', "\n", "```\na\n~~~\n"])(
  "a page of 128 KiB of %j takes little time",
  (piece) => {
    const text = piece.repeat(131_072 / piece.length);
    const before = process.cpuUsage();
    linksIn("a.md", text);
    missingParts(text, false);
    if (piece === "\n") factsOf("a.js", text);
    // Of the processor, which others use as well.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  },
);

test("credentials in the address of a dependency are not shown", async () => {
  const [password, token] = [chance.text(BASE62, 20), chance.text(BASE62, 20)];
  const dependencies = { a: `git+https://bob:${password}@h.io/a.git`, b: `https://h.io/b?token=${token}` };
  const { call } = await codeClient(folderOf({ "package.json": JSON.stringify({ dependencies }) }));
  const { data, text } = await call<Dependencies>("dependencies");
  expect(data.findings.filter(({ kind }) => kind === "unpinned")).toHaveLength(2);
  expect(text + JSON.stringify(data)).not.toContain(password);
  expect(text + JSON.stringify(data)).not.toContain(token);
});

test("installed packages are read within the folder, and a pipe among them blocks nothing", async () => {
  const outside = mkdtempSync(join(tmpdir(), "langbaton-outside-"));
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
  writeFileSync(join(outside, "package.json"), JSON.stringify({ license: "Outside-1.0" }));
  const root = folderOf({
    "package.json": JSON.stringify({ dependencies: { leak: "1.0.0", slow: "1.0.0" } }),
  });
  mkdirSync(join(root, "node_modules/slow"), { recursive: true });
  symlinkSync(outside, join(root, "node_modules/leak"));
  execFileSync("mkfifo", [join(root, "node_modules/slow/package.json")]);
  const { data } = await (await codeClient(root)).call<Dependencies>("dependencies");
  expect(data.licences).toEqual({});
});

test("aliases of tsconfig.json and modules that a project declares are no packages", async () => {
  const root = folderOf({
    "package.json": "{}",
    "tsconfig.json": `{ // where it is\n "extends": "./base", "compilerOptions": { "paths": { "@app/*": ["src/*"], } } }`,
    "base.json": `{ "compilerOptions": { "baseUrl": "src" } }`,
    "src/util/thing.ts": "export {}",
    "src/types.d.ts": `declare module "ambient";`,
    "src/a.ts": `import "@app/x"; import "util2"; import "util/thing"; import "thing/x"; import "ambient";`,
    "src/thing.ts": "",
  });
  const { data } = await (await codeClient(root)).call<Dependencies>("dependencies");
  expect(data.findings.map(({ package: name }) => name)).toEqual(["util2"]);
});

test("a dependency's line is where it is declared, not where a keyword names it", async () => {
  const manifest = { keywords: ["dependencies", "zod"], dependencies: { left: "1.0.0", zod: "*" } };
  const root = folderOf({ "package.json": JSON.stringify(manifest, null, 1) });
  const { data } = await (await codeClient(root)).call<Dependencies>("dependencies");
  expect(data.findings.find(({ kind }) => kind === "unpinned")?.line).toBe(8);
});

test("repositories within and names that are not UTF-8 are counted as left out", async () => {
  const root = folderOf({ "a.js": "", "sub/b.js": "" });
  for (const folder of [root, join(root, "sub")]) execFileSync("git", ["init", "-q"], { cwd: folder });
  execFileSync(
    "git",
    ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "a"],
    {
      cwd: join(root, "sub"),
    },
  );
  writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff])]), "");
  const { call } = await codeClient(root);
  const { data, text } = await call<{ readonly files: number; readonly leftOut: object }>("complexity");
  expect(data).toMatchObject({ files: 1, leftOut: { repositories: 1, badNames: 1 } });
  expect(text).toContain("1 nested Git folder, 1 badly named file");
  expect((await call<typeof data>("complexity", { path: "sub" })).data.files).toBe(1);
});

test.each([
  "class A { accessor x = 1; }",
  "export @d class C {}",
  "class A { constructor(@d() a: B) {} }",
  `import x from "./a.json" assert { type: "json" };`,
])("%s parses", (text) => {
  expect(factsOf("a.ts", text).problem).toBeUndefined();
});

test("code that is indented and what is escaped is no link", () => {
  const text =
    "Text.\n\n    [a](no.md)\n\n\\[b](no.md) ``[c](no.md)``\n\n- item\n\n    [d](d.md)\n\n[![e](e.png)](f.md)\n";
  expect(linksIn("a.md", text).map(({ target, line }) => `${target}:${line}`)).toEqual([
    "d.md:9",
    "e.png:11",
    "f.md:11",
  ]);
});
