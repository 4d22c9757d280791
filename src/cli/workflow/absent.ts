import { McpTool } from "../../adapters/mcp-tool.js";
import { BatonError } from "../../core/errors.js";
import type { WorkflowOptions } from "../../workflows/workflow.js";
import type { Named } from "./named.js";

/**
 * Stands in for all that a definition names, so that its runs can be looked at without starting a server. Nothing of it
 * can be run.
 */
export function absent({
  tools,
  functions,
  graphs,
}: Named): Pick<WorkflowOptions, "tools" | "functions" | "graphs"> {
  return {
    tools: tools.map(absentTool),
    functions: Object.fromEntries(functions.map((name) => [name, () => refuse(name)])),
    graphs: Object.fromEntries(
      graphs.map((name) => [name, { invoke: () => refuse(name) }]),
    ) as unknown as NonNullable<WorkflowOptions["graphs"]>,
  };
}

/** One that could be a preview, as nobody can tell. */
function absentTool(name: string): McpTool {
  const dot = name.indexOf(".");
  return new McpTool({
    name,
    server: name.slice(0, Math.max(dot, 0)),
    definition: { name: name.slice(dot + 1), inputSchema: { type: "object" } },
    handler: async () => refuse(name),
    policy: { hints: { readOnly: true, idempotent: true, destructive: false, openWorld: false } },
  });
}

function refuse(name: string): never {
  throw new BatonError("NOT_CONNECTED", `'${name}' is not connected: this only looks at runs`);
}
