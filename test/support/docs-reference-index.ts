import { type Comment, type DeclarationReflection, ReflectionKind } from "typedoc";
import { manifest } from "./docs-entries.js";

/** What the index is divided into, and the folders of the source that belong to each. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  Server: ["mcp"],
  Tool: ["adapters", "registry"],
  Middleware: ["middleware"],
  "Many calls at once": ["execution"],
  "Telemetry and pictures": ["telemetry"],
  Memory: ["memory"],
  Graph: ["agents", "workflows"],
  Models: ["models"],
};

/** What a program imports, other than types. */
export const VALUES = ReflectionKind.Function | ReflectionKind.Class | ReflectionKind.Variable;

/**
 * The page that lists all others, by section.
 *
 * @throws {Error} when a folder belongs to no section
 */
export function referenceIndex(modules: readonly DeclarationReflection[]): string {
  const folders = new Set(modules.map(folderOf).filter((folder) => folder !== manifest.name));
  const known = Object.values(SECTIONS).flat();
  const lost = [...folders].filter((folder) => !known.includes(folder));
  if (lost.length > 0) throw new Error(`say to which section belongs: ${lost.join(", ")}`);

  const root = modules.filter((module) => module.name === manifest.name);
  const sections = Object.entries(SECTIONS).flatMap(([section, list]) => [
    `## ${section}`,
    table(list.flatMap((folder) => modules.filter((module) => folderOf(module) === folder))),
  ]);
  return `${[
    "# Reference",
    "Made from the source's docstrings by `npm run docs`: change those. What the ideas are, and which page to read first, is in the [documentation](../README.md).",
    "## Start here",
    "What most programs need, and the types that everything shares:",
    ...root.map((module) => `- [\`${module.name}\`](${module.name}.md)`),
    ...sections,
  ].join("\n\n")}\n`;
}

function table(modules: readonly DeclarationReflection[]): string {
  const rows = modules.map((module) => {
    const lead = leadOf(module);
    const what = lead ? `\`${lead.name}\`: ${firstSentence(lead)}` : "types";
    return `| [\`${manifest.name}/${module.name}\`](${module.name}.md) | ${what.replaceAll("|", "\\|")} |`;
  });
  return ["| import from | first of all |", "| --- | --- |", ...rows].join("\n");
}

/** Puts what a page is named after before the rest of it, which stays in the order of the source. */
export function leadFirst(module: DeclarationReflection): void {
  const lead = leadOf(module);
  const first = (one: DeclarationReflection, other: DeclarationReflection) =>
    Number(behind(other) === lead) - Number(behind(one) === lead);
  module.children?.sort(first);
  for (const group of module.groups ?? []) (group.children as DeclarationReflection[]).sort(first);
}

/** What the file is named after, else what creates it, else the first function, class or type; with a docstring. */
function leadOf(module: DeclarationReflection): DeclarationReflection | undefined {
  const file = (module.name.split("/").at(-1) ?? "").replaceAll("-", "").toLowerCase();
  const told = childrenOf(module).filter((each) => commentOf(each)?.hasVisibleComponent());
  const named = (name: string) =>
    told.find((each) => each.kindOf(VALUES) && each.name.toLowerCase() === name);
  return (
    named(file) ??
    named(`create${file}`) ??
    told.find((each) => each.kindOf(ReflectionKind.Function)) ??
    told.find((each) => each.kindOf(ReflectionKind.Class)) ??
    told[0]
  );
}

function firstSentence(reflection: DeclarationReflection): string {
  const text = (commentOf(reflection)?.summary ?? []).map((part) => part.text).join("");
  const [paragraph = ""] = text.split("\n\n");
  return /^.*?[.:](?=\s|$)/s.exec(paragraph.replaceAll("\n", " "))?.[0].replace(/:$/, ".") ?? paragraph;
}

/** What a module exports: of a name that comes from another module, what stands behind it. */
export function childrenOf(module: DeclarationReflection): DeclarationReflection[] {
  return (module.children ?? []).map(behind);
}

function behind(child: DeclarationReflection): DeclarationReflection {
  return child.isReference() ? (child.getTargetReflectionDeep() as DeclarationReflection) : child;
}

function commentOf(reflection: DeclarationReflection): Comment | undefined {
  return reflection.comment ?? reflection.signatures?.find((each) => each.comment)?.comment;
}

function folderOf(module: DeclarationReflection): string {
  return module.name.split("/")[0] ?? "";
}
