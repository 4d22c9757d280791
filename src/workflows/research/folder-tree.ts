import type { StructuredToolInterface } from "@langchain/core/tools";
import { BatonError } from "../../core/errors.js";
import { callTool } from "./call-tool.js";

const LEFT_OUT = ["node_modules", ".git", "dist"];

export interface File {
  readonly path: string;
  /** Within the folder. */
  readonly shown: string;
}

export interface Listed {
  readonly files: readonly File[];
  /** What the server calls a file, by a name that may lead out of the folder or that is none. */
  readonly unnamed: readonly string[];
}

/** The files of a folder and of all in it, by the endings of their names. */
export async function list(
  tree: StructuredToolInterface,
  root: string,
  endings: readonly string[],
  signal: AbortSignal,
): Promise<Listed> {
  const { text } = await callTool(tree, { path: root, excludePatterns: LEFT_OUT }, signal);
  const separator = root.includes("\\") ? "\\" : "/";
  const files: File[] = [];
  const unnamed: string[] = [];
  const walk = (entries: readonly unknown[], place: readonly string[]): void => {
    for (const entry of entries) {
      const { name, type, children } = (entry ?? {}) as Readonly<Record<string, unknown>>;
      if (!isName(name)) {
        unnamed.push(JSON.stringify(name ?? entry)?.slice(0, LONGEST_SHOWN));
        continue;
      }
      const here = [...place, name];
      if (type === "directory") walk(Array.isArray(children) ? children : [], here);
      else if (endings.some((ending) => name.toLowerCase().endsWith(ending)))
        files.push({ path: [root.replace(/[\\/]+$/, ""), ...here].join(separator), shown: here.join("/") });
    }
  };
  walk(entriesOf(text, root), []);
  return { files, unnamed };
}

const LONGEST_SHOWN = 100;

/** A part of a path, and no path. */
function isName(name: unknown): name is string {
  return typeof name === "string" && name !== "." && name !== ".." && /^[^\\/\0]+$/.test(name);
}

function entriesOf(text: string, root: string): readonly unknown[] {
  try {
    const entries: unknown = JSON.parse(text);
    if (Array.isArray(entries)) return entries;
  } catch {
    // Said below.
  }
  const shown = text.slice(0, LONGEST_SHOWN);
  throw new BatonError("INVALID_RESULT", `directory_tree of '${root}' answered no tree of files: ${shown}`);
}
