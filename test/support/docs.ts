import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./child.js";

export interface Fence {
  readonly page: string;
  /** The line of the page on which the code begins, counted from 1. */
  readonly line: number;
  /** What stands behind the three backticks: `ts run` is `["ts", "run"]`. */
  readonly info: readonly string[];
  readonly code: string;
  /** Its name, when `<!-- file: NAME -->` stands before it: programs of the page find it beside them. */
  readonly file?: string;
}

export interface Table {
  readonly page: string;
  readonly line: number;
  /** What the HTML comment before the table says, `KEY: VALUE`. */
  readonly note?: { readonly key: string; readonly value: string };
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Pages that people wrote, by path; the generated reference has a test of its own. */
export const pages: ReadonlyMap<string, string> = new Map(
  [
    ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "AGENTS.md", "test/bench/README.md"],
    ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`),
  ]
    .filter((page) => /\.(md|txt)$/.test(page))
    .map((page) => [page, readFileSync(join(root, page), "utf8")]),
);

export const fences: readonly Fence[] = [...pages].flatMap(([page, text]) => fencesOf(page, text));

/** The pages without their fences and comments, line for line. */
export const prose: ReadonlyMap<string, string> = new Map(
  [...pages].map(([page, text]) => [
    page,
    text.replace(/^```.*?^```$/gms, blank).replace(/<!--.*?-->/gs, blank),
  ]),
);

export const tables: readonly Table[] = [...pages].flatMap(([page, text]) => tablesOf(page, text));

/** What stands in single backticks in a text, with its line. */
export function codeIn(text: string): { readonly code: string; readonly line: number }[] {
  return [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map((match) => ({
    code: match[1] ?? "",
    line: lineAt(text, match.index),
  }));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function fencesOf(page: string, text: string): Fence[] {
  const opening = /(?:<!-- file: (\S+) -->\n+)?^```([^\n`]*)\n(.*?)^```$/gms;
  return [...text.matchAll(opening)].map((match) => {
    const [whole, file, info = "", code = ""] = match;
    const line = lineAt(text, match.index + whole.indexOf("```")) + 1;
    return { page, line, info: info.trim().split(/\s+/), code, ...(file === undefined ? {} : { file }) };
  });
}

function tablesOf(page: string, text: string): Table[] {
  const table = /(?:^<!-- (\w+): (.*?) -->\n+)?^(\|.*\|)\n\|[ :|-]+\|\n((?:\|.*\|(?:\n|$))+)/gm;
  return [...text.matchAll(table)].map((match) => {
    const [whole, key, value, head = "", rows = ""] = match;
    return {
      page,
      line: lineAt(text, match.index + whole.indexOf("|")),
      ...(key === undefined || value === undefined ? {} : { note: { key, value } }),
      head: cells(head),
      rows: rows.trimEnd().split("\n").map(cells),
    };
  });
}

function cells(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, "");
}
