import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { root } from "./child.js";
import { codeIn, fences, lineAt, prose } from "./docs.js";

export interface ShellLine {
  readonly page: string;
  readonly line: number;
  readonly words: readonly string[];
}

/** The command line as it is defined: every `add*` of the files of `src/cli/`. Nothing runs. */
export async function commandLine(): Promise<Command> {
  const program = new Command("langbaton").option("-V, --version").option("-h, --help");
  const folder = join(root, "src/cli");
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "main.ts");
  for (const file of files) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const [name, add] of Object.entries(module))
      if (/^add[A-Z]/.test(name) && typeof add === "function" && add.length === 1) add(program);
  }
  return program;
}

export interface Leaf {
  /** As it is typed: `workflow run`. */
  readonly path: string;
  /** Its long options. */
  readonly flags: readonly (string | undefined)[];
}

/** The commands that do something, which a group of commands does not. */
export function leavesOf(command: Command, before = ""): Leaf[] {
  return command.commands.flatMap((each) => {
    const path = `${before}${each.name()}`;
    if (each.commands.length > 0) return leavesOf(each, `${path} `);
    return [{ path, flags: each.options.map(({ long }) => long) }];
  });
}

/** The options that a script of this repository reads with `parseArgs`. */
export function optionsOfScript(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/^\s+(\w+): \{ type: "(?:string|boolean)"/gm)].map((match) => `--${match[1]}`);
}

/** What pages tell to type, in shell fences and in backticks, as words; comments and variables before a command left out. */
export const shellLines: readonly ShellLine[] = [
  ...fences
    .filter(({ info }) => info[0] === "sh")
    .flatMap(({ page, line, code }) =>
      code
        .replaceAll("\\\n", "  ")
        .split("\n")
        .flatMap((text, index) =>
          text.split(/&&|\|/).map((part) => ({ page, line: line + index, text: part })),
        ),
    ),
  ...[...prose].flatMap(([page, text]) => codeIn(text).map(({ code, line }) => ({ page, line, text: code }))),
  ...[...prose].flatMap(([page, text]) =>
    [...text.matchAll(/^ {4}(npm .+)$/gm)].map((match) => ({
      page,
      line: lineAt(text, match.index),
      text: match[1] ?? "",
    })),
  ),
].map(({ page, line, text }) => ({ page, line, words: wordsOf(text) }));

/** What is wrong with words that stand behind `langbaton`: a command or an option that it does not have. */
export function faultIn(program: Command, words: readonly string[]): string | undefined {
  const known = [...program.options];
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next && command.commands.length > 0) {
      command = next;
      known.push(...command.options);
    } else if (/^--?[a-z]/i.test(word)) {
      const flag = word.split("=")[0];
      if (!known.some(({ long, short }) => long === flag || short === flag))
        return `'${command.name()}' has no option ${flag}`;
    } else if (command === program) return `there is no command '${word}'`;
  }
  return undefined;
}

/** A shell line's words, quotes taken off; what begins with `#` ends it. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, double, single, plain] of text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    if (plain?.startsWith("#")) break;
    const isVariable = words.length === 0 && plain !== undefined && /^[A-Z_]+=/.test(plain);
    if (!isVariable) words.push(double ?? single ?? plain ?? "");
  }
  return words;
}
