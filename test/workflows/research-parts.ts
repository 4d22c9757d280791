import { createRequire } from "node:module";
import { join } from "node:path";
import { loadTools } from "../../src/adapters/tools.js";
import { parseConfig } from "../../src/mcp/config.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { openDatabase } from "../../src/servers/enterprise/database.js";
import { createEnterpriseServer } from "../../src/servers/enterprise/server.js";
import { root } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";

const filesystem = createRequire(import.meta.url).resolve(
  "@modelcontextprotocol/server-filesystem/dist/index.js",
);
export const notes = join(root, "graphs/research/notes");

/** The servers of the example, the filesystem server as it is. */
export async function connectExample(folder = notes) {
  const database = openDatabase(":memory:");
  const { servers: configs } = parseConfig({
    mcpServers: { notes: { command: process.execPath, args: [filesystem, folder] } },
  });
  const servers = await connect([
    inProcess("enterprise", () => createEnterpriseServer(database)),
    ...configs,
  ]);
  const tools = await loadTools(servers);
  return {
    tools,
    async close() {
      await servers.close();
      database.close();
    },
  };
}

/** A day in the year of the example's data. */
export const november2026 = () => new FakeClock(Date.UTC(2026, 10, 21));
