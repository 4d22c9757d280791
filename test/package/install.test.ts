import { existsSync } from "node:fs";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

  test("leads by init to answers in the terminal and in the dev server", async () => {
    await runWell("npx", ["langbaton", "init"], { cwd: project });
    await npm("install");
    expect(await npm("start", "--silent", "--", "How many engineers do we have?")).toContain("128 employees");
    const cli = join(project, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs");
    const server = await startDevServer(project, {}, cli);
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
