/** LangGraph's own names of where a run begins and ends. */
export const START = "__start__";
export const END = "__end__";
/** What LangGraph's stream of updates has in place of a node where a run waits for a person. */
export const INTERRUPT = "__interrupt__";
/** Between the name of a sub-graph and that of a node in it; no name of a node has one. */
const WITHIN = ":";

/** A node's own name, and the sub-graphs around it, the outermost first: `a` and `a:b` for `a:b:c`. */
export function partsOf(node: string): { readonly name: string; readonly within: readonly string[] } {
  const parts = node.split(WITHIN);
  // A name of someone else's graph: nothing has no name, and no sub-graph is within itself.
  if (parts.includes("")) return { name: node, within: [] };
  const within = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join(WITHIN));
  return { name: parts.at(-1) ?? node, within };
}

/** True for where a run, or a sub-graph, begins or ends. */
export function isEdgeOfRun(node: string): boolean {
  const { name } = partsOf(node);
  return name === START || name === END;
}

/** What people read for a node below its sub-graph: `start` and `end` for those of LangGraph. */
export function labelOf(node: string): string {
  const { name } = partsOf(node);
  if (name === START) return "start";
  return name === END ? "end" : name;
}

/** What people read for a node where nothing shows its sub-graph: `sub:end`. */
export function fullLabelOf(node: string): string {
  const group = partsOf(node).within.at(-1);
  return group === undefined ? labelOf(node) : `${group}${WITHIN}${labelOf(node)}`;
}
