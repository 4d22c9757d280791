import { round } from "./svg.js";

/** From line to line, in pixels. */
const STEP = 6;

/** A frame with slanting lines: a person is waited for. Without a pattern, whose name could be another picture's. */
export function hatch(x: number, y: number, width: number, height: number): string {
  const count = Math.max(0, Math.floor((width - height) / STEP) + 1);
  const lines = Array.from(
    { length: count },
    (_, index) => `M${round(x + index * STEP)} ${round(y + height)}l${height} -${height}`,
  );
  const frame = `M${round(x)} ${round(y)}h${round(width)}v${height}h${round(-width)}z`;
  return `<path class="lb-wait" d="${frame}${lines.join("")}"/>`;
}
