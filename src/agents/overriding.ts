import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import { unwrapped } from "./unwrapped.js";

export type Invoke = (input: unknown, config?: RunnableConfig) => Promise<unknown>;

/** The same runnable, run in another way: it keeps its name, and no run of its own shows in a trace. */
export function overriding<Step extends Runnable>(step: Step, wrap: (run: Invoke) => Invoke): Step {
  const invoke = wrap(async (input, config) => {
    try {
      return await step.invoke(input, config);
    } catch (error) {
      throw unwrapped(error);
    }
  });
  return Object.assign(Object.create(step) as Step, { invoke });
}

interface Graph {
  readonly builder: { readonly nodes: object };
  readonly nodes: Readonly<Record<string, { bound: Runnable } | undefined>>;
}

/** Has what an agent throws be what it met with: LangChain wraps it, and a caller would find no code to branch on. */
export function throwingOurs<Agent>(agent: Agent): Agent {
  const { builder, nodes } = agent as Graph;
  for (const name of Object.keys(builder.nodes)) {
    const node = nodes[name];
    if (node !== undefined) node.bound = overriding(node.bound, (run) => run);
  }
  return agent;
}
