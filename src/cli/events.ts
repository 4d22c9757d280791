import { type Command, InvalidArgumentError, Option } from "commander";
import { BatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import type { Journal } from "../workflows/events/journal.js";
import type { EventRun, EventRunState } from "../workflows/events/types.js";
import { print, printJson } from "./output.js";

interface EventsOptions {
  readonly journal: string;
  readonly json?: boolean;
}

const STATES: readonly EventRunState[] = ["received", "running", "waiting", "done", "skipped", "dead"];

/** Where events are kept unless told otherwise, beside the runs that they start. */
export const JOURNAL = ".langbaton/events.db";

export function addEvents(program: Command): void {
  const events = program
    .command("events")
    .description("look at the events of a journal, and have runs go on");
  withJournal(events.command("list").description("show runs, the newest first"))
    .addOption(new Option("--state <state>", "only runs in this state").choices(STATES))
    .option("--dead", "only runs that are tried no more")
    .option("--limit <number>", "at most so many", parseLimit, 100)
    .action((options: EventsOptions & { state?: EventRunState; dead?: boolean; limit: number }) =>
      withOpen(options, async (journal) => {
        const { listRuns } = await import("../workflows/events/journal-view.js");
        const state = options.dead ? "dead" : options.state;
        const runs = listRuns(journal, { limit: options.limit, ...(state !== undefined && { state }) });
        if (options.json) printJson(runs);
        else print(runs.length === 0 ? "no runs" : runs.map(lineOf).join("\n"));
      }),
    );
  withJournal(events.command("show").description("show one event and its runs"))
    .argument("<id>", "an event's id, or a run's")
    .action((id: string, options: EventsOptions) =>
      withOpen(options, async (journal) => {
        const { findEvent } = await import("../workflows/events/journal-view.js");
        const found = findEvent(journal, id);
        if (found === undefined)
          throw new BatonError(
            "INVALID_ARGUMENTS",
            `'${options.journal}' has no event '${id}': see langbaton events list`,
          );
        if (options.json) return printJson(found);
        const { runs, data, ...event } = found;
        const facts = Object.entries(event).map(([key, value]) => `${key.padEnd(12)}${value}`);
        print([...facts, showHidden(JSON.stringify(data, null, 2)), ...runs.map(lineOf)].join("\n"));
      }),
    );
  withJournal(events.command("retry").description("give dead runs their attempts back"))
    .argument("<id>", "a run's id, or an event's for all its dead runs")
    .action((id: string, options: EventsOptions) =>
      withOpen(options, async (journal) => {
        const { retryRuns } = await import("../workflows/events/journal-view.js");
        printNext(retryRuns(journal, id, Date.now()), options);
      }),
    );
  withJournal(events.command("resume").description("have runs that wait for a person go on now"))
    .argument("<id>", "a run's id, or an event's for all its waiting runs")
    .action((id: string, options: EventsOptions) =>
      withOpen(options, async (journal) => {
        const { resumeRuns } = await import("../workflows/events/journal-view.js");
        printNext(resumeRuns(journal, id, Date.now()), options);
      }),
    );
}

function printNext(ids: readonly string[], { json }: EventsOptions): void {
  if (json) printJson(ids);
  else print(ids.map((id) => `${id} is next, as soon as serve-events runs`).join("\n"));
}

function withJournal(command: Command): Command {
  return command.option("--journal <file>", "where events are kept", JOURNAL).option("--json", "print JSON");
}

async function withOpen(
  { journal: path }: EventsOptions,
  work: (journal: Journal) => Promise<void>,
): Promise<void> {
  const { openJournal } = await import("../workflows/events/journal.js");
  // Never made here: an empty journal would only hide that the path is wrong.
  const journal = await openJournal(path, { create: false });
  try {
    await work(journal);
  } finally {
    journal.close();
  }
}

function lineOf({ id, state, type, attempts, changedAt, error }: EventRun): string {
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const line = [changedAt, state.padEnd(8), id, type, tries].join("  ");
  return error === undefined ? line : `${line}  ${error.code ?? "error"}: ${oneLine(error.message)}`;
}

/** What an event made a workflow say, as text that can neither obey a terminal nor pretend to be another line. */
export function oneLine(text: string): string {
  return showHidden(text).replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError("Write a whole number above 0.");
}
