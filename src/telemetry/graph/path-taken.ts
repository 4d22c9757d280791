import { END, INTERRUPT, partsOf, START } from "./names.js";
import type { ReadEdge, ReadGraph } from "./read-graph.js";

/** How often a run came by; a node or edge that is not in it was not reached, but for an end that is not known. */
export interface PathTaken {
  readonly nodes: ReadonlyMap<string, number>;
  readonly edges: ReadonlyMap<ReadEdge, number>;
  /** False where the names do not tell whether the run has reached the end. */
  readonly isEndKnown: boolean;
}

interface Way {
  readonly edge: ReadEdge;
  readonly source: string;
  readonly target: string;
}

/**
 * Which edges a run took, from the order in which its nodes ran. A plain edge is taken whenever its source ran before
 * its target; a conditional one unless another way from its source leads there by a node that ran in between. The end
 * is reached when the names end with it, or the last node that ran leads nowhere else and no branch is open, and only
 * from where the run did not go on: a step of a workflow that failed leads to its undoing, not to the end. Names that
 * the graph does not have are left out, such as those of nodes inside of a sub-graph that is drawn as one. A run whose
 * last name is `__interrupt__` has not reached the end.
 */
export function pathTaken({ nodes, edges }: ReadGraph, ran: readonly string[]): PathTaken {
  const known = new Set(nodes);
  const lifted = lift(nodes, known, ran);
  const isStep = (name: string): boolean =>
    (known.has(name) || lifted.names.has(name)) && name !== START && name !== END;
  const steps = ran.filter(isStep);
  const isTold = ran.at(-1) === END && ran.at(-2) !== INTERRUPT;
  const isWaiting = ran.at(-1) === INTERRUPT || ran.at(-2) === INTERRUPT;
  if (steps.length === 0 && !isTold) return { nodes: new Map(), edges: new Map(), isEndKnown: true };
  const ways = edges.map(
    (edge): Way => ({ edge, source: lifted.of(edge.source), target: lifted.of(edge.target) }),
  );
  const inner = ways.filter(({ source, target }) => source !== target);
  const isAtEnd = isTold || (!isWaiting && mustHaveEnded(inner, steps));
  const whole = [START, ...steps, ...(isAtEnd ? [END] : [])];
  const counted = countWays(whole, ways);
  const nodeCounts = new Map<string, number>();
  for (const name of whole)
    if (known.has(name) || lifted.names.has(name)) nodeCounts.set(name, (nodeCounts.get(name) ?? 0) + 1);
  return { nodes: nodeCounts, edges: counted, isEndKnown: isAtEnd || isWaiting };
}

/** How often each edge was taken by a whole run. */
function countWays(whole: readonly string[], ways: readonly Way[]): Map<ReadEdge, number> {
  const counts = new Map<ReadEdge, number>();
  const inner = ways.filter(({ source, target }) => source !== target);
  const incoming = groupBy(inner, ({ target }) => target);
  const sources = new Map(
    [...incoming].map(([target, into]) => [target, new Set(into.map(({ source }) => source))]),
  );
  const leads = (source: string, target: string): boolean => sources.get(target)?.has(source) === true;
  const lastAt = new Map<string, number>();
  const lastTaken = new Map<string, readonly ReadEdge[]>();
  for (const [position, name] of whole.entries()) {
    const before = lastAt.get(name) ?? -1;
    const came = (incoming.get(name) ?? []).filter(({ edge, source }) => {
      const at = lastAt.get(source) ?? -1;
      if (at <= before) return false;
      if (name !== END && !edge.isConditional) return true;
      const between = whole.slice(at + 1, position);
      if (name === END) return !between.some((next) => leads(source, next));
      return !goesOn(sources, between, source, name);
    });
    const isRepeated = position > 0 && before === position - 1;
    const loops = isRepeated ? ways.filter(({ edge }) => edge.source === name && edge.target === name) : [];
    const taken = [...came, ...loops].map(({ edge }) => edge);
    // One source may have sent to a node many times at once.
    const counted = taken.length > 0 ? taken : (lastTaken.get(name) ?? []);
    lastTaken.set(name, counted);
    lastAt.set(name, position);
    for (const edge of counted) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return counts;
}

/** Whether a node that ran in between lies on a way from the source to the target. */
function goesOn(
  sources: ReadonlyMap<string, ReadonlySet<string>>,
  between: readonly string[],
  source: string,
  target: string,
): boolean {
  const reached = new Set([source]);
  const isReachable = (name: string): boolean =>
    [...(sources.get(name) ?? [])].some((from) => reached.has(from));
  for (const name of between) if (!reached.has(name) && isReachable(name)) reached.add(name);
  reached.delete(source);
  return isReachable(target);
}

/** Whether a run of these steps cannot but have ended: its last one leads nowhere else, and no branch is open. */
function mustHaveEnded(ways: readonly Way[], steps: readonly string[]): boolean {
  const leaving = groupBy(ways, ({ source }) => source);
  const last = leaving.get(steps.at(-1) ?? START) ?? [];
  if (last.length === 0 || !last.every(({ target }) => target === END)) return false;
  const done = new Set([START, ...steps]);
  // Of ways without any condition all are taken.
  return [...done].every((name) => {
    const out = leaving.get(name) ?? [];
    return (
      out.some(({ edge }) => edge.isConditional) ||
      out.every(({ target }) => target === END || done.has(target))
    );
  });
}

/** A sub-graph of which only the name ran stands for all of its nodes. */
function lift(nodes: readonly string[], known: ReadonlySet<string>, ran: readonly string[]) {
  const told = new Set(ran);
  const opened = new Set([...told].filter((name) => known.has(name)).flatMap((name) => partsOf(name).within));
  const groups = new Set(nodes.flatMap((node) => partsOf(node).within));
  const names = new Set([...told].filter((name) => groups.has(name) && !opened.has(name)));
  const of = (node: string): string => partsOf(node).within.find((group) => names.has(group)) ?? node;
  return { names, of };
}

function groupBy(ways: readonly Way[], keyOf: (way: Way) => string): Map<string, Way[]> {
  const groups = new Map<string, Way[]>();
  for (const way of ways) {
    const group = groups.get(keyOf(way));
    if (group) group.push(way);
    else groups.set(keyOf(way), [way]);
  }
  return groups;
}
