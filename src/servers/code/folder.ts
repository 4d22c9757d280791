import { realpathSync, type Stats, statSync } from "node:fs";
import { constants, lstat, open, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { BatonError, reasonOf } from "../../core/errors.js";
import { listPaths } from "./list-paths.js";
import { factsOf, type ModuleFacts } from "./module-facts.js";

/** Beyond these a file or a folder is cut off, and the answer says so. */
const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 512 * 1024;
const MAX_ALL_BYTES = 128 * 1024 * 1024;
const PARALLEL_STATS = 64;
/** Git looks as far for the zero byte that makes a file binary. */
const BINARY_BYTES = 8000;

/** One file, as it was when it was listed. */
export interface CodeFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** What an analysis did not look at, by reason. */
export interface LeftOut {
  links: number;
  tooLarge: number;
  binary: number;
  unreadable: number;
  overLimit: number;
  /** Folders that are repositories of their own. */
  repositories: number;
  /** Files whose names are not UTF-8. */
  badNames: number;
}

export interface Listing {
  /** Relative to the root, "." for all of it. */
  readonly path: string;
  readonly files: readonly CodeFile[];
  /** Reading adds to it: that a file is binary shows only then. */
  readonly leftOut: LeftOut;
}

/** The files of one folder, for reading. */
export interface Folder {
  readonly root: string;
  /**
   * The files at and below a path: what Git would list, or all but installed packages and build results.
   *
   * @throws {Error} for a path that leaves the folder or does not exist, in words for a model
   */
  list(path: string): Promise<Listing>;
  /** The text of a listed file; undefined, and counted in `leftOut`, when it is none. */
  read(file: CodeFile, leftOut: LeftOut): Promise<string | undefined>;
  /** The text of a file that is not listed, an installed package's manifest for example; undefined when it is none. */
  peek(path: string): Promise<string | undefined>;
  /** What a TypeScript or JavaScript file declares, parsed once for each of its versions. */
  facts(file: CodeFile, text: string): ModuleFacts;
  /** Whether something is there, without following a link out of the folder. */
  has(path: string): Promise<boolean>;
}

/** @throws {BatonError} `CONFIG_INVALID` for a path that is no folder */
export function openFolder(path: string): Folder {
  const root = rootOf(path);
  const parsed = new Map<string, { readonly text: string; readonly facts: ModuleFacts }>();

  async function inside(path: string): Promise<string> {
    const wanted = resolve(root, path);
    let real: string;
    try {
      real = await realpath(wanted);
    } catch {
      // Not what lies outside, and whether.
      const problem = isInside(root, wanted) ? "does not exist" : "lies outside of the folder";
      throw new Error(`path '${path}' ${problem}: give one relative to ${root}, "." for all of it`);
    }
    if (isInside(root, real)) return relative(root, real).split(sep).join("/") || ".";
    throw new Error(`path '${path}' lies outside of the folder: give one below ${root}`);
  }

  async function list(path: string): Promise<Listing> {
    const start = await inside(path);
    const leftOut: LeftOut = {
      ...{ links: 0, tooLarge: 0, binary: 0, unreadable: 0, overLimit: 0, repositories: 0, badNames: 0 },
    };
    const paths = await listPaths(root, start, MAX_FILES);
    leftOut.overLimit += paths.overLimit;
    const files: CodeFile[] = [];
    let bytes = 0;
    for (let at = 0; at < paths.files.length; at += PARALLEL_STATS) {
      const some = paths.files.slice(at, at + PARALLEL_STATS);
      const stats = await Promise.all(some.map((file) => lstat(join(root, file)).catch(() => undefined)));
      for (const [index, stat] of stats.entries()) {
        const file = some[index];
        if (file === undefined) continue;
        if (stat === undefined) {
          // Others are gone since they were listed.
          if (file.includes("\uFFFD")) leftOut.badNames++;
          continue;
        }
        if (stat.isDirectory()) {
          leftOut.repositories++;
          continue;
        }
        const reason = reasonToSkip(stat) ?? (bytes + stat.size > MAX_ALL_BYTES ? "overLimit" : undefined);
        if (reason !== undefined) leftOut[reason]++;
        else {
          bytes += stat.size;
          files.push({ path: file, bytes: stat.size });
        }
      }
    }
    return { path: start, files, leftOut };
  }

  /** Of a plain file inside of the root, whatever a link above it was turned into since. */
  async function bytesOf(path: string): Promise<Buffer> {
    const real = await realpath(join(root, path));
    if (!isInside(root, real)) throw new Error("outside");
    // Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(real, flags);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw new Error("no plain file, or too large");
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  async function read(file: CodeFile, leftOut: LeftOut): Promise<string | undefined> {
    let bytes: Buffer;
    try {
      bytes = await bytesOf(file.path);
    } catch {
      leftOut.unreadable++;
      return undefined;
    }
    if (!bytes.subarray(0, BINARY_BYTES).includes(0)) return bytes.toString("utf8");
    leftOut.binary++;
    return undefined;
  }

  function facts(file: CodeFile, text: string): ModuleFacts {
    const known = parsed.get(file.path);
    if (known?.text === text) return known.facts;
    const facts = factsOf(file.path, text);
    if (parsed.size >= MAX_FILES) parsed.clear();
    parsed.set(file.path, { text, facts });
    return facts;
  }

  async function has(path: string): Promise<boolean> {
    const wanted = resolve(root, path);
    if (!isInside(root, wanted)) return false;
    if (wanted === root) return true;
    try {
      const above = await realpath(dirname(wanted));
      return isInside(root, above) && (await lstat(join(above, basename(wanted)))) !== undefined;
    } catch {
      return false;
    }
  }

  function peek(path: string): Promise<string | undefined> {
    return bytesOf(path).then(
      (bytes) => bytes.toString("utf8"),
      () => undefined,
    );
  }

  return { root, list, read, peek, facts, has };
}

function rootOf(path: string): string {
  try {
    const root = realpathSync(path);
    if (statSync(root).isDirectory()) return root;
  } catch (cause) {
    throw new BatonError("CONFIG_INVALID", `the folder '${path}' cannot be opened: ${reasonOf(cause)}`, {
      cause,
    });
  }
  throw new BatonError("CONFIG_INVALID", `'${path}' is no folder: name the folder whose code is analysed`);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function reasonToSkip(stat: Stats): keyof LeftOut | undefined {
  // What a link leads to is analysed where it lies, if it lies in the folder.
  if (stat.isSymbolicLink()) return "links";
  if (!stat.isFile()) return "unreadable";
  return stat.size > MAX_FILE_BYTES ? "tooLarge" : undefined;
}
