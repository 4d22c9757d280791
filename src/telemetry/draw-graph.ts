import { BatonError } from "../core/errors.js";
import { graphSvg } from "./graph/graph-svg.js";
import { graphText } from "./graph/graph-text.js";
import { pathTaken } from "./graph/path-taken.js";
import { type GraphShape, type GraphSource, readGraph } from "./graph/read-graph.js";
import { createPicture, type Picture } from "./picture.js";

export type { GraphEdge, GraphNode, GraphShape, GraphSource } from "./graph/read-graph.js";

export interface DrawGraphOptions {
  /** Where it leads to: from top to bottom or, for long names and few branches, from left to right. @default "down" */
  readonly direction?: "down" | "right";
  /** Also what is inside of sub-graphs, so many levels deep. @default false */
  readonly xray?: boolean | number;
  /**
   * The nodes in the order in which they ran, as a stream of `updates` tells them. They and the ways between them are
   * drawn strong, with how often; the rest is faint. Names that the graph does not have are left out. @default not told
   */
  readonly ran?: readonly string[];
}

const DIRECTIONS: readonly unknown[] = ["down", "right"];

/**
 * Any compiled LangGraph graph as a picture: nodes, conditions dashed with their word, sub-graphs as frames. Drawn in
 * this process, with no browser and no network. Which ways a run took is told from the order of its nodes; see
 * `docs/pictures.md`.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for what is no graph, and one that has no node, has more than 200 nodes or
 *   300 edges, or that Graphviz cannot lay out
 * @example
 * ```ts
 * const ran: string[] = [];
 * for await (const update of await agent.stream(input, { streamMode: "updates" })) ran.push(...Object.keys(update));
 * await drawGraph(agent, { ran });
 * ```
 */
export async function drawGraph(
  graph: GraphSource | GraphShape,
  options: DrawGraphOptions = {},
): Promise<Picture> {
  const { direction = "down", xray, ran } = options;
  if (!DIRECTIONS.includes(direction))
    throw new BatonError(
      "INVALID_ARGUMENTS",
      `drawGraph(): direction is '${String(direction)}': take "down" or "right"`,
    );
  const read = await readGraph(graph, xray);
  const path = ran && pathTaken(read, ran);
  return createPicture(await graphSvg(read, path, direction), graphText(read, path));
}
