import { setMaxListeners } from "node:events";
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from "@langchain/langgraph";

/** What LangGraph keeps of a running node under `configurable`. The keys with two underscores are its own. */
interface Configurable {
  readonly thread_id?: string;
  /** Of the graphs around the node, the root first, and the node: `outer:id|task:id`. */
  readonly checkpoint_ns?: string;
  /** The checkpoint that each graph around the node is at: namespace to id. */
  readonly checkpoint_map?: Readonly<Record<string, string>>;
  readonly __pregel_checkpointer?: BaseCheckpointSaver;
  readonly __pregel_read?: (channel: string) => unknown;
}

/** A channel of the graph's state as it was when the step began. A node that was sent its own input sees no state. */
export function stateAt<Value>(
  { configurable = {} }: LangGraphRunnableConfig,
  channel: string,
): Value | undefined {
  return (configurable as Configurable).__pregel_read?.(channel) as Value | undefined;
}

/**
 * An object that lives as long as the run of the whole graph, another for each `invoke`, and one for each step of it:
 * what is kept by them ends with them, and no two runs share it.
 */
export function livesOf({ signal, configurable = {} }: LangGraphRunnableConfig): {
  readonly run: object;
  readonly step: object;
} {
  const { externalAbortSignal } = (configurable.__pregel_abort_signals ?? {}) as {
    externalAbortSignal?: AbortSignal;
  };
  return { run: externalAbortSignal ?? signal ?? configurable, step: signal ?? configurable };
}

/** Where a graph stands in its thread: the same for all nodes of one step, and whenever they run again. */
export interface StepPlace {
  readonly thread_id: string | undefined;
  /** Of the graph. */
  readonly checkpoint_ns: string;
  readonly checkpoint_id: string;
}

/** Undefined without a checkpointer, where no step is ever run again. */
export function stepOf({ configurable = {} }: LangGraphRunnableConfig): StepPlace | undefined {
  const {
    thread_id,
    checkpoint_ns = "",
    checkpoint_map = {},
    __pregel_checkpointer,
  } = configurable as Configurable;
  const namespace = checkpoint_ns.split("|").slice(0, -1).join("|");
  const checkpoint_id = checkpoint_map[namespace];
  if (!__pregel_checkpointer || checkpoint_id === undefined) return undefined;
  return { thread_id, checkpoint_ns: namespace, checkpoint_id };
}

/**
 * What nodes of the same step that ended in an earlier run of it wrote to a channel. LangGraph does not run them again,
 * but shows their writes to the others only when the step is over. Empty without a checkpointer.
 */
export async function writtenInStep<Update>(
  config: LangGraphRunnableConfig,
  channel: string,
): Promise<readonly Update[]> {
  const place = stepOf(config);
  if (place === undefined) return [];
  const { __pregel_checkpointer: saver } = config.configurable as Configurable;
  const tuple = await saver?.getTuple({ configurable: { ...place } });
  return (tuple?.pendingWrites ?? [])
    .filter(([, name]) => name === channel)
    .map(([, , value]) => value as Update);
}

/** Each task that runs listens, and so does each tool call of it: many at once are no leak. */
export function allowListeners({ signal, configurable }: LangGraphRunnableConfig): void {
  // LangGraph hands these to all that runs inside, beside the signal of the node.
  const inherited: Readonly<Record<string, unknown>> = configurable?.__pregel_abort_signals ?? {};
  for (const each of [signal, ...Object.values(inherited)])
    if (each instanceof AbortSignal) setMaxListeners(0, each);
}
