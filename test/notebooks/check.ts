import { writeFile } from "node:fs/promises";
import { faultsOf } from "./compare.js";
import { execute } from "./kernel.js";
import { readNotebook, serialise } from "./notebook.js";
import { withOutputs } from "./outputs.js";

/**
 * Executes a notebook and compares: what is wrong, in words. The file stays as it is.
 *
 * @throws Error when it cannot be read or executed at all
 */
export async function check(file: string): Promise<string[]> {
  return faultsOf(await readNotebook(file), await execute(file));
}

/**
 * Executes a notebook and writes its outputs into it, unless a cell failed or wrote to stderr, which it gives in words.
 *
 * @param keeps leaves an output that says the same as before as it is; without it all are written anew
 * @throws Error when it cannot be read or executed at all
 */
export async function update(file: string, { keeps = true } = {}): Promise<string[]> {
  const before = await readNotebook(file);
  const run = await execute(file);
  const faults = faultsOf(run, run);
  if (faults.length === 0) await writeFile(file, serialise(keeps ? withOutputs(before, run) : run));
  return faults;
}
