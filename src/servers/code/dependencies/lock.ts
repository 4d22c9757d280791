import { isRecord } from "./manifest.js";

export const LOCKS = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
];

/** The versions of each package in npm's lock file, from its second form on. */
export function versionsIn(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const versions = new Map<string, Set<string>>();
  const json: unknown = JSON.parse(text);
  const packages = isRecord(json) && isRecord(json.packages) ? json.packages : {};
  for (const [path, entry] of Object.entries(packages)) {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (!path.includes("node_modules/") || !isRecord(entry) || typeof entry.version !== "string") continue;
    versions.set(name, (versions.get(name) ?? new Set()).add(entry.version));
  }
  return versions;
}

/** What a range leaves open beyond what semantic versioning allows; undefined when nothing. */
export function looseness(range: string): string | undefined {
  const wanted = range.trim();
  if (/^(?:workspace|file|link|portal|catalog|patch):/.test(wanted)) return undefined;
  if (/^(?:npm:.+@)?(?:|\*|x|X|latest|next|canary|beta|main|master)$/.test(wanted))
    return "takes whatever is published next";
  if (/^(?:git\+|git:|github:|gitlab:|bitbucket:|https?:|[\w.-]+\/[\w.-]+(?:#|$))/.test(wanted)) {
    // An archive from a registry is as fixed as its version.
    if (/#(?:[0-9a-f]{7,40}|semver:.*|v?\d+\.\d+\.\d+)$|\.tgz$/i.test(wanted)) return undefined;
    return "names a place whose content may change: add a commit";
  }
  if (/^>=?\s*[\dv]/.test(wanted) && !wanted.includes("<")) return "takes every later major version";
  return undefined;
}
