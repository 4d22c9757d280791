import type { TimelineSpan } from "./timeline.js";
import {
  columnsOf,
  durationOf,
  type Ending,
  endingOf,
  extentOf,
  formatMs,
  notesOf,
  shorten,
} from "./timeline-facts.js";

/** All in pixels at the picture's own size. */
const WIDTH = 960;
const MARGIN = 16;
const ROW = 30;
const BAR = 8;
const GAP = 12;
const AXIS = 34;
const LEGEND = 36;
/** Of the monospaced font at 11 pixels: 0.6 em, and a little more, as fonts differ. */
const COLUMN = 6.9;
const LONGEST_LANE = 22;
const LONGEST_LABEL = 72;
const MOST_TICKS = 8;

const ENDINGS: readonly Ending[] = ["ok", "tool error", "failed", "interrupted", "running"];

/** Colours by light and dark, each at least 3:1 against its ground; words say the same, so none must be told apart. */
const STYLE = `
.lb-ground{fill:#ffffff}.lb-lane{fill:#f4f5f7}.lb-line{stroke:#d5d8dd;stroke-width:1}
.lb-text{fill:#1f2328;font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.lb-faint{fill:#59636e}.lb-strong{font-weight:600}
.lb-ok{fill:#2f7d4f}.lb-tool-error{fill:#b35c00}.lb-failed{fill:#c62f2f}
.lb-interrupted{fill:#6b53c6}.lb-running{fill:#7a828c}
@media (prefers-color-scheme:dark){
.lb-ground{fill:#14171b}.lb-lane{fill:#1d2127}.lb-line{stroke:#363c45}
.lb-text{fill:#e6e9ee}.lb-faint{fill:#a0a8b3}
.lb-ok{fill:#4fb477}.lb-tool-error{fill:#e39a3b}.lb-failed{fill:#f06a64}
.lb-interrupted{fill:#a493f0}.lb-running{fill:#8d96a1}}
`.replaceAll("\n", "");

interface Placed {
  readonly span: TimelineSpan;
  readonly label: string;
  readonly labelX: number;
  readonly barX: number;
  readonly barWidth: number;
  readonly row: number;
}

/**
 * The calls of a run as an SVG: a lane for each server, a bar for each call in the colour of its end, and beside its
 * name what was special, retries and cache hits for example. Needs no script and no font, follows the reader's light
 * or dark scheme, and no label covers another.
 *
 * @example
 * ```ts
 * await writeFile("run.svg", drawTimeline(timeline.spans()));
 * ```
 */
export function drawTimeline(spans: readonly TimelineSpan[]): string {
  const { startMs, totalMs } = extentOf(spans);
  const servers = [...new Set(spans.map(({ server }) => server))];
  const names = servers.map((server) => shorten(server, LONGEST_LANE));
  const left = MARGIN + Math.max(0, ...names.map(columnsOf)) * COLUMN + GAP;
  const xOf = (ms: number): number => left + ((ms - startMs) / totalMs) * (WIDTH - MARGIN - left);

  let y = AXIS;
  const grounds: string[] = [];
  const lanes: string[] = [];
  for (const [index, server] of servers.entries()) {
    const placed = place(
      spans.filter((span) => span.server === server),
      xOf,
      startMs + totalMs,
      left,
    );
    const height = (Math.max(...placed.map(({ row }) => row)) + 1) * ROW + 6;
    grounds.push(
      `<rect class="lb-lane" x="${MARGIN / 2}" y="${y}" width="${WIDTH - MARGIN}" height="${height - 4}" rx="4"/>`,
    );
    lanes.push(
      text(MARGIN, y + 17, names[index] ?? "", "lb-strong"),
      ...placed.map((each) => drawCall(each, y)),
    );
    y += height;
  }
  const height = y + LEGEND;
  const lastedMs = spans.length === 0 ? 0 : totalMs;
  const summary = [counted(spans.length, "call"), counted(servers.length, "server"), formatMs(lastedMs)].join(
    ", ",
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${summary}">`,
    `<style>${STYLE}</style><rect class="lb-ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    // The lines of the axis lie behind the names.
    ...grounds,
    ...drawAxis(totalMs, left, (ms) => xOf(startMs + ms), y),
    ...lanes,
    ...drawLegend(spans, summary, y + 22),
    "</svg>",
  ].join("\n");
}

/** Gives each call the first row where neither its bar nor its label meets another's. */
function place(
  spans: readonly TimelineSpan[],
  xOf: (ms: number) => number,
  lastMs: number,
  left: number,
): Placed[] {
  const rows: { from: number; to: number }[][] = [];
  return spans.map((span) => {
    const facts = [span.tool, durationOf(span), ...notesOf(span)].filter((fact) => fact !== "");
    const label = shorten(facts.join(" · "), LONGEST_LABEL);
    const width = columnsOf(label) * COLUMN;
    const barX = xOf(span.startMs);
    const barWidth = Math.max(3, xOf(span.endMs ?? lastMs) - barX);
    // A label at the right edge moves left, so that all of it is to be seen.
    const labelX = Math.max(left, Math.min(barX, WIDTH - MARGIN - width));
    const from = Math.min(barX, labelX);
    const to = Math.max(barX + barWidth, labelX + width) + GAP;
    let row = rows.findIndex((taken) => taken.every((other) => to <= other.from || other.to <= from));
    if (row === -1) row = rows.push([]) - 1;
    rows[row]?.push({ from, to });
    return { span, label, labelX, barX, barWidth, row };
  });
}

function drawCall({ span, label, labelX, barX, barWidth, row }: Placed, laneY: number): string {
  const y = laneY + row * ROW;
  const name = [`${span.server}.${span.tool}`, durationOf(span), ...notesOf(span)].filter(
    (fact) => fact !== "",
  );
  const bar = `<rect class="${classOf(endingOf(span))}" x="${round(barX)}" y="${y + 20}" width="${round(barWidth)}" height="${BAR}" rx="2"/>`;
  return `<g><title>${escapeXml(name.join(", "))}</title>${text(labelX, y + 16, label)}${bar}</g>`;
}

function drawAxis(totalMs: number, left: number, xOf: (ms: number) => number, bottom: number): string[] {
  const stepMs = niceStep(totalMs / MOST_TICKS);
  const ticks = Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, index) => index * stepMs);
  return ticks.flatMap((ms) => {
    const x = round(xOf(ms));
    const label = formatMs(ms);
    const labelX = Math.max(
      left,
      Math.min(x - (columnsOf(label) * COLUMN) / 2, WIDTH - MARGIN - columnsOf(label) * COLUMN),
    );
    return [
      `<line class="lb-line" x1="${x}" x2="${x}" y1="${AXIS - 8}" y2="${bottom - 4}" stroke-dasharray="2 3"/>`,
      text(labelX, AXIS - 14, label, "lb-faint"),
    ];
  });
}

function drawLegend(spans: readonly TimelineSpan[], summary: string, y: number): string[] {
  let x = MARGIN;
  const parts = ENDINGS.flatMap((ending) => {
    const count = spans.filter((span) => endingOf(span) === ending).length;
    if (count === 0) return [];
    const label = `${ending} ${count}`;
    const drawn = `<rect class="${classOf(ending)}" x="${round(x)}" y="${y - 9}" width="10" height="10" rx="2"/>${text(x + 16, y, label)}`;
    x += 16 + columnsOf(label) * COLUMN + 2 * GAP;
    return [drawn];
  });
  return [...parts, text(WIDTH - MARGIN - columnsOf(summary) * COLUMN, y, summary, "lb-faint")];
}

/** The next of 1, 2, 5, 10, 20 and so on. */
function niceStep(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return power * ([1, 2, 5].find((factor) => factor * power >= ms) ?? 10);
}

function text(x: number, y: number, content: string, more = ""): string {
  return `<text class="lb-text${more && ` ${more}`}" x="${round(x)}" y="${y}">${escapeXml(content)}</text>`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function classOf(ending: Ending): string {
  return `lb-${ending.replace(" ", "-")}`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** XML has no place at all for most control characters and half surrogates, not even escaped. */
function escapeXml(content: string): string {
  return content
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
