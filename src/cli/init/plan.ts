import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { filesFor, MODULE_MARK, type ProjectFile } from "./files.js";
import { completeIgnored } from "./ignored.js";
import { completeManifest } from "./manifest.js";
import { notesOn } from "./notes.js";
import { refuse } from "./refuse.js";
import { specifierFor } from "./specifier.js";

const MANIFEST = "package.json";
const IGNORED = ".gitignore";

/** What becomes of a file. */
export interface PlannedFile {
  readonly path: string;
  readonly action: "wrote" | "replaced" | "added" | "same" | "kept";
  /** What the file is for, or what was added to it. */
  readonly about: string;
  /** What to write. None for a file that stays as it is: it is the `same` as ours, or `kept` though it is not. */
  readonly text?: string;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Whether the configuration will be the one with the example server. */
  readonly hasExample: boolean;
  /** Of the scripts `start` and `studio` those that will do what they do here. */
  readonly scripts: readonly string[];
  /** Whether packages have to be installed. */
  readonly isInstallNeeded: boolean;
  /** What is left to be done by hand. */
  readonly notes: readonly string[];
}

/** Of each file what stands in it, by path. Files that do not exist have no entry. */
type Texts = ReadonlyMap<string, string>;

/**
 * What `init` will do in a folder. Reads, and writes nothing.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for a folder that cannot be used, `CONFIG_INVALID` for its package.json
 */
export async function planProject(folder: string, isForced: boolean): Promise<Plan> {
  await checkFolder(folder);
  const own = filesFor(folder);
  const texts = await readTexts(folder, [
    ...[...own, MODULE_MARK].map(({ path }) => path),
    MANIFEST,
    IGNORED,
  ]);
  const specifier = specifierFor(folder);
  const manifest = completeManifest(texts.get(MANIFEST), join(folder, MANIFEST), specifier.text);
  const files = [
    ...(manifest.isModule ? own : [...own, MODULE_MARK]).map((file) => planFile(file, texts, isForced)),
    planCompleted(MANIFEST, "scripts and packages", texts, manifest),
    planCompleted(IGNORED, "what git should not see", texts, completeIgnored(texts.get(IGNORED))),
  ];
  const after = (path: string): string => textAfter(path, files, texts);
  const isGuessed = specifier.isGuessed && manifest.added.includes("langbaton");
  return {
    files,
    hasExample: after("mcp.json").includes("langbaton/dist/servers/enterprise"),
    scripts: manifest.scripts,
    isInstallNeeded: files.some(({ path, text }) => path === MANIFEST && text !== undefined),
    notes: [
      ...notesOn(after),
      ...(isGuessed
        ? [
            `package.json asks the registry for langbaton ${specifier.text}: ` +
              "where this copy has come from is not known. If it is not there, install it from where you have it",
          ]
        : []),
    ],
  };
}

async function checkFolder(folder: string): Promise<void> {
  if (folder.trim() === "") throw refuse(folder, { code: "NO_NAME" });
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  const path = isThere ? resolve(folder) : dirname(resolve(folder));
  const stats = await stat(path).catch((cause: unknown) => {
    throw refuse(path, cause);
  });
  if (!stats.isDirectory()) throw refuse(path, { code: "ENOTDIR" });
}

async function readTexts(folder: string, paths: readonly string[]): Promise<Texts> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const file = join(folder, path);
    const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw refuse(file, cause);
    });
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

function planFile({ path, about, text }: ProjectFile, texts: Texts, isForced: boolean): PlannedFile {
  const existing = texts.get(path);
  if (existing === undefined) return { path, about, action: "wrote", text };
  if (existing === text) return { path, about, action: "same" };
  if (isForced) return { path, about, action: "replaced", text };
  return { path, about, action: "kept" };
}

function planCompleted(
  path: string,
  about: string,
  texts: Texts,
  { text, added }: { readonly text: string; readonly added: readonly string[] },
): PlannedFile {
  if (!texts.has(path)) return { path, about, action: "wrote", text };
  if (added.length === 0) return { path, about, action: "same" };
  return { path, about: added.join(", "), action: "added", text };
}

function textAfter(path: string, files: readonly PlannedFile[], texts: Texts): string {
  return files.find((file) => file.path === path)?.text ?? texts.get(path) ?? "";
}
