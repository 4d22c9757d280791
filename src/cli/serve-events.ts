import { type Command, InvalidArgumentError } from "commander";
import { loadTools } from "../adapters/tools.js";
import { findConfig } from "../mcp/find-config.js";
import { standard } from "../middleware/standard.js";
import type { EventNews } from "../workflows/events.js";
import { note } from "./output.js";
import { type SessionOptions, withInterrupt, withServers, withSessionOptions } from "./session.js";

interface ServeEventsOptions extends SessionOptions {
  readonly rules: string;
  readonly port: number;
  readonly host: string;
  readonly journal: string;
  readonly threads: string;
}

type Tools = Awaited<ReturnType<typeof loadTools>>;

export function addServeEvents(program: Command): void {
  const command = program
    .command("serve-events")
    .description("start workflows when webhooks come or the time has come")
    .requiredOption("--rules <file>", "rules, schedules and workflows: JSON or JSONC");
  withSessionOptions(command)
    .option("-p, --port <number>", "where to listen", parsePort, 8080)
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--journal <file>", "where events are kept", "events.db")
    .option("--threads <location>", "where workflows are kept: a file, or postgres://…", "threads.db")
    .action(async (options: ServeEventsOptions) => {
      const hasServers = (options.config ?? (await findConfig(process.cwd()))) !== undefined;
      if (!hasServers) return withInterrupt((signal) => serve(options, [], signal));
      return withServers(options, async (servers, signal) => {
        const onWarning = (warning: string): void => note(`warning: ${warning}`);
        await serve(options, await loadTools(servers, { use: standard(), signal, onWarning }), signal);
      });
    });
}

async function serve(options: ServeEventsOptions, tools: Tools, signal: AbortSignal): Promise<void> {
  // LangGraph and the database take a while to load; other commands go without.
  const [
    { createEvents, serveEvents },
    { readEventsFile },
    { readWorkflow },
    { createWorkflow },
    { openThreads },
  ] = await Promise.all([
    import("../workflows/events.js"),
    import("../workflows/events/read-file.js"),
    import("../workflows/read-workflow.js"),
    import("../workflows/workflow.js"),
    import("../workflows/threads.js"),
  ]);
  const { workflows: files, ...parts } = await readEventsFile(options.rules);
  const definitions = await Promise.all(files.map((file) => readWorkflow(file)));
  await using threads = await openThreads(options.threads);
  const { checkpointer } = threads;
  const workflows = definitions.map(
    (definition) =>
      [definition.name, createWorkflow({ ...definition, tools, graph: { checkpointer } })] as const,
  );
  const events = createEvents({
    ...parts,
    journal: options.journal,
    workflows: Object.fromEntries(workflows),
    onNews: (news) =>
      note(options.json ? JSON.stringify({ at: new Date().toISOString(), ...news }) : lineOf(news)),
  });
  const server = await serveEvents(events, options);
  note(`listening on ${server.url}${events.signed ? "" : " for unsigned events of this machine"}`);
  try {
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  } finally {
    note("closing");
    await server.close();
  }
}

function lineOf({ what, id, detail }: EventNews): string {
  return [new Date().toISOString(), what, id, detail].filter((part) => part !== undefined).join("  ");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Write a whole number from 0 to 65535; 0 lets the system choose.");
}
