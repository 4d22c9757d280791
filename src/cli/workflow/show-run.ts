import { BatonError } from "../../core/errors.js";
import { showHidden } from "../../core/hidden.js";
import { getRun, type PendingApproval, type WorkflowOutcome } from "../../workflows/run.js";
import type { StepRecord, WorkflowState } from "../../workflows/workflow.js";
import { toDuration } from "../progress/duration.js";
import { describeQuestion } from "./describe-question.js";
import type { OpenWorkflow } from "./runs.js";
import { undoLine, whyOf } from "./why.js";

/** All that is known of a run. */
export interface ShownRun extends Pick<WorkflowOutcome, "id" | "workflow" | "steps" | "undone"> {
  /** `running`: it is on its way, or was when its process ended. */
  readonly status: WorkflowOutcome["status"] | "running";
  readonly error?: WorkflowOutcome["error"];
  readonly input: unknown;
  readonly output?: unknown;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly approvals: readonly PendingApproval[];
}

/** @throws {BatonError} `INVALID_ARGUMENTS` for one that is not known */
export async function readRun({ graph, definition: { name } }: OpenWorkflow, id: string): Promise<ShownRun> {
  const known = await getRun(graph, id);
  const { values } = await graph.getState({ configurable: { thread_id: id } });
  const { input = null, run, steps = {}, undone = [] } = values as Partial<WorkflowState>;
  if (known === undefined || (run !== undefined && run.workflow !== name)) {
    const whose = run === undefined ? "" : `: it is one of '${run.workflow}'`;
    throw new BatonError(
      "INVALID_ARGUMENTS",
      `there is no run '${id}' of the workflow '${name}' here${whose}`,
    );
  }
  const { error, startedAt, endedAt } = run ?? {};
  return {
    input,
    ...(error && { error }),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    steps,
    undone,
    approvals: [],
    ...known,
  };
}

/** The same in words, with a line for each step of the definition. */
export function describeRun({ definition }: OpenWorkflow, run: ShownRun): string {
  const { id, workflow, status, error, startedAt, endedAt, approvals, undone, steps } = run;
  const times = [
    ...(startedAt === undefined ? [] : [`begun ${new Date(startedAt).toISOString()}`]),
    ...(startedAt === undefined || endedAt === undefined ? [] : [`took ${toDuration(endedAt - startedAt)}`]),
  ];
  const width = Math.max(...definition.steps.map(({ name }) => name.length));
  const waiting = new Set(approvals.map(({ step }) => step));
  const lines = definition.steps.map(({ name }) =>
    stepLine(name.padEnd(width), steps[name], waiting.has(name)),
  );
  const questions = approvals.flatMap((approval) => ["", ...describeQuestion(approval)]);
  const head = [`run '${id}' of the workflow '${workflow}': ${status}`, ...times].join(", ");
  const why = error === undefined ? [] : [`because ${whyOf(error)}`];
  return showHidden([head, ...why, ...lines, ...undone.map(undoLine), ...questions].join("\n"));
}

function stepLine(name: string, record: StepRecord | undefined, isWaiting: boolean): string {
  if (record === undefined) return isWaiting ? `  ? ${name}  waits for a person` : `  · ${name}  not done`;
  const { status, startedAt, endedAt, attempts, items, approvals = [], error } = record;
  const failed = items?.filter((item) => item.status === "failed").length ?? 0;
  const facts = [
    status,
    ...(status === "skipped" ? [] : [toDuration(endedAt - startedAt)]),
    ...(items === undefined ? [] : [`${items.length} items${failed === 0 ? "" : `, ${failed} failed`}`]),
    ...(items === undefined && attempts > 1 ? [`${attempts} attempts`] : []),
    ...approvals.map(({ by = "somebody" }) => `agreed: ${by}`),
    ...(error === undefined ? [] : [`${error.code ?? "error"}: ${error.message}`]),
  ];
  const mark = { done: "✓", failed: "✗", skipped: "-" }[status];
  return `  ${mark} ${name}  ${facts.join("  ")}`;
}
