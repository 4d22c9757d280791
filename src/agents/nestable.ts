import type { RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";

type Configurable = NonNullable<RunnableConfig["configurable"]>;

/**
 * What a node's config says, for a graph that is run inside of the node. LangGraph gives every node the key
 * `checkpoint_id`, undefined as it is, and takes the key alone for a wish to run what is done again: a graph inside that
 * is resumed would repeat the tool calls that had ended (1.4.17, `skipDoneTasks` in `PregelLoop.initialize`). In a replay,
 * the key stays, as that is such a wish.
 */
export function withoutReplay(configurable: Configurable = {}): Configurable {
  const isReplay =
    configurable.checkpoint_id !== undefined || configurable.__pregel_replay_state !== undefined;
  if (isReplay || !("checkpoint_id" in configurable)) return configurable;
  const { checkpoint_id: _, ...rest } = configurable;
  return rest;
}

/** Has a graph keep what is done when it is a node of another graph, or run by one, and is resumed there. */
export function nestable<Graph extends object>(graph: Graph): Graph {
  const { stream } = graph as { stream: (input: unknown, config?: RunnableConfig) => unknown };
  return Object.assign(graph, {
    // `invoke` streams too.
    stream(input: unknown, config?: RunnableConfig): unknown {
      // A node need not hand its config on: LangGraph finds it by itself.
      const around: RunnableConfig | undefined = AsyncLocalStorageProviderSingleton.getRunnableConfig();
      const configurable = withoutReplay({ ...around?.configurable, ...config?.configurable });
      return stream.call(graph, input, { ...config, configurable });
    },
  });
}
