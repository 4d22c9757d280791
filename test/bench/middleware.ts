import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, type Sample, time } from "./blocks.js";
import { importPackage, importStandard } from "./built.js";
import { fixture } from "./paths.js";

type Package = typeof import("../../src/index.js");
type Handler = import("../../src/index.js").Handler;
type CallParts = Parameters<Package["createCall"]>[0];

const CALLS = { small: 20_000, full: 50_000 };
const stdioServer = { command: process.execPath, args: [fixture("echo-stdio-v1.mjs")] };

/**
 * The whole standard stack around a handler that answers at once, against that handler alone, in CPU time; and a call
 * over stdio through all of it, against the peer's without any policy.
 */
export const run: Benchmark = async (options) => {
  const { size, progress } = options;
  const langbaton = await importPackage(progress);
  const { standard } = await importStandard();
  const blocks = size === "full" ? 21 : 7;
  const contenders = stacks(langbaton, standard);
  const cpu = await interleave(
    mapValues(contenders, ({ make, parts }) => cpuOf(langbaton, make, parts, CALLS[size])),
    { blocks, samples: 1, warmup: 1 },
  );
  const figures: Record<string, Figure> = {};
  for (const name of Object.keys(contenders) as (keyof typeof contenders)[]) {
    if (name === "bare") continue;
    const added = cpu[name].map((us, block) => us - (cpu.bare[block] as number));
    figures[name] = figure(added);
    progress(`${name}: ${figure(added).value.toFixed(2)} us`);
  }
  figures.bare_cpu_us = figure(cpu.bare);

  const wall = await interleave(await overStdio(langbaton, standard, options), {
    blocks,
    samples: size === "full" ? 1000 : 500,
    warmup: 500,
  });
  figures.stdio_p50_vs_bare_peer = ratio(wall.stack, wall.peer);
  figures.stdio_p50_vs_bare_ours = ratio(wall.stack, wall.ours);
  for (const [name, values] of Object.entries(wall)) figures[`stdio_p50_us_${name}`] = figure(values);
  progress(`stdio: ${figures.stdio_p50_vs_bare_peer.value.toFixed(2)} of the peer`);
  return { figures, runs: blocks };
};

/** How to make the handler for each figure, and what its calls say. */
function stacks({ compose }: Package, standard: Awaited<ReturnType<typeof importStandard>>["standard"]) {
  const result = { content: [{ type: "text" as const, text: "done" }] };
  const bare: Handler = async () => result;
  const wrap =
    (options: Parameters<typeof standard>[0] = {}) =>
    (): Handler =>
      compose(standard(options), bare);
  const plain = (n: number): CallParts => ({ server: "s", tool: "t", args: { n } });
  const reading = (n: number): CallParts => ({ ...plain(n), hints: { readOnly: true } });
  const rules = [
    { deny: "files.*", agents: ["guest"] },
    { allow: ["s.read_*", "s.t"], agents: ["writer", "reader"] },
  ];
  return {
    bare: { make: () => bare, parts: plain },
    stack_cpu_us: { make: wrap(), parts: plain },
    stack_readonly_cpu_us: { make: wrap(), parts: reading },
    stack_keyed_cpu_us: {
      make: wrap(),
      parts: (n: number) => ({ ...plain(n), idempotencyKey: `${n} ${Math.random()}` }),
    },
    stack_cache_hit_cpu_us: { make: wrap({ cache: { ttlMs: 3_600_000 } }), parts: () => reading(1) },
    stack_cache_miss_cpu_us: {
      make: wrap({ cache: { ttlMs: 3_600_000, maxEntries: 1000 } }),
      parts: (n: number) => reading(Math.random() + n),
    },
    stack_permit_cpu_us: {
      make: wrap({ permit: { rules } } as never),
      parts: (n: number) => ({ ...plain(n), caller: { agent: "writer" } }),
    },
    stack_hedge_cpu_us: { make: wrap({ hedge: {} }), parts: reading },
  } satisfies Record<string, { make: () => Handler; parts: (n: number) => CallParts }>;
}

/** Microseconds of CPU per call, one call after the other; making the call is part of it for all. */
function cpuOf(
  { createCall }: Package,
  make: () => Handler,
  parts: (n: number) => CallParts,
  calls: number,
): Sample {
  return async () => {
    // A fresh one for each sample: keys and results of an earlier one would fill its memory.
    const handler = make();
    const before = process.cpuUsage();
    for (let n = 0; n < calls; n++) await handler(createCall(parts(n)));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  };
}

async function overStdio(
  { connect, loadTools }: Package,
  standard: Awaited<ReturnType<typeof importStandard>>["standard"],
  { defer }: BenchmarkOptions,
): Promise<Record<"stack" | "ours" | "peer", Sample>> {
  const tool = async (use: ReturnType<typeof standard>) => {
    const servers = await connect({ mcpServers: { echo: stdioServer } });
    defer(() => servers.close());
    const [echo] = await loadTools(servers, { use });
    if (!echo) throw new Error("we found no tool");
    return echo;
  };
  const client = new MultiServerMCPClient({ mcpServers: { echo: { transport: "stdio", ...stdioServer } } });
  defer(() => client.close());
  const [peer] = await client.getTools();
  if (!peer) throw new Error("the peer found no tool");
  const sample =
    (echo: { invoke(args: object): Promise<unknown> }): Sample =>
    async () =>
      1000 * (await time(() => echo.invoke({ text: "a", size: 100 })));
  return { stack: sample(await tool(standard())), ours: sample(await tool([])), peer: sample(peer) };
}

function mapValues<Name extends string, From, To>(
  values: Readonly<Record<Name, From>>,
  map: (value: From) => To,
): Record<Name, To> {
  const entries = Object.entries(values) as [Name, From][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value)])) as Record<Name, To>;
}
