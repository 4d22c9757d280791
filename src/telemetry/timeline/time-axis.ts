import { formatMs } from "../pictures/format-ms.js";
import { niceTimeFrom } from "../pictures/nice-times.js";
import { round, startOfCentred, textAt, tickAt, widthOf } from "../pictures/svg.js";
import type { Stretch, TimeScale } from "./time-scale.js";

const MOST_TICKS = 8;
/** Between two labels at least, in pixels. */
const GAP = 8;

interface Tick {
  readonly x: number;
  readonly label: string;
}

/** Times above the lanes with a line down each, from `top` to `bottom`; a folded pause says how long it was. */
export function drawTimeAxis(
  { stretches, shownMs }: TimeScale,
  { left, right, top, bottom }: Readonly<Record<"left" | "right" | "top" | "bottom", number>>,
): string[] {
  const stepMs = niceTimeFrom(shownMs / MOST_TICKS);
  const folds = stretches.filter(({ isFolded }) => isFolded);
  const foldLabels = folds.map(({ x, width, fromMs, toMs }) => {
    const label = `/ ${formatMs(toMs - fromMs)} /`;
    return { label, x: x + (width - widthOf(label)) / 2, right: x + (width + widthOf(label)) / 2 };
  });
  const taken = foldLabels.map((each) => ({ from: each.x - GAP, to: each.right + GAP }));
  const ticks = stretches.flatMap((stretch, index) => ticksOf(stretch, stepMs, index === 0 ? "" : "+"));
  return [
    ...folds.map(
      ({ x, width }) =>
        `<rect class="lb-fold" x="${round(x)}" y="${top}" width="${round(width)}" height="${round(bottom - top)}"/>`,
    ),
    ...foldLabels.map(({ label, x }) => textAt(x, top - 6, label, "lb-faint")),
    ...ticks.flatMap(({ x, label }) => {
      const line = tickAt(x, top, bottom);
      const from = startOfCentred(label, x, left, right);
      const to = from + widthOf(label);
      if (taken.some((other) => from < other.to && other.from < to)) return [line];
      taken.push({ from: from - GAP, to: to + GAP });
      return [line, textAt(from, top - 6, label, "lb-faint")];
    }),
  ];
}

/** The times of a stretch since its beginning. */
function ticksOf({ fromMs, toMs, x, width, isFolded }: Stretch, stepMs: number, sign: string): Tick[] {
  if (isFolded) return [];
  const lengthMs = Math.max(1, toMs - fromMs);
  return Array.from({ length: Math.floor(lengthMs / stepMs) + 1 }, (_, index) => ({
    x: x + ((index * stepMs) / lengthMs) * width,
    label: sign + formatMs(index * stepMs),
  }));
}
