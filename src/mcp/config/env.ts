import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { type Entry, orAllow, readText, readTexts } from "./fields.js";
import { maxBytes } from "./text.js";

// Each makes a program run someone else's code before its own. PATH, PYTHONPATH and LD_LIBRARY_PATH could as well,
// but have honest uses in many files.
const loader =
  /^(BASH_ENV|DYLD_INSERT_LIBRARIES|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|LD_AUDIT|LD_PRELOAD|NODE_OPTIONS|PERL5OPT|PYTHONSTARTUP|RUBYOPT)$/i;
const loaderProblem = "makes the server load other code before its own";
const loaderFix = `Remove it${orAllow("env")}`;

/**
 * Reads `env` on top of `envFile`, with every variable replaced in the first. The file's text is taken as it is,
 * and its path from the workspace folder.
 */
export function readEnv(
  entry: Entry,
  consider: (name: string, value: string) => void,
): Record<string, string> {
  const { fault } = entry.findings;
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(readEnvFile(entry))) {
    if (isLoader(entry, name)) fault(["envFile"], `sets ${name}, which ${loaderProblem}`, loaderFix);
    consider(name, value);
    variables.set(name, value);
  }
  for (const [name, text] of readTexts(entry, "env")) {
    const path = ["env", name];
    if (name === "" || /[=\0]/.test(name)) {
      fault(path, "is not a name that a variable can have", "Use letters, digits and underscores");
      continue;
    }
    if (isLoader(entry, name)) fault(path, loaderProblem, loaderFix);
    // Gemini CLI replaces these; the server would get the name in place of the key.
    if (/^\$[A-Za-z_]\w*$/.test(text)) {
      const sentence = "looks like a shell variable and is passed on as it is: write ${NAME} for its value.";
      entry.findings.warn(path, sentence);
    }
    const value = entry.expand(text, path, name);
    if (value?.includes("\0")) fault(path, "holds a NUL character", "Remove it");
    else if (value !== undefined) variables.set(name, value);
  }
  return Object.fromEntries(variables);
}

function isLoader(entry: Entry, name: string): boolean {
  return loader.test(name) && !entry.allows("env");
}

function readEnvFile(entry: Entry): Record<string, string> {
  const text = readText(entry, "envFile", 'Write the path of one file, as in "${workspaceFolder}/.env"');
  const file = text === undefined ? undefined : entry.expand(text, ["envFile"]);
  if (file === undefined || entry.disabled) return {};
  const path = resolve(entry.workspaceFolder, file);
  try {
    const stats = statSync(path);
    if (stats.isFile() && stats.size <= maxBytes) {
      return parseEnv(readFileSync(path, "utf8")) as Record<string, string>;
    }
    const fix = "Name a file with lines such as NAME=value";
    entry.findings.fault(["envFile"], "is no file, or larger than 1 MiB", fix);
  } catch {
    entry.findings.fault(["envFile"], "cannot be read", "Create the file, or correct its path");
  }
  return {};
}
