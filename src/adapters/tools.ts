import type { Middleware } from "../core/call.js";
import { compose } from "../core/compose.js";
import { toolMatcher } from "../core/pattern.js";
import type { Servers } from "../mcp/servers.js";
import { listAll, warnLeftOut } from "./list-all.js";
import type { McpTool } from "./mcp-tool.js";
import { nameTools, type ToolNaming } from "./tool-names.js";

export interface LoadToolsOptions {
  /** Middleware around every call, the outermost first. @default none */
  readonly use?: readonly Middleware[];
  /** Only tools that match one of these `server.tool` patterns, as in `files.*`. @default all */
  readonly include?: readonly string[];
  /** No tool that matches one of these; wins over `include`. @default none */
  readonly exclude?: readonly string[];
  /** How tools are named for the model. @default "auto" */
  readonly names?: ToolNaming;
  /** Hears of each tool or server that was left out, and why. Must not throw. @default a Node warning */
  readonly onWarning?: (warning: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The servers' tools as LangChain tools. They keep working when a server is restarted; load them again to see
 * tools that have come since. A server that is down costs a warning, not the others.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pattern that is not `server.tool`; when no server could be listed,
 *   what the first of them failed with; `CANCELLED` by `signal`
 * @example
 * ```ts
 * const tools = await loadTools(servers, { include: ["files.*"], exclude: ["files.write_file"] });
 * ```
 */
export async function loadTools(servers: Servers, options: LoadToolsOptions = {}): Promise<McpTool[]> {
  const { onWarning = warnLeftOut, signal } = options;
  const included = options.include ? toolMatcher(options.include) : () => true;
  const excluded = toolMatcher(options.exclude ?? []);
  const { McpTool } = await import("./mcp-tool.js");
  const lists = await listAll([...servers], "tools", (server) => server.listTools({ signal }), {
    onWarning,
    signal,
  });
  for (const { server } of lists) {
    for (const { name, reason } of server.rejectedTools)
      onWarning(`server '${server.name}': the tool '${name}' is left out: ${reason}`);
  }
  const listed = lists.flatMap(({ server, items }) => items.map((definition) => ({ server, definition })));
  const kept = listed.filter(({ server, definition }) => {
    return included(server.name, definition.name) && !excluded(server.name, definition.name);
  });
  const names = nameTools(
    kept.map(({ server, definition }) => ({ server: server.name, tool: definition.name })),
    options.names,
  );
  const handler = compose(options.use ?? [], (call) => servers.call(call));
  const { caller } = servers;
  return kept.map(({ server, definition }, index) => {
    const name = names[index] ?? definition.name;
    return new McpTool({
      name,
      server: server.name,
      definition,
      handler,
      caller,
    });
  });
}
