import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit.js";
import { root, run } from "../support/child.js";
import { pages, tables } from "../support/docs.js";
import { commandLine, faultIn, shellLines } from "../support/docs-commands.js";
import { manifest } from "../support/docs-entries.js";

/** What npm does with a name of its own, without `run`. */
const OF_NPM = ["ci", "install", "start", "test", "run", "pack", "ls", "i"];
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
        words[0] === "npm" && at > 0 ? words.slice(at + 1).find((word) => /^[a-z]/.test(word)) : undefined;
      return name === undefined ? [] : [{ page, line, name }];
    });
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter(({ name }) => !existsSync(join(root, `test/bench/${name}.ts`)))).toEqual([]);
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
    const shown = tables
      .filter(({ head }) => head[0] === "option" && head[1] === "commands")
      .flatMap(({ rows }) => rows.flatMap((row) => [...(row[0] ?? "").matchAll(/--[a-z-]+/g)].map(String)));
    expect(shown.length).toBeGreaterThan(15);
    expect(shown.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  test("have every command, and so has the program", async () => {
    const names = program.commands.map((command) => command.name());
    expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
    const { stdout } = await run("node", ["dist/cli/main.js", "--help"]);
    expect([...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map((match) => match[1])).toEqual(
      expect.arrayContaining(names),
    );
  });

  test("have every exit code", () => {
    const shown = tables
      .filter(({ head }) => head[0] === "exit code")
      .flatMap(({ rows }) => rows.map(([code]) => Number(code)));
    expect(shown).toEqual(Object.values(EXIT));
  });
});

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
