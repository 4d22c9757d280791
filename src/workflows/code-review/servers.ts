import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const FILESYSTEM = "@modelcontextprotocol/server-filesystem/dist/index.js";

/**
 * The servers that a review of a folder needs, for `connect()`: the code server, and the filesystem server where it is
 * installed, which lets findings quote the code.
 *
 * @param root the folder; no other file is read
 * @example
 * ```ts
 * await using servers = await connect(codeReviewServers("."));
 * ```
 */
export function codeReviewServers(root: string): { readonly mcpServers: Readonly<Record<string, object>> } {
  const folder = resolve(root);
  const code = fileURLToPath(new URL("../../servers/code/main.js", import.meta.url));
  const filesystem = filesystemServer();
  return {
    mcpServers: {
      code: { command: process.execPath, args: [code, folder] },
      ...(filesystem && { files: { command: process.execPath, args: [filesystem, folder] } }),
    },
  };
}

function filesystemServer(): string | undefined {
  try {
    return require.resolve(FILESYSTEM);
  } catch {
    return undefined;
  }
}
