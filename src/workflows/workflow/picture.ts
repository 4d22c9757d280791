import { END, START, StateGraph } from "@langchain/langgraph";
import { NODES } from "./nodes.js";
import type { Plan } from "./plan.js";
import type { workflowState } from "./state.js";

/**
 * The graph as people should see it: steps in the order in which they need each other. What runs has an edge from each
 * step to the node that plans, as any number of them may start at once.
 */
export function pictureOf({ steps }: Plan, state: ReturnType<typeof workflowState>) {
  // Names of nodes are known at run time only.
  const graph = new StateGraph(state) as unknown as StateGraph<unknown, unknown, unknown, string>;
  const nothing = () => ({});
  const needed = new Set(steps.flatMap(({ needs }) => needs));
  graph.addNode(NODES.check, nothing).addEdge(START, NODES.check);
  for (const { name } of steps) graph.addNode(name, nothing);
  const isUndone =
    steps.some(({ step }) => step.compensate !== undefined) &&
    steps.some(({ step }) => step.optional !== true);
  if (isUndone) graph.addNode(NODES.undo, nothing).addEdge(NODES.undo, END);
  for (const { name, needs, step } of steps) {
    for (const need of needs.length > 0 ? needs : [NODES.check]) graph.addEdge(need, name);
    if (!needed.has(name)) graph.addEdge(name, END);
    if (isUndone && step.optional !== true)
      graph.addConditionalEdges(name, () => NODES.undo, { failed: NODES.undo });
  }
  return graph.compile();
}
