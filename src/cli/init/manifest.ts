import { readFileSync } from "node:fs";
import { applyEdits, type FormattingOptions, modify } from "jsonc-parser";
import { BatonError, reasonOf } from "../../core/errors.js";

const OWN_MANIFEST = new URL("../../../package.json", import.meta.url);
const BYTE_ORDER_MARK = "\uFEFF";
const SCRIPTS = {
  start: "langbaton ask",
  studio: "LANGSMITH_TRACING=false LANGGRAPH_CLI_NO_ANALYTICS=1 langgraphjs dev --no-browser",
};
/** Beside this package itself: what it shares with the project, which has to have the same copy. */
const PACKAGES = ["@langchain/core", "@langchain/langgraph"];
const TOOLS = ["@langchain/langgraph-cli", "@types/node", "typescript"];
/** Where a package may stand already. */
const PACKAGE_GROUPS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

type Group = Readonly<Record<string, string>>;

/** A package.json with all that the project needs. */
export interface Manifest {
  readonly text: string;
  /** What was missing, by name: scripts and packages. Empty when the text is unchanged. */
  readonly added: readonly string[];
  /** Of our scripts those that are there under their name, as they were written. */
  readonly scripts: readonly string[];
  /** Whether files of the project are ES modules. */
  readonly isModule: boolean;
}

/**
 * Adds what is missing to a project's package.json, and changes nothing else, its formatting included. Without a text
 * it makes a new one. `langbaton` is where this package is to be had: a version, or `file:` and a path.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a text that is no package.json
 */
export function completeManifest(text: string | undefined, file: string, langbaton: string): Manifest {
  const mark = text?.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const before =
    text?.slice(mark.length) ?? `${JSON.stringify({ private: true, type: "module" }, null, 2)}\n`;
  const manifest = parseManifest(before, file);
  const group = (name: string): Group => (manifest[name] ?? {}) as Group;
  const isMissing = ({ path: [where = "", name] }: Wanted): boolean => {
    if (name === undefined) return Object.keys(manifest).every((key) => PACKAGE_GROUPS.includes(key));
    return (where === "scripts" ? [where] : PACKAGE_GROUPS).every((each) => !(name in group(each)));
  };
  const missing = wanted(langbaton).filter(isMissing);
  const formattingOptions = formattingOf(before);
  const after = missing.reduce(
    (result, { path, value }) => applyEdits(result, modify(result, [...path], value, { formattingOptions })),
    before,
  );
  const scripts = Object.entries(SCRIPTS).filter(([name, line]) =>
    [undefined, line].includes(group("scripts")[name]),
  );
  return {
    text: mark + after,
    added: missing.map(({ path }) => path.at(-1) ?? ""),
    scripts: scripts.map(([name]) => name),
    isModule: parseManifest(after, file).type === "module",
  };
}

interface Wanted {
  readonly path: readonly string[];
  readonly value: string;
}

/** All that a project needs, in versions that this package was tested with: those of its own package.json. */
function wanted(langbaton: string): readonly Wanted[] {
  const own = JSON.parse(readFileSync(OWN_MANIFEST, "utf8")) as {
    dependencies: Group;
    devDependencies: Group;
  };
  const list = (where: string, values: Group, names = Object.keys(values)): readonly Wanted[] =>
    Object.entries(values).flatMap(([name, value]) =>
      names.includes(name) ? [{ path: [where, name], value }] : [],
    );
  return [
    // Only where npm made the file, to install a package: elsewhere it would change what other files mean.
    { path: ["type"], value: "module" },
    ...list("scripts", SCRIPTS),
    ...list("dependencies", { ...own.devDependencies, ...own.dependencies }, PACKAGES),
    ...list("dependencies", { langbaton }),
    ...list("devDependencies", own.devDependencies, TOOLS),
  ];
}

function parseManifest(text: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `is not JSON: ${reasonOf(cause)}`, cause);
  }
  if (!isRecord(value)) throw invalid(file, "is not a JSON object");
  const wrong = ["scripts", ...PACKAGE_GROUPS].find(
    (name) => value[name] !== undefined && !isRecord(value[name]),
  );
  if (wrong !== undefined) throw invalid(file, `has "${wrong}", which is not a JSON object`);
  return value;
}

function invalid(file: string, problem: string, cause?: unknown): BatonError {
  return new BatonError(
    "CONFIG_INVALID",
    `${file} ${problem}. Mend it, or move it away, and run init again`,
    {
      cause,
      data: { file, faults: [{ path: "", problem }] },
    },
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As the text is written already. */
function formattingOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !indent.includes("\t"),
    tabSize: indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
