import { builtinModules } from "node:module";
import { basename } from "node:path/posix";
import { isExamplePath } from "../example-path.js";
import type { CodeFile, Folder, LeftOut } from "../folder.js";
import { isModule } from "../module-facts.js";
import { aliasesIn, matches } from "./aliases.js";
import { LOCKS } from "./lock.js";

/** What the files of a package import and name. */
export interface Usage {
  /** Package names, each with the place of its first import. */
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly line: number }>;
  /** Whether any file names it in its text: settings, scripts, strings. */
  names(word: string): boolean;
}

const BUILT_IN = new Set(builtinModules);
const AMBIENT = /^[ \t]{0,20}declare[ \t]+module[ \t]+["']([^"'\n]{1,200})["']/gm;
/** Words in documents are no use of a package. */
const PROSE = /\.(?:md|mdx|txt|rst|adoc|svg|snap|csv)$/i;

/** Of `files`; `all` are those of the folder, among which settings lie that hold for them. */
export async function usageOf(
  folder: Folder,
  files: readonly CodeFile[],
  all: readonly CodeFile[],
  leftOut: LeftOut,
): Promise<Usage> {
  const isAlias = await aliasesIn(folder, all, leftOut);
  const ambient = new Set<string>();
  const imported = new Map<string, { file: string; line: number }>();
  const texts: string[] = [];
  for (const file of files) {
    const name = basename(file.path);
    if (name === "package.json" || LOCKS.includes(name) || PROSE.test(name)) continue;
    const text = await folder.read(file, leftOut);
    if (text === undefined) continue;
    texts.push(text);
    for (const [, declared = ""] of text.matchAll(AMBIENT)) ambient.add(declared);
    if (!isModule(file.path)) continue;
    for (const { specifier, line } of folder.facts(file, text).imports) {
      const wanted = isAlias(file.path, specifier) ? undefined : packageOf(specifier);
      const known = wanted === undefined ? undefined : imported.get(wanted);
      // One in the program proper says more than one among its tests.
      if (wanted !== undefined && (known === undefined || isExamplePath(known.file)))
        if (known === undefined || !isExamplePath(file.path)) imported.set(wanted, { file: file.path, line });
    }
  }
  // A module that the project declares itself is nobody's package.
  for (const pattern of ambient)
    for (const name of imported.keys()) if (matches(name, pattern)) imported.delete(name);
  const everything = texts.join("\n");
  return { imported, names: (word) => containsWord(everything, word) };
}

/** Of `@scope/name/part` the package `@scope/name`; undefined for what is no package. */
function packageOf(specifier: string): string | undefined {
  // Relative, absolute, a URL, a virtual module, an alias in the usual forms.
  if (/^(?:[./#~]|[a-z][\w+.-]*:|@\/|virtual:|\0)|[!?$\\\s]/.test(specifier)) return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return BUILT_IN.has(name) || !/^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/.test(name) ? undefined : name;
}

function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!/[\w@-]/.test(text[at - 1] ?? "") && !/[\w-]/.test(text[at + word.length] ?? "")) return true;
  }
  return false;
}
