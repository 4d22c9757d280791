import type { RunnableConfig } from "@langchain/core/runnables";
import type { BaseCheckpointSaver, CheckpointTuple, Command, StateSnapshot } from "@langchain/langgraph";
import { whileWanted } from "../../agents/work/while-wanted.js";
import { BatonError } from "../../core/errors.js";
import type { WorkflowGraph } from "../workflow.js";
import { guardedParts, type WorkflowParts } from "./guarded.js";
import { NODES } from "./nodes.js";
import type { WorkflowState } from "./state.js";

/** A run, and what is done with it. */
export interface Run {
  readonly id: string;
  readonly parts: WorkflowParts;
  state(): Promise<Snapshot>;
  readonly saver: BaseCheckpointSaver;
  /** Makes a new checkpoint, from which the steps are planned anew. What was begun must be carried over. */
  update(values: object): Promise<void>;
  /** What lies beside the newest checkpoint. */
  writes(): Promise<NonNullable<CheckpointTuple["pendingWrites"]>>;
  stream(input: null | Command, config: RunnableConfig): Promise<AsyncIterable<unknown>>;
}

/** The state of its thread. */
export type Snapshot = Omit<StateSnapshot, "values"> & { readonly values: Partial<WorkflowState> };

/** @throws {BatonError} `INVALID_ARGUMENTS`, `CONFIG_INVALID` */
export function toRun(workflow: WorkflowGraph, id: string): Run {
  const parts = guardedParts(workflow);
  if (parts === undefined)
    throw new BatonError("INVALID_ARGUMENTS", "this graph is no workflow: make it with createWorkflow()");
  const { checkpointer } = workflow as { checkpointer?: BaseCheckpointSaver | boolean };
  if (typeof checkpointer !== "object") {
    const problem = `the workflow '${parts.plan.name}' has no checkpointer to keep its runs in: give it graph.checkpointer, of openThreads() for example`;
    throw new BatonError("CONFIG_INVALID", problem, { data: { workflow: parts.plan.name } });
  }
  if (typeof id !== "string" || id === "")
    throw new BatonError("INVALID_ARGUMENTS", "a run needs an id: a text that is not empty");
  const config = { configurable: { thread_id: id } };
  return {
    id,
    parts,
    saver: checkpointer,
    state: async () => (await workflow.getState(config)) as Snapshot,
    update: async (values) => void (await workflow.updateState(config, values, NODES.check)),
    writes: async () => (await checkpointer.getTuple(config))?.pendingWrites ?? [],
    stream: (input, more) =>
      workflow.stream(input as never, { ...config, ...more, streamMode: "custom", durability: "sync" }),
  };
}

/** By checkpointer, as a workflow may be made anew for each request. */
const active = new WeakMap<object, Map<string, Promise<unknown>>>();

/** One thing at a time is done with a run in this process. Settles at once when the signal fires. */
export async function alone<T>(
  workflow: WorkflowGraph,
  { id, signal }: { readonly id: string; readonly signal?: AbortSignal | undefined },
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const run = toRun(workflow, id);
  const runs = active.get(run.saver) ?? new Map<string, Promise<unknown>>();
  active.set(run.saver, runs);
  try {
    for (let other = runs.get(id); other !== undefined; other = runs.get(id))
      await whileWanted(
        other.catch(() => {}),
        signal,
      );
    signal?.throwIfAborted();
    const working = work(run);
    runs.set(id, working);
    const leave = (): void => {
      if (runs.get(id) === working) runs.delete(id);
    };
    working.then(leave, leave);
    return await whileWanted(working, signal);
  } catch (error) {
    throw signal?.aborted ? cancelled(run, signal) : error;
  }
}

/** The end of a run's work by its caller. */
export function cancelled({ id, parts }: Run, signal: AbortSignal): BatonError {
  const problem = `run '${id}' of the workflow '${parts.plan.name}' was stopped by the caller: it stays where it is, and goes on when it is run again`;
  return new BatonError("CANCELLED", problem, {
    cause: signal.reason,
    effect: "possible",
    data: { run: id },
  });
}
