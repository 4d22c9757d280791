import { dirname, join } from "node:path/posix";
import { parseExpression } from "@babel/parser";
import type { CodeFile, Folder, LeftOut } from "../folder.js";
import { isNode, nameOf, type SyntaxNode } from "../syntax-node.js";

const SETTINGS = /(?:^|\/)[tj]sconfig(?:\.[\w-]+)?\.json$/;
const MOST_PARENTS = 5;

/** Whether a specifier is an alias for files of the project itself, at this file. */
export type IsAlias = (file: string, specifier: string) => boolean;

interface Aliases {
  /** As in `paths`: a star stands for any text. */
  readonly patterns: readonly string[];
  /** What lies right in `baseUrl`, without endings. */
  readonly names: ReadonlySet<string>;
}

/** Reads the aliases in each tsconfig.json and jsconfig.json, and in those that they extend. */
export async function aliasesIn(
  folder: Folder,
  files: readonly CodeFile[],
  leftOut: LeftOut,
): Promise<IsAlias> {
  const settings = new Map(files.filter(({ path }) => SETTINGS.test(path)).map((file) => [file.path, file]));
  const byFolder = new Map<string, Aliases[]>();
  for (const file of settings.values()) {
    const aliases = await read(file.path, MOST_PARENTS);
    if (aliases !== undefined)
      byFolder.set(dirname(file.path), [...(byFolder.get(dirname(file.path)) ?? []), aliases]);
  }

  async function read(path: string, depth: number): Promise<Aliases | undefined> {
    const file = settings.get(path) ?? files.find((one) => one.path === path);
    const text = file && depth > 0 ? await folder.read(file, leftOut) : undefined;
    const json = text === undefined ? undefined : parse(text);
    if (json === undefined) return undefined;
    const compiler = entriesOf(entriesOf(json).get("compilerOptions"));
    const base = nameOf(compiler.get("baseUrl"));
    const own: Aliases = {
      patterns: [...entriesOf(compiler.get("paths")).keys()],
      names: base === undefined ? new Set() : namesIn(join(dirname(path), base)),
    };
    const above = textsIn(entriesOf(json).get("extends")).filter((parent) => parent.startsWith("."));
    const inherited = await Promise.all(
      above.map(async (parent) => {
        const target = join(dirname(path), parent);
        return (await read(target, depth - 1)) ?? read(`${target}.json`, depth - 1);
      }),
    );
    const all = [own, ...inherited.filter((one) => one !== undefined)];
    return {
      patterns: all.flatMap(({ patterns }) => patterns),
      names: new Set(all.flatMap(({ names }) => [...names])),
    };
  }

  function namesIn(base: string): ReadonlySet<string> {
    const prefix = base === "." || base === "./" ? "" : `${base.replace(/\/$/, "")}/`;
    const below = files.filter(({ path }) => path.startsWith(prefix) && !path.includes("node_modules/"));
    return new Set(
      below.map(({ path }) =>
        (path.slice(prefix.length).split("/", 1)[0] ?? "").replace(/(?:\.d)?\.\w+$/, ""),
      ),
    );
  }

  return (file, specifier) => {
    for (let at = dirname(file); ; at = dirname(at)) {
      const found = byFolder.get(at);
      if (found !== undefined) return found.some((aliases) => isAmong(specifier, aliases));
      if (at === "." || at === "/") return false;
    }
  };
}

function isAmong(specifier: string, { patterns, names }: Aliases): boolean {
  const [first = ""] = specifier.split("/", 1);
  return names.has(first.replace(/\.\w+$/, "")) || patterns.some((pattern) => matches(specifier, pattern));
}

/** Of a pattern with one star at most, as TypeScript has them. */
export function matches(specifier: string, pattern: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return specifier === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  // A star alone says where types are looked for, and not that all is the project's own.
  if (before === "" && after === "") return false;
  const isLong = specifier.length >= before.length + after.length;
  return isLong && specifier.startsWith(before) && specifier.endsWith(after);
}

/** JSON with comments and commas at ends, as these files have it. */
function parse(text: string): SyntaxNode | undefined {
  try {
    return parseExpression(text.replace(/^\uFEFF/, "")) as unknown as SyntaxNode;
  } catch {
    return undefined;
  }
}

function entriesOf(node: unknown): ReadonlyMap<string, SyntaxNode> {
  const properties = isNode(node) && Array.isArray(node.properties) ? node.properties.filter(isNode) : [];
  return new Map(
    properties.flatMap(({ key, value }): readonly (readonly [string, SyntaxNode])[] =>
      isNode(value) ? [[nameOf(key) ?? "", value]] : [],
    ),
  );
}

function textsIn(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  if (Array.isArray(node.elements)) return node.elements.flatMap(textsIn);
  const text = nameOf(node);
  return text === undefined ? [] : [text];
}
