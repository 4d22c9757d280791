import { createPicture, type Picture } from "./picture.js";
import { counted, shortenMiddle } from "./pictures/columns.js";
import { formatMs } from "./pictures/format-ms.js";
import { drawLegend } from "./pictures/legend.js";
import { MARGIN, rectAt, svgOf, textAt, WIDTH, widthOf } from "./pictures/svg.js";
import { drawCall } from "./timeline/call-bar.js";
import { placeCalls } from "./timeline/call-layout.js";
import { callLegend } from "./timeline/call-legend.js";
import { countCalls, extentOf } from "./timeline/facts.js";
import { readSpans } from "./timeline/input.js";
import { timelineText } from "./timeline/text.js";
import { drawTimeAxis } from "./timeline/time-axis.js";
import { createTimeScale } from "./timeline/time-scale.js";
import type { TimelineSpan } from "./timeline.js";

/** All in pixels at the picture's own size. */
const GAP = 12;
const AXIS = 30;
const ROW = 32;
/** Of a pause that is folded: as wide as the longest name of a duration. */
const FOLD = 112;
const LONGEST_LANE = 22;

/**
 * The calls of a run: a lane for each server, a bar for each call in the colour of its end, its attempts as blocks in
 * it with the waits as a line between them, a hatched bar where a person was waited for, and a mark for what came from
 * a cache, was held back and so on. No label covers another. A long pause in which nothing ran is folded, and the axis
 * says how long it was. As text it is one line per call.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for a span that cannot be drawn, as its times are no numbers
 * @example
 * ```ts
 * const picture = drawTimeline(timeline.spans());
 * await writeFile("run.svg", picture.svg);
 * ```
 */
export function drawTimeline(spans: readonly TimelineSpan[]): Picture {
  const read = readSpans("drawTimeline()", spans);
  return createPicture(timelineSvg(read), timelineText(read));
}

function timelineSvg(spans: readonly TimelineSpan[]): string {
  const { fromMs, toMs } = extentOf(spans);
  const servers = [...new Set(spans.map(({ server }) => server))];
  const names = servers.map((server) => shortenMiddle(server, LONGEST_LANE));
  const left = MARGIN + Math.max(0, ...names.map(widthOf)) + GAP;
  const right = WIDTH - MARGIN;
  const runs = spans.map(({ startMs, endMs = toMs }) => ({ fromMs: startMs, toMs: endMs }));
  const scale = createTimeScale(runs, left, right, FOLD);
  const { xOf } = scale;

  let y = AXIS;
  const grounds: string[] = [];
  const lanes: string[] = [];
  for (const [index, server] of servers.entries()) {
    const own = spans.filter((span) => span.server === server);
    const calls = placeCalls(own, { left, right, xOf, lastMs: toMs });
    const height = (Math.max(...calls.map(({ row }) => row)) + 1) * ROW + 4;
    grounds.push(rectAt("lb-lane", MARGIN / 2, y, WIDTH - MARGIN, height, 4));
    lanes.push(textAt(MARGIN, y + 15, names[index] ?? "", "lb-strong"));
    lanes.push(...calls.map((call) => drawCall(call, y + call.row * ROW, xOf)));
    y += height + 4;
  }
  const counts = [counted(countCalls(spans), "call"), counted(servers.length, "server")];
  const summary = spans.length === 0 ? "no calls" : [...counts, formatMs(toMs - fromMs)].join(", ");
  const legend = drawLegend(callLegend(spans, { lastMs: toMs, shownMs: scale.shownMs }), summary, {
    left: MARGIN,
    right,
    y,
  });
  // The lines of the axis lie behind the calls.
  const axis = spans.length === 0 ? [] : drawTimeAxis(scale, { left, right, top: AXIS - 6, bottom: y - 4 });
  return svgOf(WIDTH, legend.bottom, summary, [...grounds, ...axis, ...lanes, ...legend.elements]);
}
