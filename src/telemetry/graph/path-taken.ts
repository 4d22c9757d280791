import { END, INTERRUPT, partsOf, START } from "./names.js";
import type { ReadEdge, ReadGraph } from "./read-graph.js";

/** How often a run came by; a node or edge that is not in it was not reached. */
export interface PathTaken {
  readonly nodes: ReadonlyMap<string, number>;
  readonly edges: ReadonlyMap<ReadEdge, number>;
}

/**
 * Which edges a run took, from the order in which its nodes ran. A plain edge is taken whenever its source ran before
 * its target; a conditional one unless another way from its source leads there by a node that ran in between. The end
 * is reached only from where the run did not go on, also by a plain edge: a step of a workflow that failed leads to its
 * undoing, not to the end. Names that the graph does not have are left out, such as those of nodes inside of a
 * sub-graph that is drawn as one. A run whose last name is `__interrupt__` has not reached the end.
 */
export function pathTaken({ nodes, edges }: ReadGraph, ran: readonly string[]): PathTaken {
  const lifted = lift(nodes, ran);
  const order = ran.filter((name) => nodes.includes(name) || lifted.names.has(name));
  if (order.length === 0) return { nodes: new Map(), edges: new Map() };
  const ways = edges.map((edge) => ({
    edge,
    source: lifted.of(edge.source),
    target: lifted.of(edge.target),
  }));
  const nodeCounts = new Map<string, number>();
  const edgeCounts = new Map<ReadEdge, number>();
  const count = <Key>(counts: Map<Key, number>, key: Key): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  const inner = ways.filter(({ source, target }) => source !== target);
  const loops = edges.filter(({ source, target }) => source === target);
  const steps = order.filter((name) => name !== START && name !== END);
  const whole = [START, ...steps, ...(ran.at(-1) === INTERRUPT ? [] : [END])];
  const lastTaken = new Map<string, ReadEdge[]>();
  for (const [position, name] of whole.entries()) {
    if (position > 0) {
      const before = whole.lastIndexOf(name, position - 1);
      const came = inner.filter((way) => {
        const at = way.target === name ? whole.lastIndexOf(way.source, position - 1) : -1;
        if (at <= before) return false;
        const between = whole.slice(at + 1, position);
        if (name === END) return !between.some((next) => leads(inner, way.source, next));
        return !way.edge.isConditional || !goesOn(inner, between, way.source, name);
      });
      const loop = before === position - 1 ? loops.filter(({ source }) => source === name) : [];
      const taken = [...came.map(({ edge }) => edge), ...loop];
      // One source may have sent to a node many times at once.
      const counted = taken.length > 0 ? taken : (lastTaken.get(name) ?? []);
      lastTaken.set(name, counted);
      for (const edge of counted) count(edgeCounts, edge);
    }
    if (nodes.includes(name) || lifted.names.has(name)) count(nodeCounts, name);
  }
  return { nodes: nodeCounts, edges: edgeCounts };
}

interface Way {
  readonly source: string;
  readonly target: string;
}

function leads(ways: readonly Way[], source: string, target: string): boolean {
  return ways.some((way) => way.source === source && way.target === target);
}

/** Whether a node that ran in between lies on a way from the source to the target. */
function goesOn(ways: readonly Way[], between: readonly string[], source: string, target: string): boolean {
  const reached = new Set([source]);
  for (const name of between) if ([...reached].some((before) => leads(ways, before, name))) reached.add(name);
  reached.delete(source);
  return [...reached].some((before) => leads(ways, before, target));
}

/** A sub-graph of which only the name ran stands for all of its nodes. */
function lift(nodes: readonly string[], ran: readonly string[]) {
  const direct = new Set(ran.filter((name) => nodes.includes(name)));
  const groups = new Set(nodes.flatMap((node) => partsOf(node).within));
  const names = new Set(
    ran.filter(
      (name) => groups.has(name) && ![...direct].some((node) => partsOf(node).within.includes(name)),
    ),
  );
  const of = (node: string): string => partsOf(node).within.find((group) => names.has(group)) ?? node;
  return { names, of };
}
