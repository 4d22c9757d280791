import { stat } from "node:fs/promises";
import { join } from "node:path";

const places = ["mcp.json", ".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json"];

/**
 * The configuration file of a project: the first of `mcp.json`, `.mcp.json`, `.cursor/mcp.json` and
 * `.vscode/mcp.json` in the folder. Never looks into the user's home: starting the servers of another program
 * unasked is how people get attacked.
 */
export async function findConfig(folder: string): Promise<string | undefined> {
  for (const place of places) {
    const file = join(folder, place);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile()) return file;
  }
  return undefined;
}
