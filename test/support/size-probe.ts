// Run by a test in a process of its own, as memory is measured: calls one tool of a hostile server while another call is
// under way, and prints what it cost as one line of JSON.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createCall } from "../../src/core/call.js";
import { isBatonError } from "../../src/core/errors.js";
import { Server } from "../../src/mcp/server.js";
import type { ServerConfig } from "../../src/mcp/server-config.js";

const { config, tool, args } = JSON.parse(process.env.PROBE ?? "{}") as {
  config: ServerConfig;
  tool: string;
  args: Record<string, unknown>;
};
const events: string[] = [];
const server = new Server(config, { onEvent: ({ type }) => events.push(type) });
const call = (name: string, input: Record<string, unknown> = {}) =>
  server.call(createCall({ server: server.name, tool: name, args: input }));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (let i = 0; i < 50; i++) await call("echo", { text: "x".repeat(1000) });
const others = call("slow", { ms: 1000 }).then(
  () => "survived",
  (error: unknown) => String(error),
);
await wait(100);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const before = process.memoryUsage.rss();
let peak = before;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const outcome = await call(tool, args).then(
  () => ({ code: "ok", data: {} }),
  (error: unknown) =>
    isBatonError(error) ? { code: error.code, data: error.data } : { code: String(error), data: {} },
);
const ms = Math.round(performance.now() - startedAt);
await wait(200);
peak = Math.max(peak, process.memoryUsage.rss());
clearInterval(sampling);
const { user, system } = process.cpuUsage(cpu);
const figures = {
  ...outcome,
  ms,
  growthMb: Math.round((peak - before) / 1e5) / 10,
  cpuMs: Math.round((user + system) / 1000),
  worstDelayMs: Math.round(delay.max / 1e6),
  other: await others,
  after: (await call("echo", { text: "after" })).content.length,
  events,
};
await server.close();
process.stdout.write(`${JSON.stringify(figures)}\n`);
