import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { refuse } from "./refuse.js";

/**
 * Writes files into a folder, and makes the folders that they need. Until all of them are written in full, none is
 * to be seen under its name; a failure before leaves nothing behind.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` where the system does not let it
 */
export async function writeAll(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<void> {
  const madeFolders: string[] = [];
  const drafts: { readonly draft: string; readonly target: string }[] = [];
  let current = folder;
  try {
    for (const { path, text } of files) {
      const target = join(folder, path);
      current = target;
      const made = await mkdir(dirname(target), { recursive: true });
      if (made !== undefined) madeFolders.push(made);
      const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
      drafts.push({ draft, target });
      await writeFile(draft, text, { flag: "wx" });
    }
  } catch (cause) {
    for (const { draft } of drafts) await rm(draft, { force: true });
    for (const made of madeFolders) await rm(made, { recursive: true, force: true });
    throw refuse(current, cause);
  }
  for (const { draft, target } of drafts) await rename(draft, target);
}
