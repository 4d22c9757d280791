import { existsSync } from "node:fs";
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { startDevServer } from "../support/dev-server.js";
import { expectFirstAnswer } from "./first-answer.js";
import { importAll, OPTIONAL_PEERS, pack, runWell } from "./packed.js";

/** It downloads what a newcomer downloads: for machines with a package registry. */
const isWanted = process.env.INSTALL_TEST === "1";
const unlessSkipped = isWanted ? "" : " (skipped: INSTALL_TEST is not 1)";
const MOST_MEBIBYTES = 150;
const BLOCK_BYTES = 512;

describe.skipIf(!isWanted)(`npm install of the packed package in an empty folder${unlessSkipped}`, () => {
  let project: string;
  const npm = (...args: readonly string[]) => runWell("npm", args, { cwd: project });

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "langbaton-install-"));
    await npm("install", await pack(project));
  }, 600_000);
  afterAll(() => rm(project, { recursive: true, force: true }));

  test(`takes less than ${MOST_MEBIBYTES} MiB of the disk`, async () => {
    const mebibytes = (await diskBytes(join(project, "node_modules"))) / 2 ** 20;
    // Less would mean that it was not installed.
    expect(mebibytes).toBeGreaterThan(50);
    expect(mebibytes).toBeLessThan(MOST_MEBIBYTES);
  });

  test("brings no optional peer, and npm finds nothing missing", async () => {
    expect(OPTIONAL_PEERS).toContain("@langchain/openai");
    expect(OPTIONAL_PEERS.filter((name) => existsSync(join(project, "node_modules", name)))).toEqual([]);
    expect(await npm("ls", "--omit=dev", "--all")).not.toMatch(/missing|invalid|extraneous/);
  }, 60_000);

  test("lets every entry be imported without the optional peers", async () => {
    expect(await importAll(project)).toEqual([]);
  }, 60_000);

  test.each([["NodeNext"], ["Preserve"]])(
    "has declarations that TypeScript checks as module %s",
    async (module) => {
      const { exports } = JSON.parse(
        await readFile(join(project, "node_modules/langbaton/package.json"), "utf8"),
      );
      const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));
      const lines = entries.map((entry, at) => `export * as entry${at} from "langbaton${entry.slice(1)}";\n`);
      await writeFile(join(project, "all.mts"), lines.join(""));
      const compilerOptions = {
        module,
        target: "ES2023",
        lib: ["ES2023", "ESNext.Disposable"],
        types: [],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      // By its path: from a folder of types TypeScript would take those of every package.
      const nodeTypes = join(root, "node_modules/@types/node/index.d.ts");
      await writeFile(
        join(project, "checked.json"),
        JSON.stringify({ compilerOptions, files: [nodeTypes, "all.mts"] }),
      );
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      expect(await runWell(process.execPath, [tsc, "-p", "checked.json"], { cwd: project })).toBe("");
    },
    120_000,
  );

  test("leads by init to answers in the terminal and in the dev server", async () => {
    // As a folder beside node_modules: it gets the package from the same file, and a copy of its own.
    await runWell("npx", ["langbaton", "init", "my-agent"], { cwd: project });
    const agent = join(project, "my-agent");
    const npm = (...args: readonly string[]) => runWell("npm", args, { cwd: agent });
    await npm("install");
    expect(await npm("start", "--silent", "--", "How many engineers do we have?")).toContain("128 employees");
    const cli = join(agent, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs");
    const server = await startDevServer(agent, {}, cli);
    try {
      await expectFirstAnswer(server);
    } finally {
      server.stop();
    }
  }, 600_000);
});

/** What a folder takes of the disk: its blocks, a file with several names counted once, as `du` does. */
async function diskBytes(folder: string, seen = new Set<number>()): Promise<number> {
  const { blocks, ino } = await lstat(folder);
  if (seen.has(ino)) return 0;
  seen.add(ino);
  let bytes = blocks * BLOCK_BYTES;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      bytes += await diskBytes(path, seen);
      continue;
    }
    const file = await lstat(path);
    if (!seen.has(file.ino)) bytes += file.blocks * BLOCK_BYTES;
    seen.add(file.ino);
  }
  return bytes;
}
