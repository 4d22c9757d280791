import type { RunnableConfig } from "@langchain/core/runnables";
import { Command } from "@langchain/langgraph";
import type { z } from "zod";
import { BatonError } from "../../core/errors.js";
import { checkInput } from "./input.js";
import type { Plan } from "./plan.js";
import { isOver } from "./record.js";
import type { WorkflowState } from "./state.js";

/** LangGraph's own limit of 25 is for models that go in circles; a workflow's steps are counted by its definition. */
const MOST_STEPS = 1_000_000;

interface Streaming {
  stream: (input: unknown, config?: RunnableConfig) => unknown;
  readonly checkpointer?: unknown;
  getState(config: RunnableConfig): Promise<{ readonly values: Partial<WorkflowState> }>;
}

/** What {@link guardedParts} finds on a graph. */
const PARTS = Symbol.for("langbaton.workflow");

export interface WorkflowParts {
  readonly plan: Plan;
  readonly input: z.ZodType;
}

/**
 * Has a workflow keep what is done before it goes on, whatever way it is run in, and refuses an input that does not fit,
 * or that comes while a run of the thread is on its way: LangGraph would leave that where it is, with all that it did.
 */
export function guarded<Graph extends object>(graph: Graph, parts: WorkflowParts): Graph {
  const { stream } = graph as unknown as Streaming;
  return Object.assign(graph, {
    [PARTS]: parts,
    // `invoke` streams too.
    async stream(this: Streaming, input: unknown, config?: RunnableConfig): Promise<unknown> {
      const isNew = input !== null && input !== undefined && !(input instanceof Command);
      if (isNew) await check(this, input, config);
      else await refuseOld(this, config);
      const recursionLimit = Math.max(config?.recursionLimit ?? 0, MOST_STEPS);
      return stream.call(graph, input, { durability: "sync", ...config, recursionLimit } as RunnableConfig);
    },
  });

  /** What was undone must not be done again under its old keys: whoever honours them would do nothing. */
  async function refuseOld(self: Streaming, config: RunnableConfig | undefined): Promise<void> {
    const { thread_id: thread, checkpoint_id: id, checkpoint_ns: inside = "" } = config?.configurable ?? {};
    if (thread === undefined || id === undefined || inside !== "" || !isSaver(self.checkpointer)) return;
    const { values } = await self.getState({ configurable: { thread_id: thread } });
    const { run } = values;
    if (run === undefined || run.status === "running" || run.status === "done") return;
    const problem = `the run '${run.id}' of the workflow '${parts.plan.name}' is ${run.status}: it cannot be gone on with from an old checkpoint. Begin another run`;
    throw new BatonError("INVALID_ARGUMENTS", problem, { data: { run: run.id, workflow: parts.plan.name } });
  }

  async function check(self: Streaming, input: unknown, config: RunnableConfig | undefined): Promise<void> {
    const { plan, input: schema } = parts;
    checkInput(plan.name, schema, (input as { input?: unknown }).input);
    const thread: unknown = config?.configurable?.thread_id;
    if (thread === undefined || !isSaver(self.checkpointer)) return;
    const { values } = await self.getState({ configurable: { thread_id: thread } });
    if (values.run === undefined || isOver(values.run)) return;
    const problem = `the run '${values.run.id}' of the workflow '${plan.name}' is not over: go on with it, or undo it, before another is begun in its thread`;
    throw new BatonError("INVALID_ARGUMENTS", problem, { data: { run: values.run.id, workflow: plan.name } });
  }
}

/** What a workflow was made of; undefined for another graph. */
export function guardedParts(graph: object): WorkflowParts | undefined {
  return (graph as { [PARTS]?: WorkflowParts })[PARTS];
}

function isSaver(checkpointer: unknown): boolean {
  return typeof checkpointer === "object" && checkpointer !== null;
}
