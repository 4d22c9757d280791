import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import {
  type CallToolResult,
  Client,
  InMemoryTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Connectable } from "../../src/mcp/in-process.js";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, type Sample, time } from "./blocks.js";
import { importInProcess, importPackage } from "./built.js";
import { createEchoServer } from "./fixtures/echo-server.mjs";
import { fixture } from "./paths.js";
import { loadPeerTools } from "./peer-in-process.js";

/** Calls `echo` for an answer of so many characters and returns the answer's text. */
type Echo = (size: number) => Promise<string>;
type Contenders = Readonly<Record<"raw" | "ours" | "peer", Echo>>;
type Package = typeof import("../../src/index.js");

const SMALL_ANSWER = 100;
const LARGE_ANSWER = 1_000_000;
/** Of the SDK's first line: it speaks 2025-11-25, as do the reference servers, so that all three speak the same. */
const stdioServer = { command: process.execPath, args: [fixture("echo-stdio-v1.mjs")] };
/** It speaks 2026-07-28 to us and to the SDK, and 2025-11-25 to the peer, which knows nothing newer. */
const stdioServer2026 = { command: process.execPath, args: [fixture("echo-stdio.mjs")] };

/** Samples per block, by place and size of the answer. */
const SAMPLES = {
  small: { blocks: 9, stdio: 500, inprocess: 2000, http: 150, mb: 15 },
  full: { blocks: 21, stdio: 1000, inprocess: 4000, http: 300, mb: 30 },
};

/** The same call through the SDK's client alone, through our tool without middleware and through the peer's tool. */
export const run: Benchmark = async (options) => {
  const { size, progress } = options;
  const samples = SAMPLES[size];
  const langbaton = await importPackage(progress);
  const places = {
    stdio: await overStdio(langbaton, stdioServer, options),
    stdio2026: await overStdio(langbaton, stdioServer2026, options),
    http: await overHttp(langbaton, options),
    inprocess: await inThisProcess(langbaton, options),
  };
  const figures: Record<string, Figure> = {};
  const plan = [
    ["stdio_p50", "stdio", SMALL_ANSWER, samples.stdio],
    ["stdio_2026_p50", "stdio2026", SMALL_ANSWER, samples.stdio],
    ["inprocess_p50", "inprocess", SMALL_ANSWER, samples.inprocess],
    ["http_p50", "http", SMALL_ANSWER, samples.http],
    ["stdio_1mb", "stdio", LARGE_ANSWER, samples.mb],
    ["http_1mb", "http", LARGE_ANSWER, samples.mb],
  ] as const;
  for (const [key, place, answer, count] of plan) {
    const { raw, ours, peer } = places[place];
    const costs = await interleave(
      { raw: sample(raw, answer), ours: sample(ours, answer), peer: sample(peer, answer) },
      { blocks: samples.blocks, samples: count, warmup: count },
    );
    figures[`${key}_vs_raw`] = ratio(costs.ours, costs.raw);
    figures[`${key}_vs_peer`] = ratio(costs.ours, costs.peer);
    figures[`${key}_us_ours`] = figure(costs.ours);
    figures[`${key}_us_raw`] = figure(costs.raw);
    figures[`${key}_us_peer`] = figure(costs.peer);
    progress(
      `${key}: ${figures[`${key}_vs_raw`]?.value.toFixed(2)} of raw, ${figures[`${key}_vs_peer`]?.value.toFixed(2)} of the peer`,
    );
  }
  return { figures, runs: samples.blocks };
};

/** One call in microseconds. */
function sample(echo: Echo, size: number): Sample {
  return async () => {
    let text = "";
    const ms = await time(async () => {
      text = await echo(size);
    });
    if (text.length !== size) throw new Error(`expected ${size} characters, got ${text.length}`);
    return ms * 1000;
  };
}

async function overStdio(
  langbaton: Package,
  server: typeof stdioServer,
  options: BenchmarkOptions,
): Promise<Contenders> {
  return {
    raw: await raw(new StdioClientTransport({ ...server, stderr: "ignore" }), options),
    ours: await ours(langbaton, { mcpServers: { echo: server } }, options),
    peer: await peer({ transport: "stdio", ...server }, options),
  };
}

async function overHttp(langbaton: Package, options: BenchmarkOptions): Promise<Contenders> {
  const url = () => startHttpServer(options);
  return {
    raw: await raw(new StreamableHTTPClientTransport(new URL(await url())), options),
    ours: await ours(langbaton, { mcpServers: { echo: { type: "http", url: await url() } } }, options),
    peer: await peer({ transport: "http", url: await url() }, options),
  };
}

async function inThisProcess(langbaton: Package, options: BenchmarkOptions): Promise<Contenders> {
  const { inProcess } = await importInProcess();
  const [client, server] = InMemoryTransport.createLinkedPair();
  await createEchoServer().connect(server);
  const [tool] = await loadPeerTools(createEchoServer() as Connectable, options);
  if (!tool) throw new Error("the peer found no tool");
  return {
    raw: await raw(client, options),
    ours: await ours(langbaton, [inProcess("echo", () => createEchoServer() as Connectable)], options),
    peer: (size) => tool.invoke({ text: "a", size }),
  };
}

async function raw(transport: Transport, { defer, progress }: BenchmarkOptions): Promise<Echo> {
  const client = new Client({ name: "raw", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  defer(() => client.close());
  await client.connect(transport);
  await client.listTools();
  progress(`raw speaks ${client.getNegotiatedProtocolVersion()}`);
  return async (size) => {
    const result = await client.callTool({ name: "echo", arguments: { text: "a", size } });
    const [block] = (result as CallToolResult).content;
    return block?.type === "text" ? block.text : "";
  };
}

async function ours(
  { connect, loadTools }: Package,
  source: object,
  { defer, progress }: BenchmarkOptions,
): Promise<Echo> {
  const servers = await connect(source);
  defer(() => servers.close());
  const [tool] = await loadTools(servers);
  if (!tool) throw new Error("we found no tool");
  progress(`ours speaks ${servers.get("echo").info?.protocolVersion}`);
  return (size) => tool.invoke({ text: "a", size });
}

async function peer(
  connection: { transport: "stdio"; command: string; args: string[] } | { transport: "http"; url: string },
  { defer }: BenchmarkOptions,
): Promise<Echo> {
  const client = new MultiServerMCPClient({ mcpServers: { echo: connection } });
  defer(() => client.close());
  const [tool] = await client.getTools();
  if (!tool) throw new Error("the peer found no tool");
  return (size) => tool.invoke({ text: "a", size });
}

async function startHttpServer({ defer }: BenchmarkOptions): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [fixture("echo-http.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  if (!child.stdout) throw new Error("the HTTP server has no output");
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return url;
}
