// Run in a process of its own, to be killed: takes events over HTTP and works them. Arguments: the folder, and the port.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { createEvents, serveEvents } from "../../src/workflows/events.js";
import { openThreads } from "../../src/workflows/threads.js";
import { createWorkflow } from "../../src/workflows/workflow.js";

const [folder = ".", port = "0"] = process.argv.slice(2);
const STEP_MS = 15;

const database = new Sqlite(join(folder, "effects.db"), { timeout: 5000 });
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, run TEXT, step TEXT);
  CREATE TABLE IF NOT EXISTS executions (key TEXT, at INTEGER);`);
const execution = database.prepare("INSERT INTO executions VALUES (?, ?)");
const effect = database.prepare("INSERT INTO effects VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

/** What honours its key: as often as it is run, its effect is there once. */
const step = (name: string) => ({
  name,
  run: async ({ key, run }: { readonly key: string; readonly run: { readonly id: string } }) => {
    execution.run(key, Date.now());
    await sleep(STEP_MS);
    effect.run(key, run.id, name);
    await sleep(STEP_MS);
    return { name };
  },
});

const { checkpointer } = await openThreads(join(folder, "threads.db"));
const events = createEvents({
  journal: join(folder, "events.db"),
  workflows: {
    provision: createWorkflow({
      name: "provision",
      steps: [step("order"), step("ship")],
      graph: { checkpointer },
    }),
  },
  rules: [{ name: "laptops", on: "laptop.requested", workflow: "provision" }],
  secrets: [process.env.WEBHOOK_SECRET ?? ""],
  // Kills are no failures of the events.
  limits: { attempts: 100, baseMs: 20 },
  onNews: ({ what, id, detail }) => {
    if (what === "warning" || what === "dead") console.error(what, id, detail);
  },
});
const { url } = await serveEvents(events, { port: Number(port) });
console.log(`listening on ${url}`);
