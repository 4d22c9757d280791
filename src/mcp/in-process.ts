import { InMemoryTransport, type Transport } from "@modelcontextprotocol/client";
import type { CustomConfig } from "./server-config.js";

/** An MCP server object of the SDK: `McpServer`, `Server`, or anything with their `connect`. */
export interface Connectable {
  connect(transport: Transport): Promise<void>;
}

/**
 * A server that runs in this process, for tests and for tools that need no process of their own.
 *
 * @param create makes a fresh server for each connection
 * @example
 * ```ts
 * await using servers = await connect([inProcess("notes", () => createNotesServer())]);
 * ```
 */
export function inProcess(name: string, create: () => Connectable | Promise<Connectable>): CustomConfig {
  return {
    type: "custom",
    name,
    autoApprove: [],
    secrets: [],
    extension: {},
    async open() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      const server = await create();
      await server.connect(theirs);
      return ours;
    },
  };
}
