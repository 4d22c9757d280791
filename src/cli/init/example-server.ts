import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathBetween, realFolder } from "./specifier.js";

const PACKAGE = "node_modules/langbaton";

/**
 * Path of the example server, from `folder`, in the copy of this package that a project there uses: its own, or that of
 * a workspace around it, where npm keeps one copy for all members.
 */
export function exampleServerPath(folder: string): string {
  const start = realFolder(folder);
  return pathBetween(start, join(homeFor(start), PACKAGE, "dist/servers/enterprise/main.js"));
}

function homeFor(start: string): string {
  if (existsSync(join(start, PACKAGE))) return start;
  for (let above = dirname(start); above !== dirname(above); above = dirname(above)) {
    if (isWorkspace(above) && existsSync(join(above, PACKAGE))) return above;
  }
  return start;
}

function isWorkspace(folder: string): boolean {
  try {
    return "workspaces" in JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return false;
  }
}
