import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { BatonError, isBatonError } from "../core/errors.js";
import type { WorkflowEvent, WorkflowOutcome } from "../workflows/run.js";
import { note, print, printJson } from "./output.js";
import { withProgress } from "./progress.js";
import { askPerson, canAsk } from "./workflow/ask-person.js";
import { checkWorkflow } from "./workflow/check-workflow.js";
import { commandLine } from "./workflow/commands.js";
import { readInput, usualInput } from "./workflow/read-input.js";
import {
  lookAt,
  type OpenWorkflow,
  type RunsOptions,
  throwIfMissing,
  withRunsOptions,
  withThreads,
  withWorkflows,
} from "./workflow/runs.js";
import { describeRun, readRun } from "./workflow/show-run.js";
import { tellOutcome } from "./workflow/tell-outcome.js";

interface RunOptions extends RunsOptions {
  readonly id?: string;
  readonly inputFile?: string;
}

const FILE = "a workflow: JSON or JSONC";

export function addWorkflow(program: Command): void {
  const workflow = program
    .command("workflow")
    .description("run workflows of files, and look after their runs");
  withRunsOptions(
    workflow
      .command("run")
      .description("run a workflow to its end, or to where it waits for a person")
      .argument("<file>", FILE)
      .argument("[input...]", "name=value pairs, or one JSON object; values are JSON where they can be"),
  )
    .option("--input-file <file>", "the input: JSON or JSONC")
    .option("--id <id>", "the run's id: given again, the same run goes on (default: a new one)")
    .action(run);
  withRunsOptions(
    workflow
      .command("resume")
      .description("go on with a run that stopped, or say what became of it")
      .argument("<file>", FILE)
      .argument("<id>", "the run's id"),
  ).action((file: string, id: string, options: RunsOptions) => {
    throwIfMissing(options.threads);
    return withWorkflows([file], options, async ([open], signal) => {
      const { runWorkflow } = await import("../workflows/run.js");
      if (open === undefined) return;
      await readRun(open, id);
      await follow(open, id, options, signal, (onEvent) => runWorkflow(open.graph, { id, signal, onEvent }));
    });
  });
  withRunsOptions(
    workflow
      .command("undo")
      .description("undo what a run has done, or try again what could not be undone")
      .argument("<file>", FILE)
      .argument("<id>", "the run's id"),
  )
    .option("--reason <text>", "why, for whoever looks at the run")
    .option("--by-hand <step...>", "steps that you have undone yourself: nothing is called for them")
    .action((file: string, id: string, options: RunsOptions & { reason?: string; byHand?: string[] }) => {
      throwIfMissing(options.threads);
      const { reason, byHand } = options;
      return withWorkflows([file], options, async ([open], signal) => {
        const { undoWorkflow } = await import("../workflows/run.js");
        if (open === undefined) return;
        await readRun(open, id);
        const undo = (onEvent: (event: WorkflowEvent) => void) =>
          undoWorkflow(open.graph, { id, signal, onEvent, reason, byHand });
        tellOutcome(open, await withProgress(undo), options, "undone");
      });
    });
  withThreads(
    workflow
      .command("show")
      .description("show what a run has done, without a server")
      .argument("<file>", FILE)
      .argument("<id>", "the run's id"),
  )
    .option("--json", "print JSON")
    .action((file: string, id: string, options: RunsOptions) =>
      lookAt([file], options, async ([open]) => {
        if (open === undefined) return;
        const shown = await readRun(open, id);
        if (options.json) printJson(shown);
        else print(describeRun(open, shown));
      }),
    );
  workflow
    .command("check")
    .description("say everything that is wrong with a workflow, without running it")
    .argument("<file>", FILE)
    .option("-c, --config <file>", "look for its tools at these servers, too")
    .option("--json", "print JSON")
    .action(checkWorkflow);
  workflow
    .command("schema")
    .description("print the JSON Schema of a workflow's file, for editors")
    .action(async () => {
      const { workflowFileSchema } = await import("../workflows/read-workflow.js");
      printJson(workflowFileSchema());
    });
}

function run(file: string, words: readonly string[], options: RunOptions): Promise<void> {
  return withWorkflows([file], options, async ([open], signal) => {
    if (open === undefined) return;
    const { getRun, runWorkflow } = await import("../workflows/run.js");
    const given = await readInput(open.definition, words, options.inputFile);
    const id = options.id ?? `${open.definition.name}-${randomUUID().slice(0, 8)}`;
    const known = given === undefined && options.id !== undefined ? await getRun(open.graph, id) : undefined;
    const input = given ?? (known === undefined ? usualInput(open.definition) : undefined);
    await follow(open, id, options, signal, (onEvent) =>
      runWorkflow(open.graph, { id, signal, onEvent, ...(input !== undefined && { input }) }),
    );
  });
}

/** Shows a run's way until it is over or nobody is there to decide, and says how to go on with it. */
async function follow(
  open: OpenWorkflow,
  id: string,
  options: RunsOptions,
  signal: AbortSignal,
  begin: (onEvent: (event: WorkflowEvent) => void) => Promise<WorkflowOutcome>,
): Promise<void> {
  let isKept = false;
  const noteKept =
    (onEvent: (event: unknown) => void) =>
    (event: WorkflowEvent): void => {
      isKept = true;
      if (event.type === "run" && event.status === "accepted") note(`run '${id}'`);
      onEvent(event);
    };
  try {
    let outcome = await withProgress((onEvent) => begin(noteKept(onEvent)));
    while (outcome.status === "waiting" && !options.json && canAsk()) {
      const decided = await decideHere(open, outcome, signal);
      if (decided === undefined) break;
      outcome = decided;
    }
    tellOutcome(open, outcome, options);
  } catch (error) {
    const isOurs = isBatonError(error, "INVALID_ARGUMENTS") || isBatonError(error, "IDEMPOTENCY_CONFLICT");
    if (isKept && !isOurs)
      note(
        `run '${id}' stays where it is; to go on: ${commandLine(["workflow", "resume", open.file, id], options)}`,
      );
    throw error;
  }
}

/** Asks whoever started the run; undefined when it is to wait. */
async function decideHere(
  { graph }: OpenWorkflow,
  { id, approvals }: WorkflowOutcome,
  signal: AbortSignal,
): Promise<WorkflowOutcome | undefined> {
  const [question] = approvals;
  if (question === undefined) throw new BatonError("PROTOCOL", `run '${id}' waits, and for nobody`);
  const decision = await askPerson(question, signal);
  if (decision === undefined) return undefined;
  const { decide } = await import("../workflows/inbox.js");
  return withProgress((onEvent) =>
    decide([graph], { approval: question.hash || question.interrupt, decision, runs: [id], signal, onEvent }),
  );
}
