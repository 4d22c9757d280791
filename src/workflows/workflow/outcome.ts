import { showHidden } from "../../core/hidden.js";
import type { ApprovalQuestion } from "../approval.js";
import type { Run, Snapshot } from "./handle.js";
import { deadlineOf } from "./plan.js";
import { isOver, type RecordedError, type StepRecord, type UndoRecord } from "./record.js";
import { lastOf } from "./undo.js";

/** A question that waits for a person. */
export interface PendingApproval extends ApprovalQuestion {
  /** LangGraph's id of the interrupt. */
  readonly interrupt: string;
}

export interface WorkflowOutcome {
  readonly id: string;
  readonly workflow: string;
  /**
   * `waiting`: for the people in `approvals`. `undone`: a step failed, and all that was done before it was undone.
   * `failed`: the same, but something could not be undone; see `undone`.
   */
  readonly status: "done" | "waiting" | "undone" | "failed";
  readonly output?: unknown;
  /** Why it is `undone` or `failed`. */
  readonly error?: RecordedError;
  readonly approvals: readonly PendingApproval[];
  readonly steps: Readonly<Record<string, StepRecord>>;
  readonly undone: readonly UndoRecord[];
}

/** What became of a run, or that it waits. */
export function outcomeOf(target: Run, state: Snapshot): WorkflowOutcome {
  const { id, parts } = target;
  const { run, output = null, steps = {}, undone = [] } = state.values;
  const isRunning = run === undefined || run.status === "running" || run.status === "undoing";
  return {
    id,
    workflow: parts.plan.name,
    status: isRunning ? "waiting" : (run.status as "done" | "undone" | "failed"),
    ...(run?.status === "done" ? { output } : {}),
    ...(run?.error === undefined ? {} : { error: run.error }),
    approvals: approvalsIn(target, state),
    steps,
    undone: lastOf(undone),
  };
}

/**
 * The questions that wait. LangGraph shows the interrupts of tasks that are done as well, and counts one among the done
 * that has received an answer to the first of its questions: what a step wrote tells.
 */
export function approvalsIn({ id, parts }: Run, { tasks, values }: Snapshot): readonly PendingApproval[] {
  const { run, steps = {} } = values;
  if (isOver(run)) return [];
  const latest = run === undefined ? undefined : deadlineOf(parts.plan, run);
  return tasks
    .filter(({ name }) => !Object.hasOwn(steps, name))
    .flatMap(({ name: step, interrupts }) =>
      interrupts.flatMap(({ id: interrupt, value }) => {
        if (interrupt === undefined) return [];
        const question = isQuestion(value) ? value : otherQuestion(step, value);
        return [{ ...toShown(question, { workflow: parts.plan.name, run: id, step }, latest), interrupt }];
      }),
    );
}

type Question = Pick<ApprovalQuestion, "actionRequests" | "reviewConfigs">;

/** An interrupt of another form: it takes an answer in place of a decision. */
function otherQuestion(step: string, value: unknown): Question {
  const description = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return {
    actionRequests: [{ name: step, args: {}, description: showHidden(description ?? "") }],
    reviewConfigs: [{ actionName: step, allowedDecisions: [] }],
  };
}

/** Also one of a graph that is a step: LangChain's form is the same. */
function isQuestion(value: unknown): value is Pick<ApprovalQuestion, "actionRequests" | "reviewConfigs"> {
  return typeof value === "object" && value !== null && "actionRequests" in value && "reviewConfigs" in value;
}

/** Without what only the next run needs. */
function toShown(
  question: Pick<ApprovalQuestion, "actionRequests" | "reviewConfigs">,
  place: Pick<ApprovalQuestion, "workflow" | "run" | "step">,
  latest = Number.MAX_SAFE_INTEGER,
): ApprovalQuestion {
  const given = question as Partial<ApprovalQuestion>;
  const { actionRequests, reviewConfigs } = question;
  const { risk = "high", people = 1, agreed = [], hash = "", by } = given;
  const expiresAt = Math.min(given.expiresAt ?? latest, latest);
  const who = by === undefined ? {} : { by };
  return { actionRequests, reviewConfigs, ...place, risk, ...who, people, agreed, hash, expiresAt };
}
