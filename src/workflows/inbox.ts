import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { BatonError } from "../core/errors.js";
import type { ApprovalDecision } from "../middleware/approve.js";
import {
  getRun,
  type PendingApproval,
  type RunOptions,
  resumeWorkflow,
  runWorkflow,
  type WorkflowOutcome,
} from "./run.js";
import { guardedParts } from "./workflow/guarded.js";
import type { RunRecord } from "./workflow/record.js";
import type { WorkflowGraph } from "./workflow.js";

export interface InboxOptions {
  /** Ids of the runs to look at. @default all that the checkpointers have: every checkpoint is read, so name them where there are many */
  readonly runs?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The questions that wait for people, over all runs of these workflows, the most urgent first.
 *
 * @example
 * ```ts
 * for (const { step, risk, actionRequests, hash } of await listApprovals([provision])) show(step, risk, actionRequests, hash);
 * ```
 */
export async function listApprovals(
  workflows: readonly WorkflowGraph[],
  { runs, signal }: InboxOptions = {},
): Promise<readonly PendingApproval[]> {
  const found: PendingApproval[] = [];
  for (const [workflow, ids] of await runsOf(workflows, runs)) {
    for (const id of ids) {
      signal?.throwIfAborted();
      const run = await getRun(workflow, id);
      if (run && "approvals" in run) found.push(...run.approvals);
    }
  }
  return found.sort((a, b) => a.expiresAt - b.expiresAt);
}

export interface DecideOptions extends InboxOptions, Pick<RunOptions, "onEvent"> {
  /** The question's hash, or as much of its beginning as only one has. */
  readonly approval: string;
  /** Whoever decides must have been let in by your program: it is taken at its word. */
  readonly decision: ApprovalDecision;
}

/**
 * Gives a decision to the question that it is for, and goes on with its run. A decision that does not count, of somebody
 * who may not decide for example, leaves it waiting: the new question's description says why.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when no open question, or more than one, has this hash; otherwise as `runWorkflow`
 */
export async function decide(
  workflows: readonly WorkflowGraph[],
  { approval, decision, onEvent, ...options }: DecideOptions,
): Promise<WorkflowOutcome> {
  const open = await listApprovals(workflows, options);
  const [question, other] = open.filter(({ hash, interrupt }) => (hash || interrupt).startsWith(approval));
  if (approval === "" || question === undefined || other !== undefined) {
    const problem = other === undefined ? "no question waits under" : "more than one question waits under";
    throw new BatonError(
      "INVALID_ARGUMENTS",
      `${problem} '${approval}': list the approvals to see what does`,
      {
        data: { approval, open: open.map(({ hash }) => hash) },
      },
    );
  }
  const workflow = workflows.find((one) => nameOf(one) === question.workflow) as WorkflowGraph;
  const { run: id, interrupt, hash } = question;
  const bound = hash === "" ? decision : { ...decision, hash };
  return resumeWorkflow(workflow, { id, interrupt, decision: bound, signal: options.signal, onEvent });
}

/**
 * Rejects what nobody decided in time, and has those runs undo themselves. A run that is gone on with for another reason
 * does so by itself; call this now and then for those that are not.
 */
export async function expireApprovals(
  workflows: readonly WorkflowGraph[],
  { now = Date.now(), ...options }: InboxOptions & { readonly now?: number } = {},
): Promise<readonly WorkflowOutcome[]> {
  const late = (await listApprovals(workflows, options)).filter(({ expiresAt }) => expiresAt <= now);
  const outcomes: WorkflowOutcome[] = [];
  const errors: unknown[] = [];
  for (const { workflow: name, run: id } of late) {
    const workflow = workflows.find((one) => nameOf(one) === name) as WorkflowGraph;
    await runWorkflow(workflow, { id, signal: options.signal }).then(
      (outcome) => outcomes.push(outcome),
      (error: unknown) => errors.push(error),
    );
  }
  // Of one run, the others are settled all the same.
  if (errors.length > 0)
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, "runs could not be gone on with");
  return outcomes;
}

/** Ids of runs by the workflow that they are of. */
async function runsOf(
  workflows: readonly WorkflowGraph[],
  runs: readonly string[] | undefined,
): Promise<ReadonlyMap<WorkflowGraph, readonly string[]>> {
  if (runs !== undefined) return new Map(workflows.map((workflow) => [workflow, runs]));
  const byName = new Map(workflows.map((workflow) => [nameOf(workflow), workflow]));
  const found = new Map<WorkflowGraph, string[]>();
  const savers = new Set(workflows.map((workflow) => saverOf(workflow)));
  for (const saver of savers) {
    const seen = new Set<string>();
    for await (const { config, checkpoint, pendingWrites = [] } of saver.list({
      configurable: { checkpoint_ns: "" },
    })) {
      const thread = String(config.configurable?.thread_id);
      // The newest of a thread comes first.
      if (seen.has(thread)) continue;
      seen.add(thread);
      if (!pendingWrites.some(([, channel]) => channel === "__interrupt__")) continue;
      const run = checkpoint.channel_values.run as RunRecord | undefined;
      const workflow = byName.get(run?.workflow ?? "");
      if (workflow && saverOf(workflow) === saver)
        found.set(workflow, [...(found.get(workflow) ?? []), thread]);
    }
  }
  return found;
}

function nameOf(workflow: WorkflowGraph): string {
  return guardedParts(workflow)?.plan.name ?? "";
}

function saverOf(workflow: WorkflowGraph): BaseCheckpointSaver {
  const { checkpointer } = workflow as { checkpointer?: BaseCheckpointSaver | boolean };
  if (typeof checkpointer === "object") return checkpointer;
  const problem = `the workflow '${nameOf(workflow)}' has no checkpointer in which its questions could lie: give it graph.checkpointer`;
  throw new BatonError("CONFIG_INVALID", problem, { data: { workflow: nameOf(workflow) } });
}
