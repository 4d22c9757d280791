import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
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
import ts from "typescript";
import { type Finished, root } from "./child.js";
import { type Fence, fences } from "./docs.js";
import { userOptions } from "./docs-compile.js";

const LIMIT_MS = 60_000;
const LOOPBACK_ONLY = join(root, "test/support/docs-loopback.mjs");
/** What a program of a page may see of this machine: enough to find Node, and nothing that opens an account. */
const ENVIRONMENT = {
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? tmpdir(),
  CI: "true",
  LANGSMITH_TRACING: "false",
  NO_COLOR: "1",
  PORT: "0",
  AUDIT_KEY: randomBytes(32).toString("hex"),
  WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
};

/**
 * Runs a TypeScript fence as a program of its own, in a new folder with the files of its page, `mcp.json` among them: the
 * example servers of `graphs/mcp.json`, unless the page has one of its own. The built package is installed there. One
 * that is marked `serve` as well goes on until it is told to end, which it is as soon as it has printed something.
 */
export function runProgram(fence: Fence): Promise<Finished> {
  return inFolder(fence, (folder) => {
    const { outputText } = ts.transpileModule(fence.code, {
      compilerOptions: { ...userOptions(), verbatimModuleSyntax: false, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(join(folder, "program.mjs"), outputText);
    return finish("node", ["--import", LOOPBACK_ONLY, "program.mjs"], folder, {
      untilOutput: fence.info.includes("serve"),
    });
  });
}

/** Runs a shell fence in the same way, with `npx langbaton` being the built command line. */
export function runShell(fence: Fence): Promise<Finished> {
  return inFolder(fence, (folder) => {
    const command = join(root, "dist/cli/main.js");
    return finish("sh", ["-ec", `npx() { shift; node "${command}" "$@"; }\n${fence.code}`], folder);
  });
}

/**
 * Whether output is what a page shows. There `…` stands for any text, and a duration for any duration.
 */
export function isAsShown(output: string, shown: string): boolean {
  const pattern = shown
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\d+(?:\\\.\d+)? (µs|ms|s|min)\b/g, "\\d+(?:\\.\\d+)? (?:µs|ms|s|min)")
    .replaceAll("…", "[^]*?");
  return new RegExp(`^${pattern}$`, "u").test(output.trim());
}

async function inFolder(fence: Fence, work: (folder: string) => Promise<Finished>): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), "langbaton-page-"));
  try {
    linkPackages(folder);
    const example = readFileSync(join(root, "graphs/mcp.json"), "utf8");
    writeFileSync(join(folder, "mcp.json"), example.replaceAll("${workspaceFolder}/", root));
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

/** The installed packages, and ours beside them; `graphs` and `docs` for commands that name files of this project. */
function linkPackages(folder: string): void {
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  for (const each of readdirSync(join(root, "node_modules")))
    symlinkSync(join(root, "node_modules", each), join(packages, each));
  symlinkSync(root, join(packages, "langbaton"));
  for (const each of ["graphs", "docs", "dist"]) symlinkSync(join(root, each), join(folder, each));
}

/** Runs to the end, or ends it with all that it has started. */
function finish(
  command: string,
  args: readonly string[],
  cwd: string,
  { untilOutput = false } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (untilOutput) child.kill("SIGTERM");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      stderr += `\nit ran longer than ${LIMIT_MS} ms`;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, LIMIT_MS);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: untilOutput && signal === "SIGTERM" ? 0 : code, stdout, stderr });
    });
  });
}
