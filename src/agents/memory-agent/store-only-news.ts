import type { BaseMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { isCommand, Send } from "@langchain/langgraph";
import { type Invoke, overriding } from "../overriding.js";

/** Of a compiled graph, what decides and what runs. */
interface Graph {
  readonly builder: {
    readonly nodes: object;
    readonly branches: Readonly<Record<string, Readonly<Record<string, { path: Runnable }>>>>;
  };
  readonly nodes: Readonly<Record<string, { bound: Runnable } | undefined>>;
}

type State = Readonly<Record<string, unknown>>;

/** What LangGraph hands to a running node beside the caller's own values. */
interface Running {
  readonly __pregel_read?: (channel: "messages") => readonly BaseMessage[];
  readonly __pregel_scratchpad?: { currentTaskInput?: unknown };
}

/**
 * Keeps an agent from storing its whole conversation again and again. `createAgent` sends each tool call together with
 * the whole state, and each middleware hook gives the whole state back: a checkpointer stores both. Here a call leaves
 * the messages behind and reads them when it runs, and a node gives back what is new. Tools and middleware see what
 * they have always seen; a hook that changes a message has to give back a new one, as a change in place is not noticed.
 */
export function storeOnlyNews(graph: Graph): void {
  for (const branches of Object.values(graph.builder.branches)) {
    for (const branch of Object.values(branches)) {
      branch.path = overriding(branch.path, (decide) => async (state, config) => {
        const destinations = await decide(state, config);
        return Array.isArray(destinations)
          ? destinations.map(withoutMessages)
          : withoutMessages(destinations);
      });
    }
  }
  for (const name of Object.keys(graph.builder.nodes)) {
    const node = graph.nodes[name];
    if (node !== undefined) node.bound = overriding(node.bound, withMessages);
  }
}

function withoutMessages(destination: unknown): unknown {
  if (!(destination instanceof Send)) return destination;
  const { messages: _, ...rest } = destination.args as State;
  return new Send(destination.node, rest);
}

function withMessages(run: Invoke): Invoke {
  return async (input, config) => {
    const { __pregel_read: read, __pregel_scratchpad: scratchpad } = (config?.configurable ?? {}) as Running;
    if (read === undefined || "messages" in (input as State))
      return news(input as State, await run(input, config));
    const state = { ...(input as State), messages: read("messages") };
    // Where a tool's `runtime.state` comes from.
    if (scratchpad !== undefined) scratchpad.currentTaskInput = state;
    return news(state, await run(state, config));
  };
}

/** What a node gives back, without what it was given: objects that are the same, and the messages before the new ones. */
function news(before: State, output: unknown): unknown {
  if (typeof output !== "object" || output === null || Array.isArray(output) || isCommand(output))
    return output;
  const changed = Object.entries(output as State).filter(
    ([key, value]) => typeof value !== "object" || value === null || value !== before[key],
  );
  return Object.fromEntries(
    changed.map(([key, value]) => [key, key === "messages" ? newMessages(before.messages, value) : value]),
  );
}

/** By identity: a message that a hook names in its own answer may have been changed where it lies. */
function newMessages(before: unknown, after: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(after)) return after;
  const starts = before.every((message, position) => message === after[position]);
  return starts ? after.slice(before.length) : after;
}
