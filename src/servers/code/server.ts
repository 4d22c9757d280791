import { McpServer } from "@modelcontextprotocol/server";
import { type Folder, openFolder } from "./folder.js";
import { registerComplexity } from "./tools/complexity.js";
import { registerDependencies } from "./tools/dependencies.js";
import { registerDocumentation } from "./tools/documentation.js";
import { registerSecrets } from "./tools/secrets.js";

const INSTRUCTIONS =
  "Analyses the code of one folder, without running it and without the network. complexity ranks functions, " +
  "secrets finds keys and passwords and never shows them, dependencies compares manifests with lock files and imports, " +
  "documentation finds what is not described and links that lead nowhere. All paths are relative to the folder.";

/**
 * An MCP server that analyses the code of one folder, ready to be connected to a transport. It only reads, and nothing
 * outside of the folder.
 *
 * @param root the folder's path, or the folder opened, which servers may share
 * @throws {BatonError} `CONFIG_INVALID` for a path that is no folder
 * @example
 * ```ts
 * await using servers = await connect([inProcess("code", () => createCodeServer("."))]);
 * ```
 */
export function createCodeServer(root: string | Folder): McpServer {
  const folder = typeof root === "string" ? openFolder(root) : root;
  const server = new McpServer(
    { name: "code", title: "Code analysis", version: "1.0.0" },
    { instructions: INSTRUCTIONS, capabilities: { tools: { listChanged: false } } },
  );
  registerComplexity(server, folder);
  registerSecrets(server, folder);
  registerDependencies(server, folder);
  registerDocumentation(server, folder);
  return server;
}
