import { hatch } from "../pictures/hatch.js";
import { rectAt, round, textAt, titled, widthOf } from "../pictures/svg.js";
import { LABEL_HEIGHT, type Layout, type Point } from "./layout.js";
import { isEdgeOfRun } from "./names.js";
import type { ReadEdge } from "./read-graph.js";

/** What a picture says of a part: nothing more than that it is there, whether the run came by, or that it waits there. */
export type State = "plain" | "ran" | "idle" | "waits";

export interface Box {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

const NODE_CLASSES = {
  plain: "lb-node",
  ran: "lb-node lb-ran",
  idle: "lb-node lb-idle",
  waits: "lb-node lb-waits",
} as const;
const EDGE_CLASSES = { plain: "lb-edge", ran: "lb-edge lb-took", idle: "lb-edge lb-missed" } as const;
const TIP_CLASSES = { plain: "lb-tip", ran: "lb-took-tip", idle: "lb-missed-tip" } as const;
const TEXT_CLASSES = { plain: "", ran: " lb-strong", idle: " lb-faint", waits: " lb-strong" } as const;
const ARROW_LENGTH = 9;
const ARROW_WIDTH = 8;
/** From the middle of a line of text down to its baseline. */
const BASELINE = 4;

/** A box with its name in the middle; a pill for where a run begins and ends. */
export function drawNode({ id, label, width, height }: Box, at: Point, state: State): string {
  const isPill = isEdgeOfRun(id);
  const classes = isPill && state === "plain" ? "lb-node lb-pill" : NODE_CLASSES[state];
  const box = rectAt(classes, at.x - width / 2, at.y - height / 2, width, height, isPill ? height / 2 : 6);
  const lines =
    state === "waits"
      ? [
          hatch(at.x - width / 2, at.y - height / 2, width, height),
          rectAt(
            "lb-over",
            at.x - widthOf(label) / 2 - 4,
            at.y - LABEL_HEIGHT / 2,
            widthOf(label) + 8,
            LABEL_HEIGHT,
          ),
        ]
      : [];
  return titled(id, [box, ...lines, centred(at, label, TEXT_CLASSES[state])]);
}

/** A curve with the head of an arrow; dashed for a condition. */
export function drawEdge(
  { source, target, label, isConditional }: ReadEdge,
  { curve, tip }: Layout["edges"][number],
  state: Exclude<State, "waits">,
): string {
  const [first, ...rest] = curve;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const classes = `${EDGE_CLASSES[state]}${isConditional ? " lb-condition" : ""}`;
  const head = arrow(last, tip);
  const word = label === "" ? "" : ` (${label})`;
  return titled(`${source}${word} → ${target}`, [
    `<path class="${classes}" d="M${pair(first)}C${rest.map(pair).join(" ")}L${pair(head.base)}"/>`,
    `<path class="${TIP_CLASSES[state]}" d="${head.path}"/>`,
  ]);
}

/** Of one size, whatever room Graphviz left for it. */
function arrow(from: Point, tip: Point): { readonly base: Point; readonly path: string } {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const along = { x: (tip.x - from.x) / length, y: (tip.y - from.y) / length };
  const base = { x: tip.x - along.x * ARROW_LENGTH, y: tip.y - along.y * ARROW_LENGTH };
  const side = { x: (-along.y * ARROW_WIDTH) / 2, y: (along.x * ARROW_WIDTH) / 2 };
  const left = { x: base.x + side.x, y: base.y + side.y };
  const right = { x: base.x - side.x, y: base.y - side.y };
  return { base, path: `M${pair(tip)}L${pair(left)} ${pair(right)}Z` };
}

export function drawLabel(label: string, at: Point, isTaken: boolean): string {
  return centred(at, label, isTaken ? " lb-strong" : " lb-faint");
}

/** The frame of a sub-graph. */
export function drawFrame({ from, to }: Layout["groups"][number]): string {
  return rectAt("lb-group", from.x, from.y, to.x - from.x, to.y - from.y, 8);
}

/** Its title, on a ground of its own: a way into the frame may pass behind it. */
export function drawTitle({ from, title }: Layout["groups"][number], label: string): string {
  const x = from.x + 8;
  const top = title.y - LABEL_HEIGHT / 2;
  const ground = rectAt("lb-over", x - 2, top, widthOf(label) + 4, LABEL_HEIGHT);
  return ground + textAt(x, title.y + BASELINE, label, "lb-faint");
}

function centred({ x, y }: Point, label: string, more: string): string {
  return textAt(x, y + BASELINE, label, `lb-middle${more}`);
}

function pair({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}
