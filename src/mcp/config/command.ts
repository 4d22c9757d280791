import { existsSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { type Entry, orAllow, readList, readText } from "./fields.js";
import { checkPackage } from "./package.js";

/** Reads `command`, `args` and `cwd` of a server that is started here. `undefined` when the command is faulty. */
export function readCommand(entry: Entry): { command: string; args: string[]; cwd?: string } | undefined {
  const { findings } = entry;
  const fix = 'Write the program alone, and its arguments as a list in "args"';
  const text = readText(entry, "command", fix);
  const command = text === undefined ? undefined : entry.expand(text, ["command"]);
  const list = readList(entry, "args");
  const args = list.map((arg, index) => {
    if (arg === undefined) return undefined;
    const before = list[index - 1] ?? "";
    return entry.expand(arg, ["args", index], /^-[^=]*$/.test(before) ? before : "");
  });
  for (const [index, arg] of args.entries()) {
    if (arg?.includes("\0")) findings.fault(["args", index], "holds a NUL character", "Remove it");
  }
  if (entry.value.shell !== undefined && entry.value.shell !== false) {
    const problem = "asks for a shell, in which an argument can become a command";
    findings.fault(["shell"], problem, `Remove it. ${fix}`);
  }
  const cwd = readFolder(entry);
  if (command === undefined) return undefined;
  checkCommand(entry, command, cwd ?? entry.workspaceFolder, fix);
  checkPackage(entry, command, args);
  return { command, args: args.filter((arg) => arg !== undefined), ...(cwd !== undefined && { cwd }) };
}

function checkCommand(entry: Entry, command: string, folder: string, fix: string): void {
  const { fault } = entry.findings;
  if (command.trim() === "") fault(["command"], "is empty", fix);
  else if (command.includes("\0")) fault(["command"], "holds a NUL character", "Remove it");
  else if (/^~[\\/]/.test(command)) {
    fault(["command"], "starts with ~, which only a shell understands", "Write ${userHome} in place of ~");
  }
  // A program on another machine's disk may have any name, so that only plain mistakes are left.
  else if (existsSync(resolve(folder, command)) || /^[A-Za-z]:[\\/]/.test(command)) return;
  else if (/[|&;<>`$\n]/.test(command)) {
    fault(["command"], "is a line for a shell, and no shell is used", fix);
  } else if (/\s/.test(command)) {
    fault(["command"], "holds a space, so it looks like a program and its arguments in one", fix);
  }
}

function readFolder(entry: Entry): string | undefined {
  const text = readText(entry, "cwd");
  const folder = text === undefined ? undefined : entry.expand(text, ["cwd"]);
  if (folder === undefined) return undefined;
  const { fault } = entry.findings;
  const absolute = resolve(entry.workspaceFolder, folder);
  const [first] = relative(entry.workspaceFolder, absolute).split(/[\\/]/);
  if (!isAbsolute(folder) && first === ".." && !entry.allows("outside-workspace")) {
    const fix = `Write a folder inside of it, or an absolute path${orAllow("outside-workspace")}`;
    fault(["cwd"], "leads out of the workspace folder", fix);
  } else if (folder.includes("\0") || (!entry.disabled && !isFolder(absolute))) {
    const tilde = folder.startsWith("~") ? "; write ${userHome} in place of ~" : "";
    fault(["cwd"], "is not a folder on this machine", `Create it, or correct the path${tilde}`);
  }
  return absolute;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
