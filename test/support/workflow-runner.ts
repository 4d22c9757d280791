// A process of its own that runs a workflow of ten steps, to be killed at any moment. It is told what to do in one argument, as JSON.
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/server";
import Sqlite from "better-sqlite3";
import { loadTools } from "../../src/adapters/tools.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { runWorkflow } from "../../src/workflows/run.js";
import { openThreads } from "../../src/workflows/threads.js";
import { createWorkflow } from "../../src/workflows/workflow.js";

export interface RunnerOrders {
  /** Of the threads. */
  readonly location: string;
  readonly schema?: string;
  /** Of the effects. */
  readonly folder: string;
  readonly id: string;
  /** Without it the run goes on. */
  readonly input?: RunnerInput;
}

export interface RunnerInput {
  readonly order: string;
  readonly items: readonly string[];
  readonly big: boolean;
  /** The eighth step fails, whenever it is tried. */
  readonly fails: boolean;
}

const orders = JSON.parse(process.argv[2] ?? "") as RunnerOrders;
/** How long an effect takes before and after: a kill is to hit in the midst of one, too. */
const WORK_MS = 3;
const KEY = "langbaton/idempotencyKey";

const say = (line: string): void => void writeSync(1, `${line}\n`);
const apply = openEffects(orders.folder);
await using threads = await openThreads(orders.location, orders.schema ? { schema: orders.schema } : {});
await using servers = await connect([inProcess("effects", createServer)]);
const tools = await loadTools(servers);
const workflow = createWorkflow({
  name: "order",
  version: "1",
  tools,
  graph: { checkpointer: threads.checkpointer },
  steps: [
    {
      name: "reserve",
      call: "effects.apply",
      args: "{ 'what': 'reserve', 'order': input.order }",
      compensate: "effects.release",
    },
    { name: "note", run: effect("note"), compensate: undo("note") },
    {
      name: "left",
      needs: "note",
      call: "effects.apply",
      args: "{ 'what': 'left' }",
      compensate: { call: "effects.release", args: "{ 'what': args.what }" },
    },
    { name: "right", needs: "note", run: effect("right"), compensate: undo("right") },
    {
      name: "items",
      needs: ["left", "right"],
      each: "input.items",
      concurrency: 2,
      run: ({ item, key }) => apply(`item ${item}`, key),
      compensate: ({ result, key }) => apply(`undo ${result}`, key),
    },
    { name: "big", needs: "items", when: "input.big", run: effect("big"), compensate: undo("big") },
    {
      name: "small",
      needs: "items",
      when: "$not(input.big)",
      run: effect("small"),
      compensate: undo("small"),
    },
    { name: "charge", needs: ["big", "small"], call: "effects.charge", args: "{ 'fails': input.fails }" },
    { name: "flaky", retry: { times: 1, delayMs: 1 }, run: flaky },
    { name: "summary", value: "{ 'items': $count(steps.items), 'note': steps.note, 'big': steps.big }" },
  ],
});
say("ready");
const { id, input } = orders;
const outcome = await runWorkflow(workflow, {
  id,
  ...(input === undefined ? {} : { input }),
  // From here on the run has to go on without being told what it was given.
  onEvent: (event) => {
    if (event.type === "run" && event.status === "accepted") say("accepted");
  },
});
say(`outcome ${JSON.stringify(outcome)}`);

function effect(what: string) {
  return ({ key }: { readonly key: string }) => apply(what, key);
}

function undo(what: string) {
  return ({ key }: { readonly key: string }) => apply(`undo ${what}`, key);
}

/** Fails once before it has done anything. */
function flaky({ key, attempt }: { readonly key: string; readonly attempt: number }) {
  if (attempt === 1) throw new Error("not yet");
  return apply("flaky", key);
}

/**
 * Does something once under a key, as whoever honours keys does: a file that must be new, and a row whose key is unique.
 * Every attempt is written down besides.
 */
function openEffects(folder: string): (what: string, key: string) => Promise<string> {
  mkdirSync(join(folder, "effects"), { recursive: true });
  const database = new Sqlite(join(folder, "effects.db"), { timeout: 10_000 });
  database.pragma("journal_mode = WAL");
  database.exec(`
    CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, what TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS log (place INTEGER PRIMARY KEY, event TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL);
  `);
  const log = database.prepare("INSERT INTO log (event, what, key) VALUES (?, ?, ?)");
  const insert = database.prepare("INSERT OR IGNORE INTO effects (key, what) VALUES (?, ?)");
  return async (what, key) => {
    log.run("begin", what, key);
    await sleep(WORK_MS);
    try {
      writeFileSync(join(folder, "effects", encodeURIComponent(key)), what, { flag: "wx" });
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    }
    insert.run(key, what);
    log.run("end", what, key);
    await sleep(WORK_MS);
    return what;
  };
}

/** An MCP server in this process whose tools honour keys. */
function createServer(): Server {
  const text = { type: "object" as const, properties: { what: { type: "string" } }, required: ["what"] };
  const server = new Server({ name: "effects", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({
    tools: [
      { name: "apply", inputSchema: text },
      { name: "release", inputSchema: text },
      { name: "charge", inputSchema: { type: "object", properties: { fails: { type: "boolean" } } } },
    ],
  }));
  server.setRequestHandler("tools/call", async ({ params }) => {
    const { what = "", fails } = (params.arguments ?? {}) as {
      readonly what?: string;
      readonly fails?: boolean;
    };
    if (fails === true) return { content: [{ type: "text", text: "the card was refused" }], isError: true };
    const done = params.name === "charge" ? "charge" : params.name === "release" ? `undo ${what}` : what;
    const text = await apply(done, String(params._meta?.[KEY]));
    return { content: [{ type: "text", text }] };
  });
  return server;
}
