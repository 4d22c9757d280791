import { columnsOf, shorten } from "../pictures/columns.js";
import { formatMs } from "../pictures/format-ms.js";
import type { TimelineSpan } from "../timeline.js";
import { durationOf, extentOf, notesOf } from "./facts.js";
import { barOf, type Sign } from "./text-bar.js";
import { createTimeScale } from "./time-scale.js";

const BAR = 40;
const FOLD = 4;
const LONGEST_NAME = 40;

/** What each character of a bar says, for those that do not say it themselves. */
const MEANINGS: Readonly<Record<Exclude<Sign, "=">, string>> = {
  x: "failed",
  "!": "tool error",
  ".": "running, or given up",
  "-": "waiting",
  ":": "waited for a person",
  "/": "a folded pause",
};

/** The calls of a run as text: one line each with its place in time, its duration, and what was special. */
export function timelineText(spans: readonly TimelineSpan[]): string {
  if (spans.length === 0) return "no calls";
  const { fromMs, toMs } = extentOf(spans);
  const names = spans.map(({ server, tool }) => shorten(`${server}.${tool}`, LONGEST_NAME));
  const widest = Math.max(...names.map(columnsOf));
  const runs = spans.map(({ startMs, endMs = toMs }) => ({ fromMs: startMs, toMs: endMs }));
  const scale = createTimeScale(runs, 0, BAR, FOLD);
  const bars = spans.map((span) => barOf(span, scale, { columns: BAR, lastMs: toMs }));
  const lines = spans.map((span, index) => {
    const name = names[index] ?? "";
    const facts = [durationOf(span), ...notesOf(span).map((note) => shorten(note, LONGEST_NAME))];
    const padding = " ".repeat(widest - columnsOf(name));
    return `${name}${padding} |${bars[index]?.bar}| ${facts.filter((fact) => fact !== "").join(", ")}`;
  });
  const signs = new Set<string>(bars.flatMap((bar) => bar.signs));
  const used = Object.entries(MEANINGS).filter(([sign]) => signs.has(sign));
  const axis = `${" ".repeat(widest)} 0${formatMs(toMs - fromMs).padStart(BAR + 1)}`;
  const legend = used.map(([sign, meaning]) => `${sign} ${meaning}`).join("; ");
  return [...lines, axis, ...(legend === "" ? [] : [legend])].join("\n");
}
