import { shorten } from "../pictures/columns.js";
import { END, fullLabelOf, START } from "./names.js";
import type { PathTaken } from "./path-taken.js";
import type { ReadEdge, ReadGraph } from "./read-graph.js";

const LONGEST_NAME = 80;

/**
 * What leads where, in words: a line for each way on, from the start. `a → b` always, `a → b + c` to both at once,
 * `a ⇢ b | (word) c` to one of them, as a condition says.
 */
export function graphText(
  graph: ReadGraph,
  path: PathTaken | undefined,
  waiting: ReadonlySet<string>,
): string {
  const { nodes, edges } = graph;
  const leaving = (node: string): readonly ReadEdge[] => edges.filter(({ source }) => source === node);
  const named = (node: string): string => {
    const count = path?.nodes.get(node) ?? 1;
    const name = shorten(fullLabelOf(node), LONGEST_NAME);
    return count > 1 ? `${name} ×${count}` : name;
  };
  const told = new Set<string>();
  // Those that lead to the same share a line.
  const lines = new Map<string, string[]>();
  for (const node of fromStart(graph)) {
    if (told.has(node)) continue;
    const chain = [node];
    told.add(node);
    let out = leaving(node);
    // One line goes on as long as there is one way only.
    for (let next = onlyWay(out); next !== undefined && !told.has(next); next = onlyWay(out)) {
      told.add(next);
      chain.push(next);
      out = leaving(next);
    }
    // Where others lead is told with them.
    if (chain.length === 1 && out.length === 0 && edges.some(({ target }) => target === node)) continue;
    const [first = "", ...rest] = chain.map(named);
    const onwards = rest.map((name) => ` → ${name}`).join("") + waysOn(out, named);
    lines.set(onwards, [...(lines.get(onwards) ?? []), first]);
  }
  const text = [...lines].map(([onwards, from]) => from.join(", ") + onwards);
  const idle = nodes.filter((node) => path && !path.nodes.has(node) && !waiting.has(node));
  const missed = idle.filter((node) => node !== END || path?.isEndKnown);
  if (missed.length > 0) text.push(`did not run: ${missed.map(named).join(", ")}`);
  const halted = nodes.filter((node) => waiting.has(node));
  if (halted.length > 0) text.push(`waits: ${halted.map(named).join(", ")}`);
  return text.join("\n");
}

function onlyWay(out: readonly ReadEdge[]): string | undefined {
  const [only] = out;
  return out.length === 1 && only?.isConditional === false && only.label === "" ? only.target : undefined;
}

function waysOn(out: readonly ReadEdge[], named: (node: string) => string): string {
  const toText = ({ target, label }: ReadEdge): string =>
    label === "" ? named(target) : `(${shorten(label, LONGEST_NAME)}) ${named(target)}`;
  const always = out.filter(({ isConditional }) => !isConditional).map(toText);
  const chosen = out.filter(({ isConditional }) => isConditional).map(toText);
  return [
    always.length > 0 ? ` → ${always.join(" + ")}` : "",
    chosen.length > 0 ? ` ⇢ ${chosen.join(" | ")}` : "",
  ].join("");
}

/** All nodes, those first that are reached from the start, the nearest first. */
function fromStart({ nodes, edges }: ReadGraph): readonly string[] {
  const order = new Set(nodes.includes(START) ? [START] : []);
  for (const node of order) for (const { source, target } of edges) if (source === node) order.add(target);
  return [...new Set([...order, ...nodes])];
}
