import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeAll } from "../../src/cli/init/write-all.js";
import { isBatonError } from "../../src/core/errors.js";
import { type Finished, root, run } from "../support/child.js";

const FILES = [
  ".env.example",
  ".gitignore",
  "graphs",
  "graphs/agent.ts",
  "langgraph.json",
  "mcp.json",
  "package.json",
  "tsconfig.json",
];
const cli = join(root, "dist/cli/main.js");
let all: string;

beforeAll(async () => {
  all = await mkdtemp(join(tmpdir(), "langbaton-init-"));
});
afterAll(() => rm(all, { recursive: true, force: true }));

/** The built command line, in a folder of its own. */
function init(folder: string, ...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [cli, "init", ...args], { cwd: folder });
}

async function folderWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(all, "project-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Of each file its text, by path; of a folder none. */
async function contents(folder: string): Promise<Readonly<Record<string, string | undefined>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = async (path: string, isFile: boolean) =>
    [path, isFile ? await readFile(join(folder, path), "utf8") : undefined] as const;
  const all = entries.map((entry) =>
    read(join(entry.parentPath, entry.name).slice(folder.length + 1), entry.isFile()),
  );
  return Object.fromEntries((await Promise.all(all)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A failure before anything was written, said without a stack trace. */
function expectRefusal({ code, stdout, stderr }: Finished, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

describe("init", () => {
  test("writes a project into an empty folder, and says what to type next", async () => {
    const folder = await folderWith();
    const { code, stdout, stderr } = await init(folder);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const files = await contents(folder);
    expect(Object.keys(files)).toEqual(FILES);
    for (const path of FILES.filter((path) => path !== "graphs")) {
      expect(stdout).toMatch(new RegExp(`^wrote +${path.replaceAll(".", "\\.")} `, "m"));
    }
    expect(stdout).toMatch(/Next:\n {2}npm install\n {2}npm start -- "How many .*"\n {2}npm run studio\n$/);
  });

  test("pins packages to the versions that this one was tested with", async () => {
    const folder = await folderWith();
    await init(folder);
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    const own = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const { langbaton, ...others } = { ...dependencies, ...devDependencies };
    // This copy lies in no node_modules, so that it is installed from where it lies.
    expect(langbaton).toMatch(/^file:\.\./);
    expect(await realpath(join(folder, langbaton.slice("file:".length)))).toBe(await realpath(root));
    expect(Object.keys(others).sort()).toEqual([
      "@langchain/core",
      "@langchain/langgraph",
      "@langchain/langgraph-cli",
      "@types/node",
      "typescript",
    ]);
    expect({ ...own.devDependencies, ...own.dependencies }).toMatchObject(others);
  });

  test("changes nothing when it is run again", async () => {
    const folder = await folderWith();
    await init(folder);
    const before = await contents(folder);
    const { code, stdout } = await init(folder);
    expect(code).toBe(0);
    expect(stdout.match(/^same /gm)).toHaveLength(7);
    expect(stdout).not.toContain("npm install");
    expect(await contents(folder)).toEqual(before);
  });

  test.each([
    ["my agent", "'my agent'"],
    ["$HOME's", "'$HOME'\\''s'"],
    ["agent", "agent"],
  ])("makes a folder whose parent exists, and says how to get to %s", async (name, word) => {
    const folder = await folderWith();
    const { code, stdout } = await init(folder, name);
    expect(code).toBe(0);
    expect(stdout).toContain(`Next:\n  cd ${word}\n  npm install\n`);
    expect(Object.keys(await contents(join(folder, name)))).toEqual(FILES);
  });

  test("keeps files that exist, and names them", async () => {
    const own = { "mcp.json": '{ "mcpServers": {} }', "graphs/agent.ts": "// mine\n" };
    const folder = await folderWith(own);
    const { stdout } = await init(folder);
    expect(await contents(folder)).toMatchObject(own);
    expect(stdout).toMatch(/^kept +mcp\.json /m);
    expect(stdout).toMatch(/^kept +graphs\/agent\.ts /m);
    expect(stdout).toMatch(/^wrote +langgraph\.json /m);
    // Its own servers know nothing of engineers.
    expect(stdout).toContain('npm start -- "..."');
  });

  test.each([
    ["it says so", '{ "type": "commonjs" }'],
    ["somebody wrote it without a type", '{ "name": "mine" }'],
  ])("makes the graphs ES modules in a project that is none, as %s", async (_, manifest) => {
    const folder = await folderWith({ "package.json": manifest });
    await init(folder);
    const files = await contents(folder);
    expect(JSON.parse(files["graphs/package.json"] ?? "")).toEqual({ type: "module" });
    expect(JSON.parse(files["package.json"] ?? "").type).toBe(JSON.parse(manifest).type);
  });

  test("says how to show the agent when it keeps a langgraph.json without it", async () => {
    const folder = await folderWith({ "langgraph.json": '{ "graphs": {} }' });
    const { stdout } = await init(folder);
    expect(stdout).toMatch(/^note: .*langgraph\.json: "agent": "\.\/graphs\/agent\.ts:graph"$/m);
  });

  test.each([
    ["proposes another name", '{ "graphs": { "agent": "./src/graphs/agent.ts:graph" } }', /"agent-2": "/],
    ["says nothing", '{ "graphs": { "mine": { "path": "graphs/agent.ts:graph" } } }', undefined],
    ["reads past comments", '{ /* agent: ./graphs/agent.ts */ "graphs": {} }', /"agent": "/],
  ])("%s as a kept langgraph.json asks for it", async (_, text, note) => {
    const folder = await folderWith({ "langgraph.json": text });
    const { stdout } = await init(folder);
    if (note === undefined) expect(stdout).not.toContain("note:");
    else expect(stdout.match(/^note: .*$/m)?.[0]).toMatch(note);
  });

  test.each([
    ["graphs/agent.ts", "export const mine = 1;\n", /^note: graphs\/agent\.ts exports no "graph"/m],
    ["tsconfig.json", '{ "compilerOptions": { "module": "CommonJS" } }', /^note: with this tsconfig\.json /m],
  ])("says what a kept %s lacks", async (path, text, note) => {
    const folder = await folderWith({ [path]: text });
    expect((await init(folder)).stdout).toMatch(note);
  });

  test.skipIf(process.platform === "win32")("keeps a linked package.json a link, and its mode", async () => {
    const folder = await folderWith({ "real.json": '{ "name": "mine" }' });
    await chmod(join(folder, "real.json"), 0o600);
    await symlink("real.json", join(folder, "package.json"));
    expect((await init(folder)).code).toBe(0);
    expect((await lstat(join(folder, "package.json"))).isSymbolicLink()).toBe(true);
    expect((await stat(join(folder, "real.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await contents(folder))["real.json"] ?? "").scripts.start).toBe("langbaton ask");
  });

  test("a server that cannot start is said by the exit codes of ask and doctor", async () => {
    const folder = await folderWith();
    await init(folder);
    for (const words of [["ask", "How many engineers do we have?"], ["doctor"]]) {
      const { code } = await run(process.execPath, [cli, ...words], { cwd: folder });
      expect(code).toBe(3);
    }
  });

  test("--force replaces files that exist, and only adds to package.json and .gitignore", async () => {
    const fresh = await folderWith();
    await init(fresh);
    const written = await contents(fresh);
    const manifest = '{ "name": "mine", "type": "module" }';
    const folder = await folderWith({
      ...Object.fromEntries(FILES.filter((path) => path !== "graphs").map((path) => [path, "mine"])),
      "package.json": manifest,
      ".gitignore": "/node_modules/\nsecrets",
    });
    const { code, stdout } = await init(folder, "--force");
    expect(code).toBe(0);
    const { "package.json": packageJson = "", ".gitignore": ignored, ...files } = await contents(folder);
    expect(written).toMatchObject(files);
    expect(JSON.parse(packageJson)).toMatchObject(JSON.parse(manifest));
    expect(ignored).toBe("/node_modules/\nsecrets\n.env\n.langbaton\n.langgraph_api\n");
    expect(stdout.match(/^replaced /gm)).toHaveLength(5);
  });
});

describe("init refuses, and writes nothing", () => {
  test.each([
    ["is cut off", '{ "name": ', /package\.json is not JSON: .*Mend it/],
    ["is a list", "[]", /package\.json is not a JSON object/],
    ["has scripts that are a text", '{ "scripts": "no" }', /package\.json has "scripts"/],
  ])("when package.json %s", async (_, text, message) => {
    const folder = await folderWith({ "package.json": text });
    expectRefusal(await init(folder), message);
    expect(await contents(folder)).toEqual({ "package.json": text });
  });

  test("when the folder is a file", async () => {
    const folder = await folderWith({ file: "" });
    expectRefusal(
      await init(folder, "file"),
      /file' cannot be used: a file stands where the folder should\. Move it away/,
    );
  });

  test("when the folder around it is not there", async () => {
    const folder = await folderWith();
    expectRefusal(
      await init(folder, "no/such"),
      /no' cannot be used: it is not there\. Make that folder first/,
    );
    expect(await contents(folder)).toEqual({});
  });

  test("when a folder stands where a file should", async () => {
    const folder = await folderWith({ "mcp.json/inside": "" });
    expectRefusal(await init(folder), /mcp\.json' cannot be used: a folder stands where the file should/);
    expect(Object.keys(await contents(folder))).toEqual(["mcp.json", "mcp.json/inside"]);
  });

  test("when a file stands where a folder should", async () => {
    const folder = await folderWith({ graphs: "" });
    expectRefusal(await init(folder), /graphs\/agent\.ts' cannot be used: a file stands where the folder/);
    expect(Object.keys(await contents(folder))).toEqual(["graphs"]);
  });

  // Root may write everywhere.
  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "when the folder may not be written to",
    async () => {
      const folder = await folderWith();
      await chmod(folder, 0o555);
      expectRefusal(await init(folder), /cannot be used: it may not be read or written\. Give a folder/);
    },
  );

  test("when the folder's name is empty", async () => {
    const folder = await folderWith();
    expectRefusal(await init(folder, ""), /it is no name of a folder\. Give one, or none for this folder/);
    expect(await contents(folder)).toEqual({});
  });

  test("when a file that it has to change is read-only", async () => {
    const files = { "package.json": '{ "name": "mine" }' };
    const folder = await folderWith(files);
    await chmod(join(folder, "package.json"), 0o444);
    expectRefusal(await init(folder), /package\.json' cannot be used: it is read-only\. Make it writable/);
    expect(await contents(folder)).toEqual(files);
  });

  test("an option that it does not know", async () => {
    const folder = await folderWith();
    const { code } = await init(folder, "--everything");
    expect(code).toBe(2);
    expect(await contents(folder)).toEqual({});
  });
});

describe("writeAll()", () => {
  test("leaves nothing behind when it fails half-way", async () => {
    const folder = await folderWith({ taken: "" });
    const files = [
      { path: "first", text: "1" },
      { path: "new/second", text: "2" },
      { path: "taken/third", text: "3" },
    ];
    const failure = await writeAll(folder, files).catch((error: unknown) => error);
    expect(isBatonError(failure, "INVALID_ARGUMENTS")).toBe(true);
    expect(await contents(folder)).toEqual({ taken: "" });
  });

  test("puts back what it had replaced when a later file cannot take its name", async () => {
    const folder = await folderWith({ first: "old" });
    const files = [
      { path: "first", text: "new" },
      { path: "new/second", text: "2" },
      // Two drafts, and the name is a folder's by the time of the second.
      { path: "third", text: "3" },
      { path: "third/fourth", text: "4" },
    ];
    const failure = await writeAll(folder, files).catch((error: unknown) => error);
    expect(isBatonError(failure, "INVALID_ARGUMENTS")).toBe(true);
    expect(await contents(folder)).toEqual({ first: "old" });
  });
});

test("the page on init shows what it prints and the agent that it writes", async () => {
  const page = await readFile(join(root, "docs/init.md"), "utf8");
  const folder = await folderWith({ "package.json": '{ "dependencies": { "langbaton": "0.1.0" } }' });
  const { stdout } = await init(folder);
  expect(page).toContain(`\`\`\`text\n${stdout}\`\`\`\n`);
  const agent = await readFile(join(folder, "graphs/agent.ts"), "utf8");
  const react = await readFile(join(root, "graphs/react.ts"), "utf8");
  expect(agent).toBe(react.replace('URL("mcp.json"', 'URL("../mcp.json"'));
  expect(page).toContain(`\`\`\`ts\n${agent}\`\`\`\n`);
});
