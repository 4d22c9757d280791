import { basename, dirname } from "node:path/posix";
import { isExamplePath } from "../example-path.js";
import type { CodeFile, Folder, LeftOut } from "../folder.js";
import { isGenerated, isModule, type ModuleFacts } from "../module-facts.js";
import { shown } from "../shown.js";
import type { DocumentationOutput } from "../tools/documentation.js";
import { entriesOf } from "./entries.js";
import { linksIn, placesOf } from "./links.js";
import { publicNames } from "./public-names.js";
import { missingParts } from "./readme.js";

type Broken = DocumentationOutput["brokenLinks"];

/** Everything that is to be said of the documentation of a path, the lists cut at `limit`. */
export async function survey(folder: Folder, path: string, limit: number): Promise<DocumentationOutput> {
  const listing = await folder.list(path);
  const { leftOut } = listing;
  const facts = new Map<string, ModuleFacts>();
  const entries: string[] = [];
  const broken: Broken = [];
  const paths = new Set(listing.files.map((file) => file.path));
  let files = 0;
  for (const file of listing.files) {
    const isPage = /\.mdx?$/i.test(file.path);
    const isManifest = basename(file.path) === "package.json";
    if (!isPage && !isManifest && (!isModule(file.path) || isExamplePath(file.path))) continue;
    const text = await folder.read(file, leftOut);
    if (text === undefined) continue;
    files++;
    if (isPage) broken.push(...(await brokenLinks(folder, file, text)));
    else if (isManifest) entries.push(...entriesOf(dirname(file.path), text, paths));
    else if (!isGenerated(file.path, text)) facts.set(file.path, folder.facts(file, text));
  }
  const open = publicNames(entries, facts);
  const exported = [...facts].flatMap(([file, { exports }]) =>
    exports.map((one) => {
      const names = open.get(file);
      return { ...one, file, public: names !== undefined && (names.has("*") || names.has(one.name)) };
    }),
  );
  const bare = exported.filter(({ documented }) => !documented);
  bare.sort((one, other) => Number(other.public) - Number(one.public));
  return {
    root: folder.root,
    path: listing.path,
    files,
    leftOut,
    undocumented: bare.slice(0, limit).map(({ file, line, name, public: isPublic }) => ({
      file,
      line,
      name,
      public: isPublic,
    })),
    totalExports: exported.length,
    totalUndocumented: bare.length,
    totalPublic: exported.filter((one) => one.public).length,
    publicUndocumented: bare.filter((one) => one.public).length,
    readme: await readmeOf(folder, listing.path, listing.files, leftOut),
    brokenLinks: broken.slice(0, limit),
    totalBrokenLinks: broken.length,
  };
}

async function brokenLinks(folder: Folder, file: CodeFile, text: string): Promise<Broken> {
  const found: Broken = [];
  for (const { line, target, path } of linksIn(file.path, text)) {
    // Where a page of a repository's host goes above the root, `../../issues` for example, nothing can be said.
    if (path.startsWith("..")) continue;
    const places = await Promise.all(placesOf(path).map((place) => folder.has(place)));
    if (!places.includes(true)) found.push({ file: file.path, line, target: shown(target) });
  }
  return found;
}

/** The README of a path; of a folder below the root that has none, nothing is expected. */
async function readmeOf(
  folder: Folder,
  path: string,
  files: readonly CodeFile[],
  leftOut: LeftOut,
): Promise<DocumentationOutput["readme"]> {
  const prefix = path === "." ? "" : `${path}/`;
  const beside = files.filter(
    (file) => file.path.startsWith(prefix) && !file.path.slice(prefix.length).includes("/"),
  );
  const readme = beside.find((file) =>
    /^readme(?:\.(?:md|mdx|markdown|rst|txt))?$/i.test(basename(file.path)),
  );
  const text = readme && (await folder.read(readme, leftOut));
  if (readme === undefined || text === undefined) return { file: null, missing: [] };
  const hasLicence = beside.some((file) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(basename(file.path)));
  return { file: readme.path, missing: path === "." ? [...missingParts(text, hasLicence)] : [] };
}
