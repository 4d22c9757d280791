import * as z from "zod";
import { counted, limitSchema } from "../../enterprise/tools/shared.js";
import type { LeftOut, Listing } from "../folder.js";

const MOST = 200;
const USUAL = 30;

/** What every tool here takes. */
export const codeInput = z.strictObject({
  path: z
    .string()
    .min(1)
    .default(".")
    .describe("A file or folder, relative to the server's folder; all of it by default"),
  limit: limitSchema(MOST, USUAL).describe("Most entries of each list; the worst come first"),
});

const count = z.int().min(0);
const leftOut = z.object({
  links: count.describe("Symbolic links, which are not followed"),
  tooLarge: count.describe("Files over 512 KiB"),
  binary: count,
  unreadable: count,
  overLimit: count.describe("Files beyond 10,000, or beyond 128 MiB together"),
  repositories: count.describe("Folders that are Git repositories of their own: give one as path to see it"),
  badNames: count.describe("Files whose names are not UTF-8"),
});

/** What every answer here has. */
export const codeOutput = {
  root: z.string().describe("The server's folder"),
  path: z.string().describe("What was looked at, relative to it"),
  files: count.describe("Files that were looked at"),
  leftOut: leftOut.describe("Files that were not, by reason"),
};

export const place = { file: z.string(), line: z.int().min(1) };

export const problem = z.object({ ...place, problem: z.string() });

/** ` Left out: 2 binary files, 1 link.` */
export function leftOutWords({ leftOut }: Pick<Listing, "leftOut">): string {
  const words: Readonly<Record<keyof LeftOut, string>> = {
    links: "links",
    tooLarge: "too large files",
    binary: "binary files",
    unreadable: "unreadable files",
    overLimit: "files over the limit",
    repositories: "nested Git folders",
    badNames: "badly named files",
  };
  const parts = (Object.keys(words) as (keyof LeftOut)[])
    .filter((reason) => leftOut[reason] > 0)
    .map((reason) => counted(leftOut[reason], words[reason]));
  return parts.length === 0 ? "" : ` Left out: ${parts.join(", ")}.`;
}

/** `\n- a\n- b`, and how many more there are. */
export function bullets(lines: readonly string[], all: number): string {
  const more = all > lines.length ? `\n(${all - lines.length} more: raise limit, or narrow path)` : "";
  return `${lines.map((line) => `\n- ${line}`).join("")}${more}`;
}
