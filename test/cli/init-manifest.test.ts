import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeIgnored } from "../../src/cli/init/ignored.js";
import { completeManifest } from "../../src/cli/init/manifest.js";

const NAMES = [
  "langbaton",
  "@langchain/core",
  "@langchain/langgraph",
  "@langchain/langgraph-cli",
  "@types/node",
  "typescript",
];
type Manifest = Readonly<Record<string, unknown>> & Readonly<Partial<Record<string, Record<string, string>>>>;

const group = fc.dictionary(fc.constantFrom(...NAMES, "react", "a b"), fc.string());
const manifest = fc.record(
  {
    name: fc.string(),
    type: fc.constantFrom("module", "commonjs"),
    scripts: fc.dictionary(fc.constantFrom("start", "studio", "build"), fc.string()),
    dependencies: group,
    devDependencies: group,
    peerDependencies: group,
    other: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe("completeManifest()", () => {
  test("adds every package and script once, and changes nothing that is there", () => {
    fc.assert(
      fc.property(manifest, fc.constantFrom(0, 2, 4, "\t"), (made, indent) => {
        const written = JSON.stringify(made, null, indent);
        const before = JSON.parse(written) as Manifest;
        const { text, added } = completeManifest(written, "package.json", "1");
        const after = JSON.parse(text) as Manifest;
        expect(after).toMatchObject(before);
        for (const name of NAMES) {
          const groups = ["dependencies", "devDependencies", "peerDependencies"];
          const had = groups.filter((each) => name in (before[each] ?? {}));
          const has = groups.filter((each) => name in (after[each] ?? {}));
          expect(has).toHaveLength(Math.max(1, had.length));
          expect(added.includes(name)).toBe(had.length === 0);
        }
        expect(Object.keys(after.scripts ?? {})).toEqual(expect.arrayContaining(["start", "studio"]));
        const again = completeManifest(text, "package.json", "1");
        expect(again).toMatchObject({ text, added: [] });
      }),
    );
  });

  test("keeps tabs, line ends and the order of keys", () => {
    const before =
      '{\r\n\t"version": "1.0.0",\r\n\t"name": "mine",\r\n\t"dependencies": {\r\n\t\t"b": "1"\r\n\t}\r\n}\r\n';
    const { text } = completeManifest(before, "package.json", "1");
    expect(text.startsWith(before.slice(0, before.indexOf('"b": "1"')))).toBe(true);
    expect(text).toContain('\r\n\t\t"b": "1",\r\n\t\t"@langchain/core": ');
    expect(text).not.toMatch(/[^\r]\n/);
    expect(text).not.toMatch(/^ /m);
  });

  test("keeps a byte order mark", () => {
    const { text } = completeManifest('\uFEFF{ "name": "mine" }', "package.json", "1");
    expect(text.startsWith("\uFEFF{")).toBe(true);
    expect(JSON.parse(text.slice(1))).toMatchObject({ name: "mine", dependencies: { langbaton: "1" } });
  });

  test("makes a project of ES modules of what npm wrote to install a package, and of nothing else", () => {
    const isModule = (before: object) =>
      completeManifest(JSON.stringify(before), "package.json", "1").isModule;
    expect(isModule({ dependencies: { langbaton: "1" } })).toBe(true);
    expect(isModule({ name: "mine", type: "module" })).toBe(true);
    expect(isModule({ name: "mine" })).toBe(false);
    expect(isModule({ type: "commonjs" })).toBe(false);
    expect(completeManifest(undefined, "package.json", "1").isModule).toBe(true);
  });

  test("tells which scripts do what they do in a new project", () => {
    const mine = JSON.stringify({ scripts: { start: "node server.js" } });
    expect(completeManifest(mine, "package.json", "1").scripts).toEqual(["studio"]);
    expect(completeManifest(undefined, "package.json", "1").scripts).toEqual(["start", "studio"]);
  });
});

describe("completeIgnored()", () => {
  test("knows a folder however it is written", () => {
    const { text, added } = completeIgnored("/node_modules\n.env\r\n.langbaton/\n");
    expect(added).toEqual([".langgraph_api"]);
    expect(text).toBe("/node_modules\n.env\r\n.langbaton/\n.langgraph_api\n");
  });

  test("ends lines as the file does", () => {
    expect(completeIgnored("node_modules\r\n.env").text).toBe(
      "node_modules\r\n.env\r\n.langbaton\r\n.langgraph_api\r\n",
    );
  });

  test("adds nothing to a file that has all, whatever its end", () => {
    const text = "\uFEFFnode_modules\n.env\n.langbaton\n.langgraph_api";
    expect(completeIgnored(text)).toEqual({ text, added: [] });
  });
});
