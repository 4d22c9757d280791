import { randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { refuse } from "./refuse.js";

const ANY_WRITE = 0o222;

/** A file on its way: written in full under another name. */
interface Draft {
  /** Where it goes: behind a link, what the link leads to. */
  readonly target: string;
  readonly path: string;
  /** A copy of what stands there now; none for a new file. */
  readonly backup?: string;
}

/**
 * Writes files into a folder, and makes the folders that they need. Until all of them are written in full, none is
 * to be seen under its name. A failure leaves everything as it was. A link and a file's mode stay what they are.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` where the system does not let it, and for a file that is read-only
 */
export async function writeAll(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<void> {
  const madeFolders: string[] = [];
  const drafts: Draft[] = [];
  const placed: Draft[] = [];
  let current = folder;
  try {
    for (const { path, text } of files) {
      current = join(folder, path);
      const made = await mkdir(dirname(current), { recursive: true });
      if (made !== undefined) madeFolders.push(made);
      const draft = await draftFor(current);
      drafts.push(draft);
      await write(draft, text);
    }
    for (const draft of drafts) {
      current = draft.target;
      await rename(draft.path, draft.target);
      placed.push(draft);
    }
  } catch (cause) {
    for (const { target, backup } of placed) {
      await (backup === undefined ? rm(target, { force: true }) : rename(backup, target));
    }
    await removeRests(drafts);
    for (const made of madeFolders) await rm(made, { recursive: true, force: true });
    throw refuse(current, cause);
  }
  await removeRests(drafts);
}

async function draftFor(file: string): Promise<Draft> {
  const target = await realpath(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  const beside = (end: string): string =>
    join(dirname(target ?? file), `.${basename(target ?? file)}.${randomUUID()}${end}`);
  if (target === undefined) return { target: file, path: beside("") };
  return { target, path: beside(""), backup: beside(".before") };
}

async function write({ target, path, backup }: Draft, text: string): Promise<void> {
  if (backup === undefined) return writeFile(path, text, { flag: "wx" });
  const { mode } = await stat(target);
  // To put another file in its place the system would only ask for the right to change the folder.
  if ((mode & ANY_WRITE) === 0) throw Object.assign(new Error("it is read-only"), { code: "READ_ONLY" });
  await copyFile(target, backup);
  await writeFile(path, text, { flag: "wx" });
  await chmod(path, mode);
}

async function removeRests(drafts: readonly Draft[]): Promise<void> {
  for (const { path, backup } of drafts) {
    await rm(path, { force: true });
    if (backup !== undefined) await rm(backup, { force: true });
  }
}
