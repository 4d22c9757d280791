import { loadMcpTools } from "@langchain/mcp-adapters";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Connectable } from "../../src/mcp/in-process.js";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, type Sample } from "./blocks.js";
import { importInProcess, importPackage } from "./built.js";
import { createSlimAnswers } from "./fixtures/slim-answers.mjs";
import { fixture } from "./paths.js";
import { connectPeer } from "./peer-in-process.js";

const TOOLS = 1000;
const slim = { command: process.execPath, args: [fixture("slim-stdio.mjs"), "--tools", String(TOOLS)] };

/** A listing to be timed, and what ends its connection, not timed. */
interface Prepared {
  readonly list: () => Promise<readonly unknown[]>;
  readonly close: () => Promise<void>;
}

/**
 * List 1,000 tools and make LangChain tools of them, against listing them. Nothing is cached: every sample has
 * a connection of its own, made before the clock starts. The server sends a text made beforehand, so that its
 * own work weighs on nobody.
 */
export const run: Benchmark = async ({ size, progress }) => {
  const blocks = size === "full" ? 21 : 9;
  const { connect, loadTools } = await importPackage(progress);
  const { inProcess } = await importInProcess();

  async function ours(source: object): Promise<Prepared> {
    const servers = await connect(source);
    return { list: () => loadTools(servers), close: () => servers.close() };
  }
  const overStdio = {
    raw: fresh(async () => raw(new StdioClientTransport({ ...slim, stderr: "ignore" }))),
    ours: fresh(() => ours({ mcpServers: { slim } })),
    peer: fresh(peer),
  };
  const inThisProcess = {
    raw: fresh(async () => {
      const [client, server] = InMemoryTransport.createLinkedPair();
      await slimConnectable().connect(server);
      return raw(client);
    }),
    ours: fresh(() => ours([inProcess("slim", slimConnectable)])),
    peer: fresh(peerInProcess),
  };

  const figures: Record<string, Figure> = {};
  for (const [prefix, contenders, samples] of [
    ["", overStdio, 1],
    ["inprocess_", inThisProcess, 3],
  ] as const) {
    const costs = await interleave(contenders, { blocks, samples, warmup: 5 });
    figures[`${prefix}vs_raw`] = ratio(costs.ours, costs.raw);
    figures[`${prefix}vs_peer`] = ratio(costs.ours, costs.peer);
    figures[`${prefix}ms_ours`] = figure(costs.ours);
    figures[`${prefix}ms_raw`] = figure(costs.raw);
    figures[`${prefix}ms_peer`] = figure(costs.peer);
    progress(`${prefix || "stdio "}ours ${figure(costs.ours).value.toFixed(1)} ms`);
  }
  return { figures, runs: blocks };
};

function fresh(prepare: () => Promise<Prepared>): Sample {
  return async () => {
    const { list, close } = await prepare();
    try {
      const startedAt = performance.now();
      const tools = await list();
      const ms = performance.now() - startedAt;
      if (tools.length !== TOOLS) throw new Error(`expected ${TOOLS} tools, got ${tools.length}`);
      return ms;
    } finally {
      await close();
    }
  };
}

async function raw(transport: Parameters<Client["connect"]>[0]): Promise<Prepared> {
  const client = new Client({ name: "raw", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return { list: async () => (await client.listTools()).tools, close: () => client.close() };
}

/** The peer lists while it connects, so over stdio its client does what `loadMcpTools` takes. */
async function peer(): Promise<Prepared> {
  const { Client: ClientV1 } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport: StdioV1 } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const client = new ClientV1({ name: "peer", version: "1.0.0" });
  await client.connect(new StdioV1({ ...slim, stderr: "ignore" }));
  return { list: () => loadMcpTools("slim", client), close: () => client.close() };
}

async function peerInProcess(): Promise<Prepared> {
  const cleanups: (() => unknown)[] = [];
  const options: Pick<BenchmarkOptions, "defer"> = { defer: (cleanup) => void cleanups.push(cleanup) };
  const client = await connectPeer(slimConnectable(), options);
  return {
    list: () => loadMcpTools("slim", client),
    close: async () => {
      for (const cleanup of cleanups) await cleanup();
    },
  };
}

/** Each connection gets definitions of its own: a cache by object identity finds nothing. */
function slimConnectable(): Connectable {
  const answer = createSlimAnswers(TOOLS);
  return {
    async connect(transport) {
      const listed = JSON.parse(answer({ jsonrpc: "2.0", id: 0, method: "tools/list" }) as string);
      transport.onmessage = (message) => {
        const { id, method } = message as { id?: number; method?: string };
        if (method === "tools/list") void transport.send({ ...listed, id });
        else {
          const text = answer(message);
          if (text !== undefined) void transport.send(JSON.parse(text));
        }
      };
      await transport.start();
    },
  };
}
