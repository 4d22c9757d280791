import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "langbaton";
const PACKAGE_GROUPS = ["dependencies", "devDependencies", "optionalDependencies"];
const LOCAL = /^(file:|link:|portal:|(?=\.{1,2}[\\/]))(.+)$/;

/** Where a package came from. */
export interface Specifier {
  /** For package.json: a version, a range, an address or `file:` and a path from the new folder. */
  readonly text: string;
  /** Whether it is only this copy's version, as nothing says where it came from. */
  readonly isGuessed: boolean;
}

/**
 * What a package.json in `folder` must say to get the copy of this package that lies in `home`: what the project around
 * it says, or the folder itself where it lies in no `node_modules`, such as a clone.
 */
export function specifierFor(folder: string, home = ownFolder()): Specifier {
  const target = realFolder(folder);
  if (!dirname(home).split(sep).includes("node_modules")) {
    return { text: `file:${pathBetween(target, home)}`, isGuessed: false };
  }
  for (let host = dirname(home); host !== dirname(host); host = dirname(host)) {
    const said = readSpecifier(join(host, "package.json"));
    const text = said === undefined ? undefined : moved(said, host, target);
    if (text !== undefined) return { text, isGuessed: false };
  }
  return { text: readManifest(join(home, "package.json"))?.version as string, isGuessed: true };
}

/** This package's own. */
function ownFolder(): string {
  return realpathSync(fileURLToPath(new URL("../../../", import.meta.url)));
}

/** npm reads paths from where a folder really is; it may have yet to be made. */
export function realFolder(folder: string): string {
  const path = resolve(folder);
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

function readSpecifier(file: string): string | undefined {
  const manifest = readManifest(file);
  for (const group of PACKAGE_GROUPS) {
    const said = (manifest?.[group] as Readonly<Record<string, unknown>> | undefined)?.[NAME];
    if (typeof said === "string") return said;
  }
  return undefined;
}

/** Undefined also for what is no package.json: somebody else's file, and no business of this command. */
function readManifest(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A path is written from another folder; undefined when nothing is there any more. */
function moved(said: string, from: string, to: string): string | undefined {
  const [, prefix = "", path = ""] = LOCAL.exec(said) ?? [];
  if (path === "") return said;
  const absolute = resolve(from, path);
  return existsSync(absolute) ? `${prefix || "file:"}${pathBetween(to, absolute)}` : undefined;
}

/** With `/`, as package.json has it. */
export function pathBetween(from: string, to: string): string {
  return relative(from, to).split(sep).join("/") || ".";
}
