import { BatonError } from "../../core/errors.js";

/** A node as LangGraph tells of it; other keys are not looked at. */
export interface GraphNode {
  readonly id: string | number;
}

/** An edge as LangGraph tells of it: `data` is the word that a condition leads by. */
export interface GraphEdge {
  readonly source: string | number;
  readonly target: string | number;
  readonly data?: string | undefined;
  readonly conditional?: boolean | undefined;
}

/** Nodes and edges: of `getGraphAsync()`, or as `client.assistants.getGraph()` of LangGraph's server answers. */
export interface GraphShape {
  readonly nodes: readonly GraphNode[] | Readonly<Record<string, GraphNode>>;
  readonly edges: readonly GraphEdge[];
}

/** A compiled graph of LangGraph, or one behind its server (`RemoteGraph`). */
export interface GraphSource {
  getGraphAsync(config?: { xray?: boolean | number }): Promise<GraphShape>;
}

/** What is drawn: ids are texts, edges lead to nodes that are there, in the order given. */
export interface ReadGraph {
  readonly nodes: readonly string[];
  readonly edges: readonly ReadEdge[];
}

export interface ReadEdge {
  readonly source: string;
  readonly target: string;
  readonly isConditional: boolean;
  /** `""` for none. */
  readonly label: string;
}

/** A picture of more says nothing to people, and where all leads to all its layout takes minutes, not seconds. */
const MOST_NODES = 200;
const MOST_EDGES = 300;

/** @throws {BatonError} `INVALID_ARGUMENTS` for what is no graph, has no node or is too large to be drawn */
export async function readGraph(
  graph: GraphSource | GraphShape,
  xray: boolean | number | undefined,
): Promise<ReadGraph> {
  const shape = isSource(graph) ? await graph.getGraphAsync(xray === undefined ? {} : { xray }) : graph;
  if (!isShape(shape))
    throw invalid(
      "the graph must be a compiled LangGraph graph or { nodes, edges }: pass what compile() or client.assistants.getGraph() gave",
    );
  const nodes = [
    ...new Set((Array.isArray(shape.nodes) ? shape.nodes : Object.values(shape.nodes)).map(idOf)),
  ];
  const { edges } = shape;
  if (nodes.length === 0) throw invalid("the graph has no node: add one before you draw it");
  if (nodes.length > MOST_NODES || edges.length > MOST_EDGES)
    throw invalid(
      `a graph of ${nodes.length} nodes and ${edges.length} edges is too large for a picture of at most ${MOST_NODES} and ${MOST_EDGES}: draw it without xray, or each sub-graph for itself`,
    );
  const known = new Set(nodes);
  const read = merged(
    edges.map(({ source, target, data, conditional }) => ({
      source: String(source),
      target: String(target),
      isConditional: conditional === true,
      // LangGraph repeats the name of the target where a condition has no word of its own.
      label: data === undefined || data === null || data === String(target) ? "" : String(data),
    })),
  );
  const loose = read.find(({ source, target }) => !known.has(source) || !known.has(target));
  if (loose)
    throw invalid(
      `the edge from '${loose.source}' to '${loose.target}' leads to a node that is not in nodes: add the node or drop the edge`,
    );
  return { nodes, edges: read };
}

/** Ways that are alike in all become one, whose word says how many they are. */
function merged(edges: readonly ReadEdge[]): ReadEdge[] {
  const alike = new Map<string, { readonly edge: ReadEdge; readonly count: number }>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.source, edge.target, edge.isConditional, edge.label]);
    alike.set(key, { edge, count: (alike.get(key)?.count ?? 0) + 1 });
  }
  return [...alike.values()].map(({ edge, count }) =>
    count === 1 ? edge : { ...edge, label: [edge.label, `${count} ways`].filter(Boolean).join(", ") },
  );
}

function idOf({ id }: GraphNode): string {
  return String(id);
}

function isSource(graph: unknown): graph is GraphSource {
  return typeof (graph as Partial<GraphSource> | null | undefined)?.getGraphAsync === "function";
}

function isShape(shape: unknown): shape is GraphShape {
  if (typeof shape !== "object" || shape === null) return false;
  const { nodes, edges } = shape as Partial<GraphShape>;
  if (typeof nodes !== "object" || nodes === null || !Array.isArray(edges)) return false;
  return [...Object.values(nodes), ...edges].every((each) => typeof each === "object" && each !== null);
}

function invalid(problem: string): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `drawGraph(): ${problem}`);
}
