import { formatMs } from "../pictures/format-ms.js";
import { niceTimesBetween, weightOf } from "../pictures/nice-times.js";
import { startOfCentred, textAt, tickAt, widthOf } from "../pictures/svg.js";
import type { LogScale } from "./log-scale.js";

/** Between two labels at least, in pixels. */
const GAP = 16;

interface Tick {
  readonly x: number;
  readonly label: string;
  readonly labelX: number;
}

/** Durations below the lanes with a line up each, from `top` to `bottom`: as many as there is room for. */
export function drawLogAxis(
  scale: LogScale,
  { left, right, top, bottom }: Readonly<Record<"left" | "right" | "top" | "bottom", number>>,
): string[] {
  const times = niceTimesBetween(scale.fromMs, scale.toMs);
  const ticksFrom = (weight: number): Tick[] =>
    times
      .filter((ms) => weightOf(ms) >= weight)
      .map((ms) => {
        const x = left + scale.shareOf(ms) * (right - left);
        const label = formatMs(ms);
        return { x, label, labelX: startOfCentred(label, x, left, right) };
      });
  // Of whole units alone there is room for the longest time that a process runs.
  const ticks = [0, 1].map(ticksFrom).find(hasRoom) ?? ticksFrom(2);
  return ticks.flatMap(({ x, label, labelX }) => [
    tickAt(x, top, bottom),
    textAt(labelX, bottom + 12, label, "lb-faint"),
  ]);
}

function hasRoom(ticks: readonly Tick[]): boolean {
  return ticks.every(({ labelX }, index) => {
    const before = ticks[index - 1];
    return before === undefined || before.labelX + widthOf(before.label) + GAP <= labelX;
  });
}
