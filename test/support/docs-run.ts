import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Finished, processesWithEnvironment } from "./child.js";
import type { Fence } from "./docs.js";
import { userOptions } from "./docs-compile.js";
import { environmentOf, inFolder } from "./docs-folder.js";
import { until } from "./processes.js";

const LIMIT_MS = 60_000;
/** How long the servers of a program may take to end after it. */
const GRACE_MS = 5_000;
const SETTINGS = {
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
    return finish("node", ["program.mjs"], folder, {
      untilOutput: fence.info.includes("serve"),
    });
  });
}

/** Runs a shell fence in the same way, with `npx langbaton` being the built command line. */
export function runShell(fence: Fence): Promise<Finished> {
  return inFolder(fence, (folder) => {
    return finish("sh", ["-ec", `npx() { shift; node dist/cli/main.js "$@"; }\n${fence.code}`], folder);
  });
}

/**
 * Whether output is what a page shows. There `…` stands for any text, and a duration for any one of its unit.
 */
export function isAsShown(output: string, shown: string): boolean {
  const pattern = shown
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\d+(?:\\\.\d+)? (µs|ms|s|min)\b/g, "\\d+(?:\\.\\d+)? $1")
    .replaceAll("…", "[^]*?");
  return new RegExp(`^${pattern}$`, "u").test(output.trim());
}

/** Runs to the end, or ends it with all that it has started. A process that it leaves behind is a failure. */
async function finish(
  command: string,
  args: readonly string[],
  cwd: string,
  { untilOutput = false } = {},
): Promise<Finished> {
  const env = { ...SETTINGS, ...environmentOf(cwd) };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const finished = await outcomeOf(child, cwd, untilOutput);
  const isClean = await until(() => processesWithEnvironment(cwd).length === 0, "", GRACE_MS).catch(
    () => false,
  );
  endFamily(child, cwd);
  if (isClean) return finished;
  return { ...finished, code: 1, stderr: `${finished.stderr}\nit left a process behind` };
}

function outcomeOf(child: ChildProcess, cwd: string, untilOutput: boolean): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (untilOutput) child.kill("SIGTERM");
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      stderr += `\nit, or what it started, ran longer than ${LIMIT_MS} ms`;
      endFamily(child, cwd);
    }, LIMIT_MS);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: untilOutput && signal === "SIGTERM" ? 0 : code, stdout, stderr });
    });
  });
}

/** Ends the group of a process, and on Linux also what has left the group. */
function endFamily({ pid }: ChildProcess, cwd: string): void {
  const others = processesWithEnvironment(cwd).map(Number);
  for (const each of pid === undefined ? others : [-pid, ...others]) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
