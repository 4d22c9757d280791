import type { Command } from "commander";
import type { Server } from "../mcp/server.js";
import { note, print, printJson } from "./output.js";
import { type SessionOptions, withServers, withSessionOptions } from "./session.js";

export function addList(program: Command): void {
  const command = program
    .command("list")
    .description("show what the servers offer: tools, resources, prompts");
  withSessionOptions(command).action(async (options: SessionOptions) => {
    await withServers(options, async (servers, signal) => {
      const inventories = await Promise.all([...servers].map((server) => take(server, signal)));
      if (options.json) printJson({ servers: inventories });
      else print(inventories.map(format).join("\n\n"));
      for (const server of servers) {
        for (const { name, reason } of server.rejectedTools)
          note(`warning: ${server.name}.${name} is left out: ${reason}`);
      }
    });
  });
}

type Inventory = Awaited<ReturnType<typeof take>>;

async function take(server: Server, signal: AbortSignal) {
  if (server.status !== "connected")
    return { name: server.name, error: server.error?.message ?? "not connected" };
  const [tools, resources, resourceTemplates, prompts] = await Promise.all([
    server.listTools({ signal }),
    server.listResources({ signal }),
    server.listResourceTemplates({ signal }),
    server.listPrompts({ signal }),
  ]);
  const { version, protocolVersion, transport } = server.info ?? {};
  return {
    name: server.name,
    version,
    protocolVersion,
    transport,
    tools,
    resources,
    resourceTemplates,
    prompts,
  };
}

function format(inventory: Inventory): string {
  if ("error" in inventory) return `${inventory.name}: ${inventory.error}`;
  const { name, version, protocolVersion, transport, tools, resources, resourceTemplates, prompts } =
    inventory;
  const lines = [`${name}  (${[version, `MCP ${protocolVersion}`, transport].filter(Boolean).join(", ")})`];
  const section = (title: string, rows: readonly (readonly [string, string | undefined])[]): void => {
    if (rows.length === 0) return;
    lines.push(`  ${title}`);
    const width = Math.min(40, Math.max(...rows.map(([label]) => label.length)));
    for (const [label, text] of rows) lines.push(`    ${label.padEnd(width)}  ${firstLine(text)}`.trimEnd());
  };
  section(
    "tools",
    tools.map((tool) => [tool.name, tool.title ?? tool.description]),
  );
  section(
    "resources",
    resources.map((resource) => [resource.uri, resource.title ?? resource.description ?? resource.name]),
  );
  section(
    "resource templates",
    resourceTemplates.map((each) => [each.uriTemplate, each.title ?? each.description ?? each.name]),
  );
  section(
    "prompts",
    prompts.map((prompt) => [prompt.name, prompt.title ?? prompt.description]),
  );
  return lines.join("\n");
}

function firstLine(text = ""): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
