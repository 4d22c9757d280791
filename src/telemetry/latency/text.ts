import { columnsOf, counted, shorten } from "../pictures/columns.js";
import { formatMs } from "../pictures/format-ms.js";
import { countOf, type LatencyGroup, percentileOf } from "./groups.js";
import { createLogScale } from "./log-scale.js";

const BAR = 40;
const LONGEST_NAME = 40;
/** From few calls to many. */
const HEIGHTS = "▁▂▃▄▅▆▇█";

/** One line per tool: how many of its calls took how long, on a scale that all share, and its percentiles. */
export function latencyText(groups: readonly LatencyGroup[]): string {
  if (groups.length === 0) return "no calls that ended";
  const scale = createLogScale(groups.flatMap(({ calls }) => calls.map(({ ms }) => ms)));
  const names = groups.map(({ name }) => shorten(name, LONGEST_NAME));
  const widest = Math.max(...names.map(columnsOf));
  const lines = groups.map((group, index) => {
    const counts = Array<number>(BAR).fill(0);
    for (const { ms, kind } of group.calls) {
      const column = Math.min(BAR - 1, Math.floor(scale.shareOf(ms) * BAR));
      if (kind !== "unsent") counts[column] = (counts[column] ?? 0) + 1;
    }
    const most = Math.max(1, ...counts);
    const bar = counts.map((count) =>
      count === 0 ? " " : HEIGHTS[Math.ceil((count / most) * HEIGHTS.length) - 1],
    );
    const name = names[index] ?? "";
    return `${name}${" ".repeat(widest - columnsOf(name))} |${bar.join("")}| ${factsOf(group).join(", ")}`;
  });
  const [from, to] = [formatMs(scale.fromMs), formatMs(scale.toMs)];
  return [...lines, `${" ".repeat(widest)}  ${from}${to.padStart(BAR - columnsOf(from))}`].join("\n");
}

/** How many calls, what became of them, and the percentiles, in few words each. */
function factsOf(group: LatencyGroup): string[] {
  return [...countsOf(group), ...[50, 95, 99].flatMap((percent) => percentileNote(group, percent))];
}

/** `120 calls`, `2 failed`, `35 not sent`. */
export function countsOf(group: LatencyGroup): string[] {
  const [failed, unsent] = [countOf(group, "failed"), countOf(group, "unsent")];
  return [
    counted(group.calls.length, "call"),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unsent > 0 ? [`${unsent} not sent`] : []),
  ];
}

function percentileNote({ sentMs }: LatencyGroup, percent: number): string[] {
  const ms = percentileOf(sentMs, percent / 100);
  return ms === undefined ? [] : [`p${percent} ${formatMs(ms)}`];
}
