import { type Comment, type DeclarationReflection, ReflectionKind } from "typedoc";
import { manifest } from "./docs-entries.js";

/** The ideas of docs/README.md, and the folders of the source that belong to each. */
const IDEAS: Readonly<Record<string, readonly string[]>> = {
  Server: ["mcp"],
  Tool: ["adapters", "registry"],
  Call: ["execution"],
  Middleware: ["middleware", "telemetry"],
  Memory: ["memory"],
  Graph: ["agents", "workflows", "models"],
};

/**
 * The page that lists all others, by idea.
 *
 * @throws {Error} when a folder belongs to no idea
 */
export function referenceIndex(modules: readonly DeclarationReflection[]): string {
  const folders = new Set(modules.map(folderOf).filter((folder) => folder !== manifest.name));
  const known = Object.values(IDEAS).flat();
  const lost = [...folders].filter((folder) => !known.includes(folder));
  if (lost.length > 0) throw new Error(`say to which idea belongs: ${lost.join(", ")}`);

  const root = modules.filter((module) => module.name === manifest.name);
  const sections = Object.entries(IDEAS).flatMap(([idea, list]) => [
    `## ${idea}`,
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

/** What the file is named after, else its first function, class or type; of those with a docstring. */
function leadOf(module: DeclarationReflection): DeclarationReflection | undefined {
  const file = (module.name.split("/").at(-1) ?? "").replaceAll("-", "").toLowerCase();
  const told = childrenOf(module).filter((each) => commentOf(each)?.hasVisibleComponent());
  const functions = told.filter((each) => each.kindOf(ReflectionKind.Function));
  const named = (fits: (name: string) => boolean) => functions.find((each) => fits(each.name.toLowerCase()));
  return (
    named((name) => name === file) ??
    named((name) => name.startsWith(file)) ??
    named((name) => name.endsWith(file)) ??
    functions[0] ??
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
  return (module.children ?? []).map((each) =>
    each.isReference() ? (each.getTargetReflectionDeep() as DeclarationReflection) : each,
  );
}

function commentOf(reflection: DeclarationReflection): Comment | undefined {
  return reflection.comment ?? reflection.signatures?.find((each) => each.comment)?.comment;
}

function folderOf(module: DeclarationReflection): string {
  return module.name.split("/")[0] ?? "";
}
