import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, time } from "./blocks.js";
import { importExecution, importPackage, importStandard } from "./built.js";
import { fixture } from "./paths.js";

const SIZES = [2, 8, 32];
const TOOL_MS = 50;
const QUORUM = { of: 8, size: 6, slow: [2, 5], slowMs: 2000 };
const SAMPLES = { small: { blocks: 7, samples: 8 }, full: { blocks: 15, samples: 20 } };

/**
 * One tool on many streamable HTTP servers at once, each call 50 ms: all of them by `fanOut` through the standard stack,
 * against `Promise.all` over the SDK's clients. And a quorum of six of eight, two of which take two seconds, against the
 * sixth fastest of the SDK's calls.
 */
export const run: Benchmark = async (options) => {
  const { size, progress, defer } = options;
  const { connect, loadTools } = await importPackage(progress);
  const { standard } = await importStandard();
  const { fanOut, quorum, calls } = await importExecution();
  const most = Math.max(...SIZES);
  const urls = { ours: await startServers(most, options), raw: await startServers(most, options) };
  const servers = await connect({
    mcpServers: Object.fromEntries(urls.ours.map((url, index) => [`s${index}`, { type: "http", url }])),
  });
  defer(() => servers.close());
  const tools = await loadTools(servers, { use: standard() });
  const clients = await Promise.all(urls.raw.map((url) => openRaw(url, options)));
  const figures: Record<string, Figure> = {};
  const { blocks, samples } = SAMPLES[size];

  for (const count of SIZES) {
    const args = { text: "a", delayMs: TOOL_MS };
    const costs = await interleave(
      {
        ours: () =>
          time(async () => {
            const { results } = await fanOut(calls(tools.slice(0, count), "echo", args));
            if (results.length !== count) throw new Error(`${results.length} of ${count} calls succeeded`);
          }),
        raw: () => time(() => Promise.all(clients.slice(0, count).map((client) => echo(client, TOOL_MS)))),
      },
      { blocks, samples, warmup: samples },
    );
    figures[`vs_promise_all_${count}`] = ratio(costs.ours, costs.raw);
    figures[`ms_ours_${count}`] = figure(costs.ours);
    figures[`ms_raw_${count}`] = figure(costs.raw);
    progress(`${count} servers: ${figures[`vs_promise_all_${count}`]?.value.toFixed(3)} of Promise.all`);
  }

  const delayOf = (index: number) => (QUORUM.slow.includes(index) ? QUORUM.slowMs : TOOL_MS);
  const costs = await interleave(
    {
      ours: () =>
        time(() =>
          quorum(
            calls(tools.slice(0, QUORUM.of), "echo", (server) => ({
              text: "a",
              delayMs: delayOf(Number(server.slice(1))),
            })),
            { size: QUORUM.size },
          ),
        ),
      raw: () => time(() => nthFastest(clients.slice(0, QUORUM.of), delayOf, QUORUM.size)),
    },
    { blocks, samples, warmup: samples },
  );
  figures.quorum_vs_sixth = ratio(costs.ours, costs.raw);
  figures.quorum_ms_ours = figure(costs.ours);
  figures.quorum_ms_raw = figure(costs.raw);
  progress(`quorum: ${figures.quorum_vs_sixth.value.toFixed(3)} of the sixth fastest`);
  return { figures, runs: blocks };
};

async function startServers(count: number, { defer }: BenchmarkOptions): Promise<readonly string[]> {
  const child = spawn(process.execPath, [fixture("echo-http-many.mjs"), String(count)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as readonly string[];
}

async function openRaw(url: string, { defer }: BenchmarkOptions): Promise<Client> {
  const client = new Client({ name: "raw", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  defer(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  await client.listTools();
  return client;
}

function echo(client: Client, delayMs: number, signal?: AbortSignal): Promise<unknown> {
  return client.callTool({ name: "echo", arguments: { text: "a", delayMs } }, signal ? { signal } : {});
}

/** Until so many have answered; the others are given up, so that they weigh on nobody. */
function nthFastest(
  clients: readonly Client[],
  delayOf: (index: number) => number,
  size: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    let answered = 0;
    for (const [index, client] of clients.entries()) {
      echo(client, delayOf(index), controller.signal).then(
        () => {
          if (++answered !== size) return;
          resolve();
          controller.abort();
        },
        (error: unknown) => {
          if (answered < size) reject(error);
        },
      );
    }
  });
}
