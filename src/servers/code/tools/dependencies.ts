import { basename, dirname } from "node:path/posix";
import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { counted, READ_ONLY, reply } from "../../enterprise/tools/shared.js";
import { checkManifest } from "../dependencies/check.js";
import type { DependencyFinding } from "../dependencies/finding.js";
import { type Manifest, NO_OBJECT, parseManifest } from "../dependencies/manifest.js";
import { isExamplePath } from "../example-path.js";
import type { Folder, Listing } from "../folder.js";
import { bullets, codeInput, codeOutput, leftOutWords, place } from "./shared.js";

const MOST_MANIFESTS = 50;
const KINDS = ["undeclared", "no-lock", "unpinned", "licence", "unused", "duplicate", "unreadable"] as const;

const output = z.object({
  ...codeOutput,
  manifests: z.array(z.string()).describe("The package.json files that were compared"),
  findings: z.array(
    z.object({
      ...place,
      kind: z
        .enum(KINDS)
        .describe(
          "undeclared: imported, in no manifest; no-lock: versions are left open; unpinned: a range without an end; " +
            "licence: copyleft, unusual or none; unused: neither imported nor named; duplicate: installed in several versions",
        ),
      package: z.string(),
      detail: z.string(),
    }),
  ),
  totalFindings: z.int(),
  licences: z
    .record(z.string(), z.int())
    .describe("How many direct dependencies are under which, if installed"),
  notes: z.array(z.string()).describe("What could not be compared"),
});

type Output = z.infer<typeof output>;

export function registerDependencies(server: McpServer, folder: Folder): void {
  server.registerTool(
    "dependencies",
    {
      title: "Check dependencies",
      description:
        "Compares each package.json with its lock file, its imports and what is installed: open ranges, a missing lock, " +
        "several versions of one package, unused and undeclared packages, licences. For a path without a package.json, " +
        "the one above it. No network: nothing on known vulnerabilities.",
      inputSchema: codeInput,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    async ({ path, limit }) => {
      const result = await compare(folder, path, limit);
      return reply(textOf(result), result);
    },
  );
}

async function compare(folder: Folder, path: string, limit: number): Promise<Output> {
  const wanted = await folder.list(path);
  const all = wanted.path === "." ? wanted : await folder.list(".");
  // A folder that Git ignores is not among all, but may be asked for.
  const listing = wanted.files.every(({ path: file }) => all.files.some((one) => one.path === file))
    ? all
    : wanted;
  const findings: DependencyFinding[] = [];
  const notes: string[] = [];
  const manifests = await manifestsIn(folder, listing, findings);
  const chosen = choose(manifests, wanted);
  if (chosen.length === 0)
    notes.push(`no package.json at ${wanted.path}, below or above it: nothing to compare`);
  if (chosen.length > MOST_MANIFESTS)
    notes.push(`${chosen.length - MOST_MANIFESTS} package.json files beyond the first ${MOST_MANIFESTS}`);
  const licences: Record<string, number> = {};
  for (const manifest of chosen.slice(0, MOST_MANIFESTS)) {
    const check = await checkManifest(folder, manifest, manifests, listing);
    findings.push(...check.findings);
    for (const [licence, count] of Object.entries(check.licences))
      licences[licence] = (licences[licence] ?? 0) + count;
    if (manifest.declared.length > 0 && Object.keys(check.licences).length === 0)
      notes.push(`${manifest.file}: nothing is installed, so that licences and commands are unknown`);
  }
  if (
    listing.files.some(({ path: file }) => /(?:^|\/)(?:yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/.test(file))
  )
    notes.push("several versions of one package are found in npm's lock file only");
  findings.sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  return {
    root: folder.root,
    path: wanted.path,
    files: listing.files.length,
    leftOut: listing.leftOut,
    manifests: chosen.slice(0, MOST_MANIFESTS).map(({ file }) => file),
    findings: findings.slice(0, limit),
    totalFindings: findings.length,
    licences,
    notes,
  };
}

async function manifestsIn(
  folder: Folder,
  { files, leftOut }: Listing,
  findings: DependencyFinding[],
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const file of files) {
    if (basename(file.path) !== "package.json" || isExamplePath(dirname(file.path).concat("/"))) continue;
    const text = await folder.read(file, leftOut);
    if (text === undefined) continue;
    try {
      manifests.push(parseManifest(file.path, text));
    } catch (error) {
      // The parser's own words quote the text.
      const isParsed = (error as Error).message === NO_OBJECT;
      const detail = isParsed ? NO_OBJECT : "is no valid JSON";
      findings.push({ kind: "unreadable", package: file.path, file: file.path, line: 1, detail });
    }
  }
  return manifests;
}

/** Those below the path; without one, the nearest above it. */
function choose(manifests: readonly Manifest[], { path, files }: Listing): readonly Manifest[] {
  const listed = new Set(files.map((file) => file.path));
  const below = manifests.filter(({ file }) => listed.has(file));
  if (below.length > 0) return below;
  const above = manifests.filter(({ folder }) => folder === "." || path.startsWith(`${folder}/`));
  return above.sort((one, other) => other.folder.length - one.folder.length).slice(0, 1);
}

function textOf(result: Output): string {
  const { findings, totalFindings, manifests, notes, licences } = result;
  const lines = findings.map(
    ({ file, line, kind, package: name, detail }) => `${kind}: ${file}:${line} ${name} ${detail}`,
  );
  const installed = Object.entries(licences)
    .sort(([, one], [, other]) => other - one)
    .map(([licence, count]) => `${count} ${licence}`);
  return [
    `${counted(totalFindings, "findings")} in ${counted(manifests.length, "manifests")}.`,
    installed.length === 0 ? "" : ` Licences of direct dependencies: ${installed.join(", ")}.`,
    leftOutWords(result),
    bullets(lines, totalFindings),
    notes.length === 0 ? "" : `\nNot compared:${bullets(notes, notes.length)}`,
  ].join("");
}
