import { join, normalize } from "node:path/posix";
import { isRecord } from "../dependencies/manifest.js";

/**
 * The sources that a package's manifest leads its users to, among the files that are there: what it names itself, and of
 * what is built (`dist/a.js`) the source of the same name (`src/a.ts`).
 */
export function entriesOf(folder: string, manifest: string, files: ReadonlySet<string>): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(manifest);
  } catch {
    return [];
  }
  if (!isRecord(json)) return [];
  const named = [json.main, json.module, json.types, json.exports].flatMap(textsIn);
  const found = named.flatMap((name) => sourcesOf(name).map((source) => normalize(join(folder, source))));
  return [...new Set(found)].filter((path) => files.has(path));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}

function sourcesOf(name: string): readonly string[] {
  const built =
    /^(?:\.\/)?(?:dist|lib|build|out|esm|cjs)\/(?:(?:esm|cjs|types)\/)?(.+?)(?:\.d)?\.[cm]?[jt]sx?$/.exec(
      name,
    );
  const own = [name, `${name}.js`, `${name}/index.js`];
  if (built === null) return own;
  const ends = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs"];
  return [
    ...own,
    ...["src", "lib", "source"].flatMap((from) => ends.map((end) => `${from}/${built[1]}.${end}`)),
  ];
}
