import { checkGraphOptions } from "./graph/check-options.js";
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
   * drawn strong, with how often; the rest is faint. Names that the graph does not have are left out. End them with
   * `__end__` once the run has ended: from a node that may also go on nobody else can know. @default not told
   */
  readonly ran?: readonly string[];
  /** The nodes that wait for a person, as `(await graph.getState(config)).next` tells: drawn hatched. @default none */
  readonly waiting?: readonly string[];
}

/**
 * Any compiled LangGraph graph as a picture: nodes, conditions dashed with their word, sub-graphs as frames. Drawn in
 * this process, with no browser and no network. Which ways a run took is told from the order of its nodes; see
 * `docs/pictures.md`.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used, `INVALID_ARGUMENTS` for what is no graph, and one that has no node, has more than 200 nodes or
 *   300 edges, or that Graphviz cannot lay out
 * @example
 * ```ts
 * const ran: string[] = [];
 * for await (const update of await agent.stream(input, { streamMode: "updates" })) ran.push(...Object.keys(update));
 * ran.push(END);
 * await drawGraph(agent, { ran });
 * ```
 */
export async function drawGraph(
  graph: GraphSource | GraphShape,
  options: DrawGraphOptions = {},
): Promise<Picture> {
  checkGraphOptions(options);
  const { direction = "down", xray, ran, waiting = [] } = options;
  const read = await readGraph(graph, xray);
  const path = ran && pathTaken(read, ran);
  const waits = new Set(waiting);
  return createPicture(
    await graphSvg(read, path, { direction, waiting: waits }),
    graphText(read, path, waits),
  );
}
