import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleServerPath } from "../../src/cli/init/example-server.js";
import { specifierFor } from "../../src/cli/init/specifier.js";

let all: string;

beforeAll(async () => {
  all = await realpath(await mkdtemp(join(tmpdir(), "langbaton-specifier-")));
});
afterAll(() => rm(all, { recursive: true, force: true }));

/** A project with an installed copy of this package, as far as its package.json tells. @returns its folder */
async function projectWith(manifest: object, files: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(all, "project-"));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write("package.json", JSON.stringify(manifest));
  await write("node_modules/langbaton/package.json", '{ "name": "langbaton", "version": "0.1.0" }');
  for (const file of files) await write(file, "");
  return folder;
}

describe("specifierFor()", () => {
  test.each([
    ["a range", "^0.1.0", "^0.1.0"],
    ["an address", "https://example.com/langbaton.tgz", "https://example.com/langbaton.tgz"],
    ["a file beside the project's", "file:langbaton.tgz", "file:../langbaton.tgz"],
    ["a file in a folder", "file:packed/langbaton.tgz", "file:../packed/langbaton.tgz"],
    ["a path alone", "./langbaton.tgz", "file:../langbaton.tgz"],
  ])("takes over %s from the project that it was installed in", async (_, said, text) => {
    const project = await projectWith({ devDependencies: { langbaton: said } }, [
      "langbaton.tgz",
      "packed/langbaton.tgz",
    ]);
    const home = join(project, "node_modules/langbaton");
    expect(specifierFor(join(project, "my-agent"), home)).toEqual({ text, isGuessed: false });
  });

  test("sees through the folders of other package managers", async () => {
    const home = "node_modules/.pnpm/langbaton@0.1.0/node_modules/langbaton";
    const project = await projectWith({ dependencies: { langbaton: "0.1.0" } }, [`${home}/package.json`]);
    expect(specifierFor(project, join(project, home)).text).toBe("0.1.0");
  });

  test.each([
    ["no project names it, as in a global installation", {}],
    ["the file is not there any more", { dependencies: { langbaton: "file:gone.tgz" } }],
  ])("guesses by the version when %s", async (_, manifest) => {
    const project = await projectWith(manifest);
    const home = join(project, "node_modules/langbaton");
    expect(specifierFor(project, home)).toEqual({ text: "0.1.0", isGuessed: true });
  });

  test("is the folder of a clone", async () => {
    const project = await projectWith({}, ["clone/package.json"]);
    const text = specifierFor(join(project, "my-agent"), join(project, "clone")).text;
    expect(text).toBe("file:../clone");
  });
});

describe("exampleServerPath()", () => {
  const SERVER = "node_modules/langbaton/dist/servers/enterprise/main.js";

  test("is in the project's own copy, or in the one that it will have", async () => {
    const project = await projectWith({});
    expect(exampleServerPath(project)).toBe(SERVER);
    expect(exampleServerPath(join(project, "my-agent"))).toBe(SERVER);
  });

  test("is in the copy of the workspace around it", async () => {
    const project = await projectWith({ workspaces: ["packages/*"] }, ["packages/agent/package.json"]);
    expect(exampleServerPath(join(project, "packages/agent"))).toBe(`../../${SERVER}`);
    expect(exampleServerPath(join(project, "packages/new"))).toBe(`../../${SERVER}`);
  });
});
