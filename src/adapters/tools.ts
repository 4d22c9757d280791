import type { Middleware } from "../core/call.js";
import { compose } from "../core/compose.js";
import { type BatonError, isBatonError } from "../core/errors.js";
import { toolMatcher } from "../core/pattern.js";
import type { Server, ToolDefinition } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";
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
  const warn = options.onWarning ?? emitWarning;
  const included = options.include ? toolMatcher(options.include) : () => true;
  const excluded = toolMatcher(options.exclude ?? []);
  const { McpTool } = await import("./mcp-tool.js");
  const listed = await listAll([...servers], options.signal, warn);
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

interface Listed {
  readonly server: Server;
  readonly definition: ToolDefinition;
}

async function listAll(
  servers: readonly Server[],
  signal: AbortSignal | undefined,
  warn: (warning: string) => void,
): Promise<readonly Listed[]> {
  const lists = await Promise.allSettled(servers.map((server) => server.listTools({ signal })));
  const failures: BatonError[] = [];
  const listed: Listed[] = [];
  for (const [index, list] of lists.entries()) {
    const server = servers[index] as Server;
    if (list.status === "fulfilled") {
      for (const definition of list.value) listed.push({ server, definition });
      for (const { name, reason } of server.rejectedTools) {
        warn(`server '${server.name}': the tool '${name}' is left out: ${reason}`);
      }
    } else if (isBatonError(list.reason) && !signal?.aborted) {
      failures.push(list.reason);
    } else {
      throw list.reason;
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === servers.length) throw first;
  for (const failure of failures) warn(`its tools are left out: ${failure.message}`);
  return listed;
}

function emitWarning(warning: string): void {
  process.emitWarning(warning, { type: "LangbatonWarning", code: "LEFT_OUT" });
}
