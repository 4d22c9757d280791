import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit.js";
import { root, run } from "../support/child.js";
import { codeIn, pages, prose, type Table, tables } from "../support/docs.js";
import { commandLine, faultIn, leavesOf, optionsOfScript, shellLines } from "../support/docs-commands.js";
import { manifest } from "../support/docs-entries.js";

/** What npm does with a name of its own, without `run`. */
const OF_NPM = ["ci", "install", "start", "test", "run", "pack", "ls", "init", "pkg"];
/** The scripts of package.json that read options of their own. */
const SCRIPTS = { bench: "test/bench/run.ts", notebooks: "test/notebooks/run.ts" };
let program: Command;

beforeAll(async () => {
  program = await commandLine();
});

describe("what pages tell to type", () => {
  test("npm has each command and script", () => {
    const wrong = shellLines.flatMap(({ page, line, words }) => {
      const [npm, command = "", ...rest] = words;
      if (npm !== "npm") return [];
      const script = command === "run" ? rest.find((word) => !word.startsWith("-")) : command;
      const isKnown =
        command === "run" ? script === undefined || script in manifest.scripts : OF_NPM.includes(command);
      return isKnown ? [] : [`${page}:${line}: npm ${command} ${script}`];
    });
    expect(wrong).toEqual([]);
    expect(shellLines.filter(({ words }) => words[0] === "npm").length).toBeGreaterThan(10);
  });

  test("langbaton has each command and option", () => {
    const typed = shellLines.flatMap(({ page, line, words }) => {
      const rest = argumentsOf(words);
      return rest === undefined ? [] : [{ page, line, rest }];
    });
    const wrong = typed.flatMap(({ page, line, rest }) => {
      const fault = faultIn(program, rest);
      return fault === undefined ? [] : [`${page}:${line}: ${fault}`];
    });
    expect(wrong).toEqual([]);
    expect(typed.length).toBeGreaterThan(15);
  });

  test("the benchmarks are there", () => {
    const names = shellLines.flatMap(({ page, line, words }) => {
      const at = words.indexOf("bench");
      const name =
        words[0] === "npm" && at > 0 ? words.slice(at + 1).find((word) => !word.startsWith("-")) : undefined;
      return name === undefined || name === "NAME" ? [] : [{ page, line, name }];
    });
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter(({ name }) => !existsSync(join(root, `test/bench/${name}.ts`)))).toEqual([]);
  });
});

describe("what pages say of options and files", () => {
  test.each(Object.entries(SCRIPTS))("`npm run %s` has each option", (script, file) => {
    const known = optionsOfScript(file);
    expect(known.length).toBeGreaterThan(2);
    const wrong = shellLines
      .filter(({ words }) => words[0] === "npm" && words.includes(script))
      .flatMap(({ page, line, words }) =>
        words
          .slice(words.indexOf(script) + 1)
          .filter((word) => /^--[a-z]/.test(word) && !known.includes(word))
          .map((word) => `${page}:${line}: ${word}`),
      );
    expect(wrong).toEqual([]);
  });

  test("an option in backticks is one of the command line or of a script", () => {
    const known = [
      ...all(program).flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short])),
      ...Object.values(SCRIPTS).flatMap(optionsOfScript),
    ];
    const wrong = [...prose].flatMap(([page, text]) =>
      codeIn(text)
        .filter(({ code }) => /^--?[a-z]/.test(code) && !known.includes(code.split(/[ ,=]/)[0]))
        .map(({ code, line }) => `${page}:${line}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });

  test("a file of this repository that is typed is there", () => {
    const wrong = shellLines
      .flatMap(({ page, line, words }) => words.map((word) => ({ page, line, word })))
      .filter(({ word }) => /^(?:src|docs|graphs|notebooks|test|dist|\.ci)\/[\w./-]+$/.test(word))
      .filter(({ word }) => !/\bNAME\b/.test(word) && !existsSync(join(root, word)));
    expect(wrong).toEqual([]);
  });
});

describe("docs/command-line.md and docs/events.md", () => {
  const text = `${pages.get("docs/command-line.md")}\n${pages.get("docs/events.md")}`;

  test("have every option of every command", () => {
    const flags = all(program).flatMap((command) => command.options.map((option) => option.flags));
    expect(flags.length).toBeGreaterThan(20);
    const silent = ["-V, --version", "-h, --help"];
    expect(flags.filter((flag) => !silent.includes(flag) && !text.includes(`\`${flag}\``))).toEqual([]);
  });

  test("have no option that there is not", () => {
    const known = all(program).flatMap((command) => command.options.map((option) => option.long));
    const shown = optionTables().flatMap(({ rows }) => rows.flatMap(([option = ""]) => longFlagsIn(option)));
    expect(shown.length).toBeGreaterThan(15);
    expect(shown.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  test("say which command has which option", () => {
    const leaves = leavesOf(program);
    const isUnder = (path: string, scope: string): boolean => `${path} `.startsWith(`${scope} `);
    const told = optionTables().flatMap(({ rows }) =>
      rows.flatMap(([option = "", commands = ""]) =>
        longFlagsIn(option).map((flag) => ({ flag, scopes: scopesOf(commands) })),
      ),
    );
    const tooMuch = told.flatMap(({ flag, scopes }) =>
      scopes
        .filter((scope) => !leaves.some(({ path, flags }) => isUnder(path, scope) && flags.includes(flag)))
        .map((scope) => `'${scope}' has no ${flag}`),
    );
    const tooLittle = leaves.flatMap(({ path, flags }) =>
      flags
        .filter((flag) => {
          const scopes = told.filter((each) => each.flag === flag).flatMap((each) => each.scopes);
          return !scopes.some((scope) => isUnder(path, scope));
        })
        .map((flag) => `no page says that '${path}' has ${flag}`),
    );
    expect([...tooMuch, ...tooLittle]).toEqual([]);
  });

  test("have every command, and so has the program", async () => {
    const names = program.commands.map((command) => command.name());
    expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
    const { stdout } = await run("node", ["dist/cli/main.js", "--help"]);
    expect([...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map((match) => match[1])).toEqual(
      expect.arrayContaining(names),
    );
  });

  test("have every exit code, with the meaning that --help gives", async () => {
    const rows = tables.filter(({ head }) => head[0] === "exit code").flatMap((table) => table.rows);
    expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
    const { stdout } = await run("node", ["dist/cli/main.js", "--help"]);
    const [, help = ""] = /Exit codes: (.*)\./s.exec(stdout) ?? [];
    const meanings = help.split("; ").map((each) => each.replace(/\s+/g, " "));
    expect(meanings).toHaveLength(rows.length);
    // The page may say more.
    const wrong = rows.filter((row, index) => !row.join(" ").startsWith(meanings[index] ?? "?"));
    expect(wrong).toEqual([]);
  });
});

function optionTables(): Table[] {
  return tables.filter(({ head }) => head[0] === "option" && head[1] === "commands");
}

function longFlagsIn(text: string): string[] {
  return [...text.matchAll(/--[a-z-]+/g)].map(String);
}

/** The commands of a cell: names, "all but" names, and "all" of docs/events.md, which is about two. */
function scopesOf(cell: string): string[] {
  const names = codeIn(cell).map(({ code }) => code);
  if (cell.startsWith("all but"))
    return program.commands.map((each) => each.name()).filter((name) => !names.includes(name));
  return cell === "all" ? ["serve-events", "events"] : names;
}

/** What stands behind `langbaton`, however it is called; undefined for other programs. */
function argumentsOf(words: readonly string[]): readonly string[] | undefined {
  const line = words.join(" ");
  if (/^npm start (?:--silent )?-- /.test(line)) return ["ask", ...words.slice(words.indexOf("--") + 1)];
  const prefix = /^(?:npx )?langbaton (?!\[)|^node dist\/cli\/main\.js /.exec(line)?.[0];
  return prefix === undefined ? undefined : words.slice(prefix.trim().split(" ").length);
}

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}
