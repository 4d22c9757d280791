import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import type { Benchmark } from "./benchmark.js";
import { figure, interleave, ratio, time } from "./blocks.js";
import { importPackage } from "./built.js";
import { fixture } from "./paths.js";

const SERVERS = 10;
const WAIT_MS = 500;
const slow = { command: process.execPath, args: [fixture("slim-stdio.mjs"), "--wait-ms", String(WAIT_MS)] };

/** Ten servers that each take half a second to answer anything, against one of them alone. */
export const run: Benchmark = async ({ size, progress }) => {
  const { connect } = await importPackage(progress);
  const blocks = size === "full" ? 15 : 7;

  async function ours(count: number): Promise<number> {
    let servers: Awaited<ReturnType<typeof connect>> | undefined;
    try {
      return await time(async () => {
        servers = await connect({ mcpServers: named(count, () => slow) }, { require: "all" });
      });
    } finally {
      await servers?.close();
    }
  }

  async function peer(): Promise<number> {
    const client = new MultiServerMCPClient({
      mcpServers: named(SERVERS, () => ({ transport: "stdio" as const, ...slow })),
    });
    try {
      return await time(() => client.initializeConnections());
    } finally {
      await client.close();
    }
  }

  const costs = await interleave(
    { all: () => ours(SERVERS), one: () => ours(1) },
    { blocks, samples: 1, warmup: 1 },
  );
  const slowest = figure(costs.one);
  progress(`ours: ${figure(costs.all).value.toFixed(0)} ms, one alone ${slowest.value.toFixed(0)} ms`);
  const peerWalls: number[] = [];
  // Five seconds each: the peer connects one server after the other.
  for (let block = 0; block < (size === "full" ? 7 : 3); block++) peerWalls.push(await peer());
  progress(`peer: ${figure(peerWalls).value.toFixed(0)} ms`);
  return {
    runs: blocks,
    figures: {
      wall_vs_slowest: ratio(costs.all, costs.one),
      wall_ms: figure(costs.all),
      slowest_ms: slowest,
      peer_wall_ms: figure(peerWalls),
      peer_wall_vs_slowest: figure(peerWalls.map((wall) => wall / slowest.value)),
    },
  };
};

function named<T>(count: number, make: () => T): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`slow-${index}`, make()]));
}
