import type { CodeFile, Folder, LeftOut, Listing } from "../folder.js";
import { shown } from "../shown.js";
import type { DependencyFinding } from "./finding.js";
import { type Installed, installedAt, licenceProblem } from "./installed.js";
import { LOCKS, looseness, versionsIn } from "./lock.js";
import type { Declared, Manifest } from "./manifest.js";
import { type Usage, usageOf } from "./usage.js";

export interface Check {
  readonly findings: readonly DependencyFinding[];
  /** Direct dependencies by licence, those that are installed. */
  readonly licences: Readonly<Record<string, number>>;
}

/** Everything that is to be said of one package. `manifests` are all of the folder, `files` all that lie in it. */
export async function checkManifest(
  folder: Folder,
  manifest: Manifest,
  manifests: readonly Manifest[],
  { files, leftOut }: Listing,
): Promise<Check> {
  const own = files.filter(({ path }) => nearest(path, manifests) === manifest);
  const usage = await usageOf(folder, own, files, leftOut);
  const installed = new Map<string, Installed>();
  for (const { name } of manifest.declared) {
    const found = await installedAt(folder, manifest.folder, name);
    if (found !== undefined) installed.set(name, found);
  }
  const lock = lockOf(manifest, files);
  return {
    findings: [
      ...undeclared(manifest, manifests, usage),
      ...unpinned(manifest),
      ...(lock === undefined ? noLock(manifest) : await duplicates(folder, manifest, lock, leftOut)),
      ...unused(manifest, usage, installed),
      ...licences(manifest, installed),
    ],
    licences: countLicences(manifest, installed),
  };
}

function nearest(path: string, manifests: readonly Manifest[]): Manifest | undefined {
  const above = manifests.filter(({ folder }) => folder === "." || path.startsWith(`${folder}/`));
  return above.reduce<Manifest | undefined>(
    (best, one) =>
      best === undefined || one.folder.length > best.folder.length || best.folder === "." ? one : best,
    undefined,
  );
}

/** Its own, or that of the workspace around it. */
function lockOf({ folder }: Manifest, files: readonly CodeFile[]): CodeFile | undefined {
  const places = [folder];
  while (places.at(-1) !== "." && places.length < 20) {
    const last = places.at(-1) ?? "";
    places.push(last.includes("/") ? last.slice(0, last.lastIndexOf("/")) : ".");
  }
  for (const place of places) {
    const paths = LOCKS.map((name) => (place === "." ? name : `${place}/${name}`));
    const found = files.find(({ path }) => paths.includes(path));
    if (found !== undefined) return found;
  }
  return undefined;
}

function undeclared(
  manifest: Manifest,
  manifests: readonly Manifest[],
  { imported }: Usage,
): readonly DependencyFinding[] {
  const above = manifests.filter(
    ({ folder }) => folder === "." || manifest.folder === folder || manifest.folder.startsWith(`${folder}/`),
  );
  const known = new Set(above.flatMap(({ declared }) => declared.map(({ name }) => name)));
  // Packages of one workspace find each other.
  for (const { name } of manifests) if (name !== undefined) known.add(name);
  return [...imported]
    .filter(([name]) => !known.has(name) && !known.has(`@types/${name.replace("@", "").replace("/", "__")}`))
    .map(([name, { file, line }]) => ({
      kind: "undeclared",
      package: name,
      file,
      line,
      detail: `is imported and not declared in ${manifest.file}`,
    }));
}

function unpinned(manifest: Manifest): readonly DependencyFinding[] {
  return manifest.declared.flatMap((one): readonly DependencyFinding[] => {
    // Of a peer, the widest range is the kindest.
    const problem = one.section === "peerDependencies" ? undefined : looseness(one.range);
    return problem === undefined ? [] : [at(manifest, one, "unpinned", `"${shown(one.range)}" ${problem}`)];
  });
}

function noLock(manifest: Manifest): readonly DependencyFinding[] {
  const open = manifest.declared.filter(
    ({ section, range }) => section !== "peerDependencies" && !/^\d+\.\d+\.\d+/.test(range),
  );
  if (open.length === 0) return [];
  const detail = `has no lock file, and ${open.length} of its ranges leave the version open: two installations may differ`;
  return [{ kind: "no-lock", package: manifest.name ?? ".", file: manifest.file, line: 1, detail }];
}

async function duplicates(
  folder: Folder,
  manifest: Manifest,
  lock: CodeFile,
  leftOut: LeftOut,
): Promise<readonly DependencyFinding[]> {
  if (!lock.path.endsWith(".json")) return [];
  const text = await folder.read(lock, leftOut);
  try {
    const versions = versionsIn(text ?? "{}");
    // Deeper ones are not for the reader of this manifest to decide.
    return manifest.declared.flatMap((one): readonly DependencyFinding[] => {
      const several = [...(versions.get(one.name) ?? [])].sort();
      return several.length < 2
        ? []
        : [
            at(
              manifest,
              one,
              "duplicate",
              `is installed in ${several.length} versions: ${shown(several.join(", "))}`,
            ),
          ];
    });
  } catch {
    const detail = "is no JSON: no version can be read";
    return [{ kind: "unreadable", package: lock.path, file: lock.path, line: 1, detail }];
  }
}

function unused(
  manifest: Manifest,
  usage: Usage,
  installed: ReadonlyMap<string, Installed>,
): readonly DependencyFinding[] {
  const peers = new Set([...installed.values()].flatMap((one) => one.peers));
  const isUsed = (name: string): boolean =>
    usage.imported.has(name) ||
    usage.names(name) ||
    wordsOf(name, installed.get(name)).some((word) => containsWord(manifest.rest, word));
  return (
    manifest.declared
      .filter(
        ({ name, section }) =>
          section !== "peerDependencies" && section !== "optionalDependencies" && !peers.has(name),
      )
      // Of what is not installed, its commands are unknown, and so is whether a script runs one.
      .filter(({ name }) => installed.has(name))
      .filter(({ name }) => {
        if (!name.startsWith("@types/")) return !isUsed(name);
        const typed = name.slice("@types/".length).replace(/^(.+)__/, "@$1/");
        // Ambient ones need no import.
        return typed !== "node" && installed.has(typed) && !isUsed(typed);
      })
      .map((one) =>
        at(manifest, one, "unused", `is declared in ${one.section}, and no file imports or names it`),
      )
  );
}

function wordsOf(name: string, installed: Installed | undefined): readonly string[] {
  return [name, ...(installed?.commands ?? [name.slice(name.lastIndexOf("/") + 1)])];
}

function containsWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`).test(text);
}

function licences(
  manifest: Manifest,
  installed: ReadonlyMap<string, Installed>,
): readonly DependencyFinding[] {
  return manifest.declared.flatMap((one): readonly DependencyFinding[] => {
    const found = installed.get(one.name);
    // What only helps to build is not handed on.
    if (found === undefined || one.section === "devDependencies") return [];
    const problem = licenceProblem(found.licence);
    return problem === undefined ? [] : [at(manifest, one, "licence", problem)];
  });
}

function countLicences(
  { declared }: Manifest,
  installed: ReadonlyMap<string, Installed>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of declared) {
    const found = installed.get(name);
    if (found === undefined) continue;
    const licence = found.licence ?? "not stated";
    counts[licence] = (counts[licence] ?? 0) + 1;
  }
  return counts;
}

function at(
  { file }: Manifest,
  { name, line }: Declared,
  kind: DependencyFinding["kind"],
  detail: string,
): DependencyFinding {
  return { kind, package: name, file, line, detail };
}
