import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "./paths.js";

/** Inside node_modules, so that packages resolve; not `dist`, which others may be using. */
const folder = new URL("node_modules/.cache/langbaton-bench/", root);

/**
 * This package as `npm run build` makes it, built from the sources as they are now. Measured instead of the
 * sources through tsx, as tsx adds a call for every named closure.
 */
export async function buildPackage(progress: (line: string) => void): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("package.json", folder), '{ "type": "module" }\n');
  const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
  const flags = ["--declaration", "--declarationMap", "--sourceMap"].flatMap((flag) => [flag, "false"]);
  const out = [
    "--outDir",
    fileURLToPath(folder),
    "--tsBuildInfoFile",
    fileURLToPath(new URL(".info", folder)),
  ];
  const args = [tsc, "-p", fileURLToPath(new URL("src", root)), ...flags, ...out];
  await promisify(execFile)(process.execPath, args).catch((error: { stdout?: string }) => {
    // Types are another check's concern; the code is there all the same.
    progress(`warning: the build has faults: ${error.stdout?.split("\n")[0] ?? String(error)}`);
  });
  return new URL("index.js", folder).href;
}

/** {@link buildPackage}, imported. */
export async function importPackage(
  progress: (line: string) => void,
): Promise<typeof import("../../src/index.js")> {
  return import(await buildPackage(progress));
}

/** Modules of the built package that its root does not export. */
export async function importStandard(): Promise<typeof import("../../src/middleware/standard.js")> {
  return import(new URL("middleware/standard.js", folder).href);
}

export async function importHedge(): Promise<typeof import("../../src/middleware/hedge.js")> {
  return import(new URL("middleware/hedge.js", folder).href);
}

export async function importInProcess(): Promise<typeof import("../../src/mcp/in-process.js")> {
  return import(new URL("mcp/in-process.js", folder).href);
}

export async function importMemory(): Promise<typeof import("../../src/memory/memory.js")> {
  return import(new URL("memory/memory.js", folder).href);
}

export async function importRecallIndex(): Promise<typeof import("../../src/memory/recall/recall-index.js")> {
  return import(new URL("memory/recall/recall-index.js", folder).href);
}

export async function importSqliteStore(): Promise<typeof import("../../src/memory/stores/sqlite.js")> {
  return import(new URL("memory/stores/sqlite.js", folder).href);
}

export async function importChromaStore(): Promise<typeof import("../../src/memory/stores/chroma.js")> {
  return import(new URL("memory/stores/chroma.js", folder).href);
}

/** Where the built package lies, for processes of their own. */
export function builtFolder(): string {
  return folder.href;
}

export async function importConductor(): Promise<typeof import("../../src/agents/conductor.js")> {
  return import(new URL("agents/conductor.js", folder).href);
}

/** What runs many calls or steps at once. */
export async function importExecution() {
  const [{ runDag }, { fanOut }, { quorum }, { calls }] = await Promise.all([
    import(new URL("execution/dag.js", folder).href) as Promise<typeof import("../../src/execution/dag.js")>,
    import(new URL("execution/fan-out.js", folder).href) as Promise<
      typeof import("../../src/execution/fan-out.js")
    >,
    import(new URL("execution/quorum.js", folder).href) as Promise<
      typeof import("../../src/execution/quorum.js")
    >,
    import(new URL("adapters/calls.js", folder).href) as Promise<
      typeof import("../../src/adapters/calls.js")
    >,
  ]);
  return { runDag, fanOut, quorum, calls };
}
