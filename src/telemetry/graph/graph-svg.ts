import { shorten } from "../pictures/columns.js";
import { svgOf, widthOf } from "../pictures/svg.js";
import { layOut } from "./layout.js";
import { END, isEdgeOfRun, labelOf } from "./names.js";
import type { PathTaken } from "./path-taken.js";
import type { ReadGraph } from "./read-graph.js";
import { type Box, drawEdge, drawFrame, drawLabel, drawNode, drawTitle, type State } from "./shapes.js";

const MARGIN = 16;
const NODE_HEIGHT = 30;
const PILL_HEIGHT = 22;
const NARROWEST = 46;
const LONGEST_NAME = 44;
const LONGEST_LABEL = 36;

/** See `drawGraph`: without a path every part is drawn alike. */
export async function graphSvg(
  { nodes, edges }: ReadGraph,
  path: PathTaken | undefined,
  { direction, waiting }: { readonly direction: "down" | "right"; readonly waiting: ReadonlySet<string> },
): Promise<string> {
  const nameOf = (node: string): string =>
    withCount(shorten(labelOf(node), LONGEST_NAME), path?.nodes.get(node));
  const boxes = nodes.map((id): Box => {
    const label = nameOf(id);
    const width = Math.max(NARROWEST, widthOf(label) + 24);
    return { id, label, width, height: isEdgeOfRun(id) ? PILL_HEIGHT : NODE_HEIGHT };
  });
  const ways = edges.map((edge) => {
    const label = withCount(shorten(edge.label, LONGEST_LABEL), path?.edges.get(edge)).trim();
    return { edge, label, isTaken: path?.edges.has(edge) === true };
  });
  const measured = {
    nodes: boxes,
    edges: ways.map(({ edge: { source, target }, label }) => ({
      source,
      target,
      labelWidth: label === "" ? 0 : widthOf(label) + 8,
    })),
    titleWidthOf: (group: string) => widthOf(nameOf(group)),
  };
  const layout = await layOut(measured, direction);
  const stateOf = (isOn: boolean): Exclude<State, "waits"> => (path ? (isOn ? "ran" : "idle") : "plain");
  const drawn = ways.flatMap(({ edge, label, isTaken }, index) => {
    const placed = layout.edges[index];
    if (!placed) return [];
    const word = placed.label && label !== "" ? drawLabel(label, placed.label, isTaken) : "";
    return [{ isTaken, line: drawEdge(edge, placed, stateOf(isTaken)), word }];
  });
  const name = `a graph of ${nodes.length} nodes and ${edges.length} edges`;
  return svgOf(layout.width + 2 * MARGIN, layout.height + 2 * MARGIN, name, [
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    ...layout.groups.map(drawFrame),
    // What was taken lies above what was not.
    ...drawn.filter(({ isTaken }) => !isTaken).map(({ line }) => line),
    ...drawn.filter(({ isTaken }) => isTaken).map(({ line }) => line),
    ...layout.groups.map((group) => drawTitle(group, nameOf(group.id))),
    ...drawn.map(({ word }) => word).filter((word) => word !== ""),
    ...boxes.flatMap((box) => {
      const at = layout.nodes.get(box.id);
      if (at === undefined) return [];
      if (waiting.has(box.id)) return [drawNode(box, at, "waits")];
      const isUnknown = box.id === END && path?.isEndKnown === false;
      return [drawNode(box, at, isUnknown ? "plain" : stateOf(path?.nodes.has(box.id) === true))];
    }),
    "</g>",
  ]);
}

function withCount(label: string, count = 1): string {
  return count > 1 ? `${label} ×${count}` : label;
}
