import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Application,
  type DeclarationReflection,
  PageEvent,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
} from "typedoc";
import { root } from "./child.js";
import { entries, manifest } from "./docs-entries.js";
import { childrenOf, leadFirst, referenceIndex, VALUES } from "./docs-reference-index.js";

const LINE_WIDTH = 110;

/**
 * Writes one page for each subpath of package.json's exports, from the docstrings of the source, and an index of them.
 * What was in the folder is removed. Settings are in `.typedoc.json`.
 *
 * @throws {Error} when TypeDoc warns of anything, such as a link that leads nowhere
 */
export async function writeReference(folder: string): Promise<void> {
  const app = await Application.bootstrapWithPlugins(
    {
      options: join(root, ".typedoc.json"),
      entryPoints: entries.map(({ source }) => join(root, source)),
      basePath: join(root, "src"),
      out: folder,
      logLevel: "Warn",
    },
    [new TypeDocReader(), new TSConfigReader()],
  );
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc could not read the source: see above");
  const modules = project.getChildrenByKind(ReflectionKind.Module);
  for (const module of modules) {
    module.name = pageOf(module.name);
    leadFirst(module);
  }
  app.validate(project);

  app.renderer.on(PageEvent.END, (page) => {
    const module = modules.find((each) => each === page.model);
    if (module) page.contents = (page.contents ?? "").replace(/^# .*$/m, () => heading(module));
  });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc warns: see above");
  writeFileSync(join(folder, "README.md"), referenceIndex(modules));
}

/** `agents/react` for `langbaton/agents/react`, and the package's own name for its root. */
function pageOf(sourceName: string): string {
  const entry = entries.find(({ source }) => source === `src/${sourceName}.ts`);
  if (!entry) throw new Error(`'${sourceName}' is no source of an export of package.json`);
  return entry.specifier.replace(`${manifest.name}/`, "");
}

function heading(module: DeclarationReflection): string {
  const { name } = manifest;
  const specifier = module.name === name ? name : `${name}/${module.name}`;
  const values = childrenOf(module).filter((each) => each.kindOf(VALUES));
  const names = (values.length > 0 ? values : childrenOf(module)).map((each) => each.name);
  const keyword = values.length > 0 ? "import" : "import type";
  const oneLine = `${keyword} { ${names.join(", ")} } from "${specifier}";`;
  const statement =
    oneLine.length <= LINE_WIDTH
      ? oneLine
      : `${keyword} {\n${names.map((each) => `  ${each},\n`).join("")}} from "${specifier}";`;
  return `# ${specifier}\n\n\`\`\`ts\n${statement}\n\`\`\``;
}
