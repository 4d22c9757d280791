import { dirname } from "node:path/posix";

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

/** @throws {SyntaxError} for what is no JSON, or no object */
export function parseManifest(file: string, text: string): Manifest {
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  if (!isRecord(json)) throw new SyntaxError("package.json is no object");
  const rest = { ...json };
  const declared = SECTIONS.flatMap((section) => {
    delete rest[section];
    const ranges = isRecord(json[section]) ? json[section] : {};
    return Object.entries(ranges).flatMap(([name, range]): readonly Declared[] =>
      typeof range === "string" ? [{ name, range, section, line: lineOf(text, section, name) }] : [],
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

function lineOf(text: string, section: string, name: string): number {
  const from = Math.max(0, text.indexOf(`"${section}"`));
  const at = text.indexOf(`"${name}"`, from);
  return text.slice(0, at === -1 ? from : at).split("\n").length;
}
