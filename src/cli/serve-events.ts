import { type Command, InvalidArgumentError } from "commander";
import { configInvalid } from "../core/faults.js";
import type { readEventsFile } from "../workflows/events/read-file.js";
import type { EventNews } from "../workflows/events.js";
import { JOURNAL, oneLine } from "./events.js";
import { note } from "./output.js";
import { type OpenWorkflow, type RunsOptions, withRunsOptions, withWorkflows } from "./workflow/runs.js";

type EventsFile = Awaited<ReturnType<typeof readEventsFile>>;

interface ServeEventsOptions extends RunsOptions {
  readonly rules: string;
  readonly port: number;
  readonly host: string;
  readonly journal: string;
}

export function addServeEvents(program: Command): void {
  const command = program
    .command("serve-events")
    .description("start workflows when webhooks come or the time has come")
    .requiredOption("--rules <file>", "rules, schedules and workflows: JSON or JSONC");
  withRunsOptions(command)
    .option("-p, --port <number>", "where to listen", parsePort, 8080)
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--journal <file>", "where events are kept", JOURNAL)
    .action(async (options: ServeEventsOptions) => {
      const { readEventsFile } = await import("../workflows/events/read-file.js");
      const { workflows: files, ...parts } = await readEventsFile(options.rules);
      await withWorkflows(files, options, (workflows, signal) => serve(parts, workflows, options, signal));
    });
}

async function serve(
  parts: Omit<EventsFile, "workflows">,
  workflows: readonly OpenWorkflow[],
  options: ServeEventsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { createEvents, serveEvents } = await import("../workflows/events.js");
  throwIfNamedTwice(options.rules, workflows);
  const events = createEvents({
    ...parts,
    journal: options.journal,
    workflows: Object.fromEntries(workflows.map(({ definition, graph }) => [definition.name, graph])),
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

/** Only one of them would ever be started. */
function throwIfNamedTwice(rules: string, workflows: readonly OpenWorkflow[]): void {
  const fileOf = new Map<string, string>();
  for (const { file, definition } of workflows) {
    const { name } = definition;
    const other = fileOf.get(name);
    if (other !== undefined) {
      const problem = `'${other}' and '${file}' are both named '${name}': give each workflow a name of its own`;
      throw configInvalid(`the rules '${rules}'`, [{ path: "workflows", problem }]);
    }
    fileOf.set(name, file);
  }
}

function lineOf({ what, id, detail }: EventNews): string {
  return [new Date().toISOString(), what, id, detail]
    .flatMap((part) => (part === undefined ? [] : [oneLine(part)]))
    .join("  ");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Write a whole number from 0 to 65535; 0 lets the system choose.");
}
