import type { ToolRunnableConfig } from "@langchain/core/tools";
import type { Caller, Middleware, ToolPolicy } from "../core/call.js";
import { compose } from "../core/compose.js";
import { toolMatcher } from "../core/pattern.js";
import type { Part } from "../core/settings.js";
import { nearest } from "../mcp/config/keys.js";
import type { Server, ToolDefinition } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";
import { toolPolicy, unknownTools } from "../mcp/settings.js";
import { holdToAllowlist } from "../middleware/permit/hold.js";
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
  /**
   * For whom the calls are made. A function reads it from each run's config, a user's id in `configurable` for example;
   * then no rule can hide a tool from the model, only refuse the call. @default the scope's, of `servers.for()`
   */
  readonly caller?: Caller | ((config: ToolRunnableConfig) => Caller | undefined);
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
  const { use = [] } = options;
  const { caller = servers.caller } = options;
  const listed = lists.flatMap(({ server, items }) =>
    items.map((definition) => ({ server, definition, policy: toolPolicy(server.config, definition) })),
  );
  const kept = listed.filter(({ server, definition: { name: tool }, policy: { settings } }) => {
    if (!included(server.name, tool) || excluded(server.name, tool)) return false;
    // Who it will be is known at the call only; there the same rule decides.
    if (typeof caller === "function") return true;
    return use.every(({ allows }) => allows?.({ server: server.name, tool, caller, settings }) ?? true);
  });
  for (const warning of idleSettings(lists, listed, use)) onWarning(warning);
  const names = nameTools(
    kept.map(({ server, definition }) => ({ server: server.name, tool: definition.name })),
    options.names,
  );
  const handler = compose(holdToAllowlist(use), (call) => servers.call(call));
  // All that are listed, not only those that are shown: what leads to another tool must know what holds for it.
  const policies = new Map(
    listed.map(({ server, definition, policy }) => [`${server.name}.${definition.name}`, policy]),
  );
  const policyOf = (server: string, tool: string) => policies.get(`${server}.${tool}`);
  const callerOf =
    typeof caller === "function" ? (config: ToolRunnableConfig) => caller(config) ?? servers.caller : caller;
  return kept.map(({ server, definition, policy }, index) => {
    const name = names[index] ?? definition.name;
    return new McpTool({
      name,
      server: server.name,
      definition,
      handler,
      caller: callerOf,
      policy,
      policyOf,
    });
  });
}

/** What the file says and nobody obeys: rules that somebody relies on must not be lost without a word. */
function idleSettings(
  lists: readonly { readonly server: Server; readonly items: readonly ToolDefinition[] }[],
  listed: readonly { readonly server: Server; readonly policy: ToolPolicy }[],
  use: readonly Middleware[],
): readonly string[] {
  const unknown = lists.flatMap(({ server, items }) => {
    if (unknownTools(server.config, []).length === 0) return [];
    const names = items.map(({ name }) => name);
    return unknownTools(server.config, names).map((name) => {
      const near = nearest(name.replace(`${server.name}.`, ""), names);
      const hint = near === undefined ? "" : `; did you mean '${near}'?`;
      return `server '${server.name}' has no tool '${name}', which its entry has settings for${hint}`;
    });
  });
  const obeyed = new Set(use.map(({ part }) => part));
  const idle = new Map<string, Set<string>>();
  for (const { server, policy } of listed) {
    // Without approve nobody is asked anyway.
    const parts = Object.entries(policy.settings ?? {}).filter(([, options]) => options !== false);
    for (const [part] of parts) {
      if (obeyed.has(part as Part)) continue;
      idle.set(server.name, (idle.get(server.name) ?? new Set()).add(part));
    }
  }
  return [
    ...unknown,
    ...[...idle].map(([server, parts]) => {
      const named = [...parts].join(", ");
      return `server '${server}': its entry sets ${named} under x-langbaton, and nothing in 'use' reads that: add ...standard()`;
    }),
  ];
}
