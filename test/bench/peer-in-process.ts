import type { DynamicStructuredTool } from "@langchain/core/tools";
import { loadMcpTools } from "@langchain/mcp-adapters";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Connectable } from "../../src/mcp/in-process.js";
import type { BenchmarkOptions } from "./benchmark.js";

/** The peer's client, which is the SDK's v1, connected to a server in this process. */
export async function connectPeer(
  server: Connectable,
  { defer }: Pick<BenchmarkOptions, "defer">,
): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  // Two versions of the SDK, one shape of transport.
  await server.connect(theirs as unknown as Parameters<Connectable["connect"]>[0]);
  const client = new Client({ name: "peer", version: "1.0.0" });
  defer(() => client.close());
  await client.connect(ours);
  return client;
}

export async function loadPeerTools(
  server: Connectable,
  options: Pick<BenchmarkOptions, "defer">,
): Promise<DynamicStructuredTool[]> {
  return loadMcpTools("peer", await connectPeer(server, options));
}
