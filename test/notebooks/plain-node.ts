import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { type CodeCell, isCode, type Notebook, textOf } from "./notebook.js";

/** Ends a cell's part of what a run prints; no cell prints it by itself. */
const END = "\u0003";

export interface PlainRun {
  /** Null for a program that was killed. */
  readonly code: number | null;
  readonly stderr: string;
  /** What each cell printed, by its id; absent for cells that were not reached. */
  readonly printed: ReadonlyMap<string, string>;
}

/** All code of a notebook as one TypeScript module. */
export function programOf(notebook: Notebook): string {
  return notebook.cells
    .filter(isCode)
    .map(({ source }) => textOf(source))
    .join("\n");
}

/**
 * Runs a notebook's cells as one program in Node, where no kernel draws anything: the last expression of a cell is
 * printed, as a kernel would show it.
 *
 * @param folder from where its imports are looked for
 * @param limitMs a program that has not ended by then has left something open: it is killed
 */
export function runInNode(notebook: Notebook, folder: string, limitMs = 60_000): Promise<PlainRun> {
  const cells = notebook.cells.filter(isCode);
  const { outputText } = ts.transpileModule(cells.map(printing).join("\n"), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  });
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const child = spawn(process.execPath, ["--import", loader, "--input-type=module", "-"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    timeout: limitMs,
  });
  child.stdin.end(outputText);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const parts = stdout.split(`${END}\n`).slice(0, -1);
      const printed = new Map(parts.map((part, index) => [cells[index]?.id ?? "", part]));
      resolve({ code, stderr, printed });
    });
  });
}

function printing({ source }: CodeCell): string {
  const text = textOf(source);
  const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ESNext, true);
  const last = file.statements.at(-1);
  const end = `\nconsole.log(${JSON.stringify(END)});`;
  if (last === undefined || !ts.isExpressionStatement(last)) return text + end;
  const start = last.getStart(file);
  const show = `((value) => value !== undefined && console.log(value))(${last.expression.getText(file)});`;
  return `${text.slice(0, start)};${show}${text.slice(last.end)}${end}`;
}
