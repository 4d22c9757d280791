import { dirname, join, normalize } from "node:path/posix";
import type { ModuleFacts } from "../module-facts.js";

/**
 * Which names of which files a package's users can import: those of its entries, and what these hand on. A name may be
 * "*", for all.
 */
export function publicNames(
  entries: readonly string[],
  facts: ReadonlyMap<string, ModuleFacts>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const open: { readonly file: string; readonly name: string }[] = entries.map((file) => ({
    file,
    name: "*",
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { file, name } = next;
    const names = found.get(file) ?? new Set();
    if (names.has(name) || names.has("*")) continue;
    found.set(file, names.add(name));
    for (const { specifier, names: handed } of facts.get(file)?.reexports ?? []) {
      const target = targetOf(file, specifier, facts);
      if (target === undefined) continue;
      const wanted =
        name === "*" ? (handed ?? ["*"]) : handed === undefined || handed.includes(name) ? [name] : [];
      open.push(...wanted.map((one) => ({ file: target, name: one })));
    }
  }
  return found;
}

function targetOf(
  file: string,
  specifier: string,
  facts: ReadonlyMap<string, ModuleFacts>,
): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = normalize(join(dirname(file), specifier));
  const bare = path.replace(/\.[cm]?jsx?$/, "");
  const ends = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", "/index.ts", "/index.js"];
  return [path, ...ends.map((end) => `${bare}${end}`)].find((each) => facts.has(each));
}
