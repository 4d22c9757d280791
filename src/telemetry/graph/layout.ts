import { BatonError, reasonOf } from "../../core/errors.js";
import { partsOf } from "./names.js";

/** All in pixels; y grows downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is to be placed: texts are measured already, so that the layout knows no names and no fonts. */
export interface Measured {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly {
    readonly source: string;
    readonly target: string;
    readonly labelWidth: number;
  }[];
  /** The width of the title of a sub-graph. */
  readonly titleWidthOf: (group: string) => number;
}

/** Nodes and labels by their centre, edges as cubic Bézier curves with the tip of their arrow. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Point>;
  /** In the order of the edges given. */
  readonly edges: readonly {
    readonly curve: readonly Point[];
    readonly tip: Point;
    readonly label?: Point;
  }[];
  readonly groups: readonly {
    readonly id: string;
    readonly from: Point;
    readonly to: Point;
    readonly title: Point;
  }[];
}

export const LABEL_HEIGHT = 16;
const POINTS_PER_INCH = 72;
/** Edges that are led around everything with as few crossings as can be; with more the search would not end in time. */
const MOST_WITH_CARE = 100;
const HASTE = ";nslimit=0.2;nslimit1=0.2;mclimit=0.1;splines=line";

/**
 * Places a graph with Graphviz's `dot`. One of its points is one pixel here.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when Graphviz gives up
 */
export async function layOut(measured: Measured, direction: "down" | "right"): Promise<Layout> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  const dot = toDot(measured, direction);
  try {
    return readLayout(
      JSON.parse(graphviz.layout(dot.text, "json", "dot", { yInvert: true })),
      measured,
      dot.groups,
    );
  } catch (error) {
    throw new BatonError(
      "INVALID_ARGUMENTS",
      `drawGraph(): Graphviz cannot lay out this graph (${reasonOf(error)}): draw it without xray, or with the other direction`,
      { cause: error },
    );
  }
}

/** Names never reach Graphviz: nodes are `n0`, `n1`, edges carry their position as `id`, texts are empty boxes. */
function toDot({ nodes, edges, titleWidthOf }: Measured, direction: "down" | "right") {
  const groups: string[] = [];
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const inches = (pixels: number): string => (pixels / POINTS_PER_INCH).toFixed(4);
  const nodesIn = (group: string): string =>
    nodes
      .filter(({ id }) => (partsOf(id).within.at(-1) ?? "") === group)
      .map(({ id, width, height }) => `${ids.get(id)}[width=${inches(width)},height=${inches(height)}];`)
      .join("");
  const all = [...new Set(nodes.flatMap(({ id }) => partsOf(id).within))];
  const groupsIn = (parent: string): string =>
    all
      .filter((group) => (partsOf(group).within.at(-1) ?? "") === parent)
      .map((group) => {
        const index = groups.push(group) - 1;
        const inner = nodesIn(group) + groupsIn(group);
        return `subgraph cluster_${index}{label=${boxOf(titleWidthOf(group))};${inner}}`;
      })
      .join("");
  const drawn = edges.map(({ source, target, labelWidth }, index) => {
    const label = labelWidth > 0 ? `,label=${boxOf(labelWidth)}` : "";
    return `${ids.get(source)}->${ids.get(target)}[id="${index}"${label}];`;
  });
  const layout = `rankdir=${direction === "down" ? "TB" : "LR"};nodesep=0.4;ranksep=0.45;pad=0;labeljust=l${edges.length > MOST_WITH_CARE ? HASTE : ""}`;
  const text = `digraph{${layout};node[shape=box,fixedsize=true,label=""];${nodesIn("")}${groupsIn("")}${drawn.join("")}}`;
  return { text, groups };
}

/** A text of this width, as Graphviz's tables take one. */
function boxOf(width: number): string {
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="${Math.ceil(width)}" HEIGHT="${LABEL_HEIGHT}"><TR><TD></TD></TR></TABLE>>`;
}

/** The parts of Graphviz's `json` that are read. */
interface Drawn {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly pos?: string;
    readonly bb?: string;
    readonly lp?: string;
  }[];
  readonly edges?: readonly { readonly id: string; readonly pos: string; readonly lp?: string }[];
}

function readLayout(
  { bb, objects = [], edges = [] }: Drawn,
  { nodes }: Measured,
  groups: readonly string[],
): Layout {
  const [, height = 0, width = 0] = numbersOf(bb);
  const byName = new Map(objects.map((each) => [each.name, each]));
  const byEdge = new Map(edges.map((each) => [Number(each.id), each]));
  return {
    width,
    height,
    nodes: new Map(nodes.map(({ id }, index) => [id, pointOf(byName.get(`n${index}`)?.pos ?? "")])),
    edges: [...byEdge.keys()]
      .sort((a, b) => a - b)
      .map((index) => {
        const { pos = "", lp } = byEdge.get(index) ?? {};
        // "e,x,y x,y x,y ...": the tip of the arrow, then the points of the curve.
        const [tip = "", ...curve] = pos.split(" ");
        return {
          tip: pointOf(tip.replace("e,", "")),
          curve: curve.map(pointOf),
          ...(lp !== undefined && { label: pointOf(lp) }),
        };
      }),
    groups: groups.map((id, index) => {
      const { bb: box = "", lp = "" } = byName.get(`cluster_${index}`) ?? {};
      const [left = 0, bottom = 0, right = 0, top = 0] = numbersOf(box);
      return { id, from: { x: left, y: top }, to: { x: right, y: bottom }, title: pointOf(lp) };
    }),
  };
}

function pointOf(text: string): Point {
  const [x = 0, y = 0] = numbersOf(text);
  return { x, y };
}

function numbersOf(text: string): number[] {
  return text.split(",").map(Number);
}
