// A scripted MCP server over stdio for tests: `node stdio-server.mjs '{"banner":true}'`. What it can do wrong is
// chosen by the one JSON argument; see StdioBehaviour in stdio-fixture.ts.
import { spawn } from "node:child_process";
import { appendFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const behaviour = JSON.parse(process.argv[2] ?? "{}");
const log = (entry) => behaviour.log && appendFileSync(behaviour.log, `${JSON.stringify(entry)}\n`);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const text = (value) => ({ content: [{ type: "text", text: String(value) }] });
const KEEP_ALIVE = "setInterval(() => {}, 1000)";

log({ start: process.pid });
if (behaviour.lastWords !== undefined) {
  writeSync(2, behaviour.lastWords);
  process.exit(3);
}
if (behaviour.banner) process.stdout.write('Welcome!\n[1,2]\n{"half":\n\n"a string"\n');
if (behaviour.stubborn) {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1000);
}
if (behaviour.grandchild) grandchild();

const tools = [
  "echo",
  "pid",
  "never",
  "progress",
  "exit",
  "big",
  "environment",
  "grandchild",
  "add_tool",
  "fail",
  "half",
  "raw",
  "flood",
  "slow",
].map((name) => ({
  name,
  description: `Test tool ${name}`,
  inputSchema: { type: "object", properties: {} },
}));
tools.push(...(behaviour.tools ?? []));

let first = true;
createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  log(message);
  if (first && behaviour.onlyInitialize && message.method !== "initialize") process.exit(1);
  first = false;
  void handle(message);
});
if (behaviour.stubborn) process.stdin.on("end", () => {});

async function handle({ id, method, params }) {
  switch (method) {
    case "initialize":
      if (behaviour.mute) return;
      return send({
        id,
        result: {
          protocolVersion: "2025-11-25",
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "stdio-fixture", version: "1.0.0" },
          instructions: "Be gentle.",
        },
      });
    case "ping":
      return send({ id, result: {} });
    case "tools/list":
      return send({ id, result: { tools } });
    case "tools/call":
      return call(id, params);
  }
  if (id !== undefined && !behaviour.ignoresUnknown)
    send({ id, error: { code: -32601, message: `Method not found: ${method}` } });
}

async function call(id, { name, arguments: args = {}, _meta }) {
  const result = (value) => send({ id, result: value });
  switch (name) {
    case "echo":
      return result(text(args.text ?? ""));
    case "pid":
      return result(text(process.pid));
    case "never":
      return;
    case "exit":
      return process.exit(args.code ?? 0);
    case "half":
      return process.stdout.write('{"jsonrpc":"2.0","id":', () => process.exit(1));
    case "big":
      return result(text("x".repeat(args.bytes)));
    case "raw":
      // Each part is written as it is, with the id of this request for $ID.
      for (const part of args.lines) process.stdout.write(`${part.replaceAll("$ID", id)}\n`);
      return args.answer ? result(text(args.answer)) : undefined;
    case "slow":
      return setTimeout(() => result(text("slow")), args.ms);
    case "flood":
      for (let n = 0; n < args.count; n++) {
        send({
          method: args.method,
          params: { ...args.params, progressToken: _meta?.progressToken, progress: n },
        });
        if (n % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return args.answer === false ? undefined : result(text("after the flood"));
    case "environment":
      return result(text(JSON.stringify(process.env)));
    case "grandchild":
      return result(text(grandchild()));
    case "fail":
      return result({ ...text("no such row"), structuredContent: { row: 7 }, isError: true });
    case "add_tool":
      tools.push({ name: args.name, inputSchema: { type: "object" } });
      result(text("added"));
      return send({ method: "notifications/tools/list_changed" });
    case "progress": {
      const { steps = 5, everyMs = 40, answer = true } = args;
      for (let step = 1; step <= steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, everyMs));
        send({
          method: "notifications/progress",
          params: { progressToken: _meta?.progressToken, progress: step, total: steps },
        });
      }
      return answer ? result(text("done")) : undefined;
    }
  }
  return result({ ...text(`Unknown tool ${name}`), isError: true });
}

/** A child that holds our standard output for as long as it lives. */
function grandchild() {
  const child = spawn(process.execPath, ["-e", KEEP_ALIVE], {
    stdio: ["ignore", "inherit", "inherit"],
    detached: behaviour.grandchild === "detached",
  });
  log({ grandchild: child.pid });
  return child.pid;
}
