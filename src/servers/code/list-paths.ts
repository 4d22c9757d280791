import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 20_000;
const GIT_MAX_BYTES = 64 * 1024 * 1024;
/** Never somebody's own code, whether Git ignores them or not. */
const NEVER = new Set([".git", "dist", "node_modules"]);
/** What Git is usually told to ignore. Where there is no Git, nothing else says so. */
const USUALLY_IGNORED = new Set([
  ...NEVER,
  ".hg",
  ".next",
  ".nuxt",
  ".svn",
  ".turbo",
  ".venv",
  "__pycache__",
  "bower_components",
  "build",
  "coverage",
  "target",
  "vendor",
]);

export interface Paths {
  /** Relative to the root, sorted. */
  readonly files: readonly string[];
  readonly overLimit: number;
}

/** The files at and below `start`, as Git lists them, with ignored ones left out; without Git, by a walk. */
export async function listPaths(root: string, start: string, maxFiles: number): Promise<Paths> {
  if ((await stat(join(root, start))).isFile()) return { files: [start], overLimit: 0 };
  const own = (path: string) => {
    const below = start === "." ? path : path.slice(start.length + 1);
    return !below.split("/").some((part) => NEVER.has(part));
  };
  const listed = (await byGit(root, start))?.filter(own) ?? (await byWalk(root, start, maxFiles));
  const files = [...new Set(listed)].sort();
  return { files: files.slice(0, maxFiles), overLimit: Math.max(0, files.length - maxFiles) };
}

async function byGit(root: string, start: string): Promise<string[] | undefined> {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const args = [
    "--literal-pathspecs",
    // A repository's own settings can name a program to run.
    ...["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"],
    ...["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", start],
  ];
  try {
    const { stdout } = await run("git", args, {
      cwd: root,
      env: Object.fromEntries(environment),
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: GIT_MAX_BYTES,
    });
    const files = stdout.split("\0").filter((file) => file !== "");
    // Of a folder that an outer repository ignores, Git lists nothing,
    // and of one with a repository of its own nothing but its name.
    return files.some((file) => file !== start && file !== `${start}/`) ? files : undefined;
  } catch {
    return undefined;
  }
}

async function byWalk(root: string, start: string, maxFiles: number): Promise<string[]> {
  const files: string[] = [];
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    // Enough to say that there are more, and not how many.
    if (files.length > maxFiles) break;
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (USUALLY_IGNORED.has(entry.name)) continue;
      const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else files.push(path);
    }
  }
  return files;
}
