import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./child.js";
import { type Fence, fences } from "./docs.js";

/** Closes every way out of the machine in a Node that loads it. */
const LOOPBACK_ONLY = pathToFileURL(join(root, "test/support/docs-loopback.mjs")).href;

/** One folder for all examples: the package as it is built, the packages that it needs, and a home. */
let installed: string | undefined;

/**
 * Hands a new folder to some work, and removes it: with the files of a fence's page, and with `mcp.json`, `graphs`,
 * `docs` and the installed package as an example finds them here. All are copies, so that what it writes stays there.
 */
export async function inFolder<T>(fence: Fence, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "langbaton-page-"));
  try {
    for (const each of ["graphs", "docs"]) cpSync(join(root, each), join(folder, each), { recursive: true });
    installed ??= install();
    symlinkSync(join(installed, "node_modules"), join(folder, "node_modules"));
    symlinkSync(join(installed, "node_modules/langbaton/dist"), join(folder, "dist"));
    writeNode(folder);
    const example = readFileSync(join(root, "graphs/mcp.json"), "utf8");
    writeFileSync(join(folder, "mcp.json"), example.replaceAll("${workspaceFolder}", folder));
    for (const each of fences.filter(({ page, file }) => page === fence.page && file !== undefined)) {
      const path = join(folder, each.file ?? "");
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, each.code);
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a program in this folder may see of the machine: enough to find Node, and nothing that opens an account. The folder
 * stands in `PATH`, which MCP servers inherit too: that is how what a program leaves behind is known.
 */
export function environmentOf(folder: string): Record<string, string> {
  return {
    PATH: `${join(folder, ".bin")}:${process.env.PATH ?? ""}`,
    HOME: join(installed ?? folder, "home"),
  };
}

/** A `node` that lets no process leave loopback. An MCP server gets no `NODE_OPTIONS` from its client, but the `PATH`. */
function writeNode(folder: string): void {
  const path = join(folder, ".bin/node");
  mkdirSync(dirname(path));
  writeFileSync(
    path,
    `#!/bin/sh\nNODE_OPTIONS="--import=${LOOPBACK_ONLY}" exec "${process.execPath}" "$@"\n`,
  );
  chmodSync(path, 0o755);
}

/** Removes what the examples shared; to be called when all have ended. */
export function removeInstalled(): void {
  if (installed !== undefined) rmSync(installed, { recursive: true, force: true });
  installed = undefined;
}

/** Installs the built package as npm would, with a link for each package beside it. */
function install(): string {
  const folder = mkdtempSync(join(tmpdir(), "langbaton-installed-"));
  const packages = join(folder, "node_modules");
  mkdirSync(join(packages, "langbaton"), { recursive: true });
  mkdirSync(join(folder, "home"));
  for (const each of readdirSync(join(root, "node_modules")))
    if (!each.startsWith(".")) symlinkSync(join(root, "node_modules", each), join(packages, each));
  for (const each of ["package.json", "dist"])
    cpSync(join(root, each), join(packages, "langbaton", each), { recursive: true });
  return folder;
}
