import { countOf, type LatencyGroup, latencyGroups } from "./latency/groups.js";
import { drawLogAxis } from "./latency/log-axis.js";
import { createLogScale } from "./latency/log-scale.js";
import { drawLatencyRow, markAt, PERCENTILES, ROW } from "./latency/row.js";
import { latencyText } from "./latency/text.js";
import { createPicture, type Picture } from "./picture.js";
import { counted } from "./pictures/columns.js";
import { drawLegend, type LegendEntry } from "./pictures/legend.js";
import { MARGIN, rectAt, svgOf, WIDTH } from "./pictures/svg.js";
import { readSpans } from "./timeline/input.js";
import type { TimelineSpan } from "./timeline.js";

/** In pixels. */
const AXIS = 22;

/**
 * How long calls took, a histogram for each `server.tool` on one scale on which each tenfold of time is as long as any
 * other. The twelve tools with the most calls have one each, all others one together; each is as high as its own
 * fullest part. Failed calls stand on top in the colour of failures; calls for which nothing was sent, as a
 * cache answered or a breaker held them back, hang below the line. What was interrupted or has not ended is not counted, less than 1 ms counts as 1 ms.
 *
 * p50, p95 and p99 are of the calls that went to the server, failed ones too, by the nearest rank: the shortest of their
 * durations that at least 50, 95 or 99 % of them did not exceed. With few calls p99 is the longest.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for a span that cannot be drawn, as its times are no numbers
 * @example
 * ```ts
 * const picture = drawLatency(timeline.spans());
 * await writeFile("latency.svg", picture.svg);
 * ```
 */
export function drawLatency(spans: readonly TimelineSpan[]): Picture {
  const groups = latencyGroups(readSpans("drawLatency()", spans));
  return createPicture(latencySvg(groups), latencyText(groups));
}

function latencySvg(groups: readonly LatencyGroup[]): string {
  const [left, right] = [MARGIN, WIDTH - MARGIN];
  const calls = groups.flatMap((group) => group.calls);
  const scale = createLogScale(calls.map(({ ms }) => ms));
  const top = 8;
  const bottom = top + groups.length * ROW;
  const rows = groups.map((group, index) => drawLatencyRow(group, scale, { left, right }, top + index * ROW));
  const grounds = groups.map((_, index) =>
    rectAt("lb-lane", MARGIN / 2, top + index * ROW, WIDTH - MARGIN, ROW - 4, 4),
  );
  const axis = drawLogAxis(scale, { left, right, top, bottom });
  const summary = groups.length === 0 ? "no calls that ended" : counted(calls.length, "call");
  const y = groups.length === 0 ? top : bottom + AXIS;
  const legend = drawLegend(legendOf(groups), summary, { left, right, y });
  const drawn = groups.length === 0 ? [] : [...grounds, ...axis, ...rows];
  return svgOf(WIDTH, legend.bottom, `latency, ${summary}`, [...drawn, ...legend.elements]);
}

function legendOf(groups: readonly LatencyGroup[]): LegendEntry[] {
  const kinds = [
    { kind: "ok", label: "ok", classes: "lb-ok" },
    { kind: "failed", label: "failed", classes: "lb-failed" },
    { kind: "unsent", label: "not sent", classes: "lb-cached" },
  ] as const;
  const counts = kinds.flatMap(({ kind, label, classes }) => {
    const count = groups.reduce((sum, group) => sum + countOf(group, kind), 0);
    const draw = (x: number, y: number): string => rectAt(classes, x + 2, y, 10, 10);
    return count === 0 ? [] : [{ label: `${label} ${count}`, draw }];
  });
  const isAnySent = groups.some(({ sentMs }) => sentMs.length > 0);
  const marks = PERCENTILES.map((percent) => ({
    label: `p${percent}`,
    draw: (x: number, y: number) => markAt(percent, x + 7, y - 1, y + 11),
  }));
  return isAnySent ? [...counts, ...marks] : counts;
}
