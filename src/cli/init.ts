import { relative } from "node:path";
import type { Command } from "commander";
import { type Plan, planProject } from "./init/plan.js";
import { writeAll } from "./init/write-all.js";
import { print } from "./output.js";

const QUESTION = "How many engineers do we have?";

export function addInit(program: Command): void {
  program
    .command("init")
    .description("write what a first graph in LangGraph's dev server needs; files that exist are kept")
    .argument("[folder]", "where; it is made if its parent exists", ".")
    .option("--force", "replace files that exist; package.json and .gitignore are only ever added to")
    .action(async (folder: string, options: { readonly force?: boolean }) => {
      const plan = await planProject(folder, options.force === true);
      await writeAll(
        folder,
        plan.files.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])),
      );
      print(format(folder, plan));
    });
}

function format(folder: string, { files, hasExample, scripts, isInstallNeeded, notes }: Plan): string {
  const width = Math.max(...files.map(({ path }) => path.length));
  const lines = files.map(
    ({ action, path, about }) => `${action.padEnd(8)}  ${path.padEnd(width)}  ${about}`,
  );
  const question = hasExample ? QUESTION : "...";
  const start = scripts.includes("start") ? "npm start --" : "npx langbaton ask";
  const studio = scripts.includes("studio") ? "npm run studio" : "npx langgraphjs dev --no-browser";
  const way = relative("", folder);
  const steps = [
    ...(way === "" ? [] : [`cd ${quoted(way)}`]),
    ...(isInstallNeeded ? ["npm install"] : []),
    `${start} "${question}"`,
    studio,
  ];
  return [
    ...lines,
    "",
    ...notes.flatMap((note) => [`note: ${note}`, ""]),
    "Next:",
    ...steps.map((step) => `  ${step}`),
  ].join("\n");
}

/** As a shell reads it. */
function quoted(path: string): string {
  const safe = path.startsWith("-") ? `./${path}` : path;
  if (/^[\w./-]+$/.test(safe)) return safe;
  return process.platform === "win32" ? `"${safe}"` : `'${safe.replaceAll("'", "'\\''")}'`;
}
