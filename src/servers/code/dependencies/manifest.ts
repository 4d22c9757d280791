import { dirname } from "node:path/posix";
import { lineNumbers } from "../line-numbers.js";

export type Section = "dependencies" | "devDependencies" | "peerDependencies" | "optionalDependencies";

export interface Declared {
  readonly name: string;
  readonly range: string;
  readonly section: Section;
  readonly line: number;
}

/** A package.json, as far as dependencies go. */
export interface Manifest {
  readonly file: string;
  /** The folder that it describes, "." for the root. */
  readonly folder: string;
  readonly name: string | undefined;
  readonly isPrivate: boolean;
  readonly hasWorkspaces: boolean;
  readonly declared: readonly Declared[];
  /** Its scripts, settings of tools and the rest, where a package may be named without an import. */
  readonly rest: string;
}

const SECTIONS: readonly Section[] = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
];

export const NO_OBJECT = "is no JSON object";

/** @throws {SyntaxError} for what is no JSON, or no object */
export function parseManifest(file: string, text: string): Manifest {
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  if (!isRecord(json)) throw new SyntaxError(NO_OBJECT);
  const rest = { ...json };
  const lineOf = linesOfNames(text);
  const declared = SECTIONS.flatMap((section) => {
    delete rest[section];
    const ranges = isRecord(json[section]) ? json[section] : {};
    return Object.entries(ranges).flatMap(([name, range]): readonly Declared[] =>
      typeof range === "string" ? [{ name, range, section, line: lineOf(section, name) }] : [],
    );
  });
  return {
    file,
    folder: dirname(file),
    name: typeof json.name === "string" ? json.name : undefined,
    isPrivate: json.private === true,
    hasWorkspaces: json.workspaces !== undefined,
    declared,
    rest: JSON.stringify(rest),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a section declares a name. What only mentions one, `keywords` for example, is no place of it. */
function linesOfNames(text: string): (section: Section, name: string) => number {
  const lineAt = lineNumbers(text);
  const begins = new Map(
    SECTIONS.map((section) => [
      section,
      Math.max(0, text.search(new RegExp(`"${section}"\\s{0,20}:\\s{0,20}\\{`))),
    ]),
  );
  const nexts = new Map(begins);
  return (section, name) => {
    const begin = begins.get(section) ?? 0;
    const quoted = JSON.stringify(name);
    // They come in the order in which they stand, so that each is looked for behind the one before.
    const at = keyFrom(text, quoted, nexts.get(section) ?? begin) ?? keyFrom(text, quoted, begin);
    if (at !== undefined) nexts.set(section, at);
    return lineAt(at ?? begin);
  };
}

function keyFrom(text: string, quoted: string, from: number): number | undefined {
  for (let at = text.indexOf(quoted, from); at !== -1; at = text.indexOf(quoted, at + 1)) {
    const end = at + quoted.length;
    if (/^\s{0,20}:/.test(text.slice(end, end + 24))) return at;
  }
  return undefined;
}
