import type { PendingApproval, WorkflowOutcome } from "../../workflows/run.js";
import { EXIT } from "../exit.js";
import { note, print, printJson } from "../output.js";
import { commandLine } from "./commands.js";
import { describeQuestion, idOf } from "./describe-question.js";
import type { OpenWorkflow, RunsOptions } from "./runs.js";
import { undoLine, whyOf } from "./why.js";

/** Prints what a run has given; says what it waits for, or what became of what it did. Sets the exit code. */
export function tellOutcome(
  { file, definition, readOnly }: OpenWorkflow,
  outcome: WorkflowOutcome,
  options: RunsOptions,
  /** What was asked for: it is no failure then. */
  wanted: "done" | "undone" = "done",
): void {
  const { id, status, output = null, approvals, steps, undone, error } = outcome;
  if (options.json) printJson(outcome);
  if (status === "done") {
    if (!options.json) print(typeof output === "string" ? output : JSON.stringify(output, null, 2));
    return;
  }
  if (status === "waiting") {
    for (const approval of approvals) note(askedIn(file, approval, options));
    process.exitCode = EXIT.waiting;
    return;
  }
  const isWanted = wanted === status;
  const why = error === undefined ? "" : `: ${whyOf(error)}`;
  note(
    `${isWanted ? "" : "error: "}run '${id}' was ${status === "undone" ? "undone" : "not undone in full"}${why}`,
  );
  for (const one of undone) note(undoLine(one));
  const left = definition.steps.filter(
    (one) =>
      steps[one.name]?.status === "done" &&
      one.compensate === undefined &&
      ("call" in one ? !readOnly.has(one.call) : "run" in one || "graph" in one),
  );
  if (left.length > 0)
    note(`  - left as it is, as nothing is said to undo it: ${left.map(({ name }) => name).join(", ")}`);
  if (status === "failed")
    note(`  once it can be undone: ${commandLine(["workflow", "undo", file, id], options)}`);
  if (!isWanted) process.exitCode = EXIT.failed;
}

/** The question, and how to answer it. */
function askedIn(file: string, approval: PendingApproval, options: RunsOptions): string {
  const { threads, config } = options;
  const answer = (decision: string) =>
    commandLine(["approvals", decision, file, idOf(approval), "--by", "NAME"], {
      threads,
      ...(config && { config }),
    });
  return [
    ...describeQuestion(approval),
    `  to agree:  ${answer("approve")}`,
    `  to refuse: ${answer("reject")}`,
  ].join("\n");
}
