import { shorten } from "../pictures/columns.js";
import { formatMs } from "../pictures/format-ms.js";
import { rectAt, round, textAt, textEndingAt, titled, widthOf } from "../pictures/svg.js";
import { type LatencyGroup, type LatencyKind, percentileOf } from "./groups.js";
import type { LogScale } from "./log-scale.js";
import { countsOf } from "./text.js";

/** All in pixels; heights from the row's top. */
const NAME_Y = 15;
const FIGURES_Y = 31;
const PLOT_Y = 42;
const PLOT = 30;
const UNSENT = 12;
const LONGEST_NAME = 64;
const GAP = 10;

export const ROW = PLOT_Y + PLOT + UNSENT + 6;

export const PERCENTILES = [50, 95, 99] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** Between which pixels a scale lies. */
export interface Span {
  readonly left: number;
  readonly right: number;
}

/** A tool's name, its counts, its bars and the marks of its percentiles, in a row that begins at `y`. */
export function drawLatencyRow(
  group: LatencyGroup,
  scale: LogScale,
  { left, right }: Span,
  y: number,
): string {
  const counts = countsOf(group).join(", ");
  const room = Math.floor((right - left - widthOf(counts) - GAP) / widthOf("x"));
  const base = y + PLOT_Y + PLOT;
  const xOf = (ms: number): number => left + scale.shareOf(ms) * (right - left);
  return [
    textAt(left, y + NAME_Y, shorten(group.name, Math.min(LONGEST_NAME, room)), "lb-strong"),
    textEndingAt(right, y + NAME_Y, counts, "lb-faint"),
    ...drawBars(group, scale, { left, right }, base),
    `<line class="lb-base" x1="${left}" x2="${right}" y1="${base}" y2="${base}"/>`,
    ...drawPercentiles(group, xOf, { left, right }, y),
  ].join("");
}

/** Each mark is dashed in its own way, so that the legend can tell them apart. */
export function markAt(percent: Percentile, x: number, from: number, to: number): string {
  return `<line class="lb-mark lb-p${percent}" x1="${round(x)}" x2="${round(x)}" y1="${from}" y2="${to}"/>`;
}

/** What went to the server stands on the line, failed calls on top; what was not sent hangs below it. */
function drawBars({ calls }: LatencyGroup, scale: LogScale, { left, right }: Span, base: number): string[] {
  const count = (kind: LatencyKind): number[] => {
    const bins = Array<number>(scale.bins).fill(0);
    for (const call of calls) {
      const bin = scale.binOf(call.ms);
      if (call.kind === kind) bins[bin] = (bins[bin] ?? 0) + 1;
    }
    return bins;
  };
  const [ok, failed, unsent] = [count("ok"), count("failed"), count("unsent")];
  const most = Math.max(1, ...ok.map((each, bin) => each + (failed[bin] ?? 0)));
  const mostUnsent = Math.max(1, ...unsent);
  const width = (right - left) / scale.bins;
  // A single call is still to be seen.
  const heightOf = (calls: number, of: number, room: number): number =>
    calls === 0 ? 0 : Math.max(2, (calls / of) * (room - 2));

  return Array.from({ length: scale.bins }, (_, bin) => {
    const [okCount = 0, failedCount = 0, unsentCount = 0] = [ok[bin], failed[bin], unsent[bin]];
    const [okHeight, failedHeight] = [heightOf(okCount, most, PLOT), heightOf(failedCount, most, PLOT)];
    const unsentHeight = heightOf(unsentCount, mostUnsent, UNSENT);
    const x = left + bin * width + 0.5;
    const bars = [
      ...(okCount > 0 ? [rectAt("lb-ok", x, base - okHeight, width - 1, okHeight, 0)] : []),
      ...(failedCount > 0
        ? [rectAt("lb-failed", x, base - okHeight - failedHeight, width - 1, failedHeight, 0)]
        : []),
      ...(unsentCount > 0 ? [rectAt("lb-cached", x, base, width - 1, unsentHeight, 0)] : []),
    ];
    if (bars.length === 0) return "";
    const words = [
      `${formatMs(edgeOf(scale, bin))} to ${formatMs(edgeOf(scale, bin + 1))}`,
      `${okCount} ok`,
      `${failedCount} failed`,
      `${unsentCount} not sent`,
    ];
    return titled(words.join(", "), bars);
  });
}

function edgeOf({ fromMs, toMs, bins }: LogScale, bin: number): number {
  return fromMs * (toMs / fromMs) ** (bin / bins);
}

/** A figure for each mark, with a line that leads to it; those that would meet stand beside each other. */
function drawPercentiles(
  { sentMs }: LatencyGroup,
  xOf: (ms: number) => number,
  { left, right }: Span,
  y: number,
): string[] {
  const marks = PERCENTILES.flatMap((percent) => {
    const ms = percentileOf(sentMs, percent / 100);
    return ms === undefined ? [] : [{ percent, x: xOf(ms), label: `p${percent} ${formatMs(ms)}` }];
  });
  const starts = sideBySide(
    marks.map(({ x, label }) => ({ from: x - 3, width: widthOf(label) })),
    { left, right },
  );
  return [
    ...marks.map(({ percent, x }) => markAt(percent, x, y + PLOT_Y, y + PLOT_Y + PLOT)),
    ...marks.flatMap(({ x, label }, index) => {
      const start = starts[index] ?? left;
      const leader = `M${round(start + 3)} ${y + FIGURES_Y + 3}L${round(x)} ${y + PLOT_Y}`;
      return [`<path class="lb-leader" d="${leader}"/>`, textAt(start, y + FIGURES_Y, label)];
    }),
  ];
}

/** Where each text begins so that none meets another, near to where it would like to; their order stays. */
function sideBySide(
  texts: readonly { readonly from: number; readonly width: number }[],
  { left, right }: Span,
): number[] {
  const starts: number[] = [];
  let free = left;
  for (const { from, width } of texts) {
    starts.push(Math.max(free, from));
    free = Math.max(free, from) + width + GAP;
  }
  let end = right;
  for (const [index, { width }] of [...texts.entries()].reverse()) {
    starts[index] = Math.min(starts[index] ?? left, end - width);
    end = (starts[index] ?? left) - GAP;
  }
  return starts;
}
