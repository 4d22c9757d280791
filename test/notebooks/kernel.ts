import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Notebook, normalise, parseNotebook } from "./notebook.js";

const NOTEBOOK_MS = 180_000;
const NBCONVERT = [
  ...["nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--stdout"],
  `--config=${fileURLToPath(new URL("late_results.py", import.meta.url))}`,
  // Whatever kernel an editor has written into the file.
  "--ExecutePreprocessor.kernel_name=deno",
  "--ExecutePreprocessor.timeout=60",
  "--ExecutePreprocessor.raise_on_iopub_timeout=True",
];

const deno = process.env.DENO ?? "deno";
const jupyter = process.env.JUPYTER ?? "jupyter";

/** What is not on this machine and how to get it; undefined where notebooks can be executed. */
export function missing(): string | undefined {
  const lacks = [
    runs(deno, "--version")
      ? ""
      : "Deno is not here: `npm install --prefix FOLDER deno@2.9.6`, then DENO=FOLDER/node_modules/.bin/deno",
    runs(jupyter, "nbconvert", "--version")
      ? ""
      : "Jupyter's nbconvert is not here: `apt-get install jupyter-nbconvert`, or `pip install nbconvert`",
  ].filter((line) => line !== "");
  return lacks.length === 0 ? undefined : lacks.join("\n");
}

function runs(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/**
 * Executes a notebook from its first cell to its last in a fresh Deno kernel, in the notebook's own folder. A cell
 * that fails has an output of type `error`, and the cells after it run. The file stays as it is, and so does what a
 * user has of Jupyter: kernel and settings are those of a temporary folder.
 *
 * @returns the notebook with its outputs, normalised
 * @throws Error when nbconvert fails, or a cell takes longer than a minute
 */
export async function execute(file: string): Promise<Notebook> {
  const folder = await mkdtemp(join(tmpdir(), "notebooks-"));
  try {
    await writeKernel(folder);
    const options = { env: environment(folder), maxBuffer: 1 << 28, timeout: NOTEBOOK_MS };
    const { stdout } = await promisify(execFile)(jupyter, [...NBCONVERT, resolve(file)], options);
    return normalise(parseNotebook(stdout, file));
  } catch (error) {
    throw new Error(`${file} could not be executed: ${reasonOf(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last line that nbconvert wrote has the reason; above it stands a Python trace. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
  return stderr?.trim().split("\n").at(-1) || message;
}

async function writeKernel(folder: string): Promise<void> {
  const spec = {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    // Outputs without colours read as well, and compare as text.
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  };
  const kernel = join(folder, "kernels", "deno");
  await mkdir(kernel, { recursive: true });
  await writeFile(join(kernel, "kernel.json"), JSON.stringify(spec));
}

function environment(folder: string): NodeJS.ProcessEnv {
  const own = ["PATH", "CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"].map((name) => [`JUPYTER_${name}`, folder]);
  return { ...process.env, ...Object.fromEntries(own) };
}
