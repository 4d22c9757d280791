import { type CallToolResult, Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { openDatabase } from "../../src/servers/enterprise/database.js";
import { createEnterpriseServer } from "../../src/servers/enterprise/server.js";

/** A real client of the server, both in this process. */
export async function connectInMemory() {
  const database = openDatabase(":memory:");
  const server = createEnterpriseServer(database);
  const client = new Client({ name: "test", version: "1.0.0" });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);

  async function call(name: string, args: Record<string, unknown>) {
    const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
    const [block] = result.content;
    const text = block?.type === "text" ? block.text : "";
    return {
      text,
      isError: result.isError === true,
      data: (result.structuredContent ?? {}) as Record<string, unknown>,
    };
  }

  async function close(): Promise<void> {
    await client.close();
    database.close();
  }

  return { client, database, call, close };
}
