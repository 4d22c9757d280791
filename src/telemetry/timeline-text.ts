import { columnsOf, shorten } from "./pictures/columns.js";
import { formatMs } from "./pictures/format-ms.js";
import { createTimeScale, type TimeScale } from "./pictures/time-scale.js";
import type { TimelineSpan } from "./timeline.js";
import { attemptEndingOf, durationOf, endingOf, extentOf, notesOf } from "./timeline-facts.js";

const BAR = 40;
const FOLD = 4;
const LONGEST_NAME = 40;

/** What each character of a bar says, for those that do not say it themselves. */
const MEANINGS: Readonly<Record<string, string>> = {
  x: "failed",
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
  const bars = spans.map((span) => barOf(span, scale, toMs));
  const lines = spans.map((span, index) => {
    const name = names[index] ?? "";
    const facts = [durationOf(span), ...notesOf(span).map((note) => shorten(note, LONGEST_NAME))];
    const padding = " ".repeat(widest - columnsOf(name));
    return `${name}${padding} |${bars[index]}| ${facts.filter((fact) => fact !== "").join(", ")}`;
  });
  const used = Object.entries(MEANINGS).filter(([sign]) => bars.some((bar) => bar.includes(sign)));
  const axis = `${" ".repeat(widest)} 0${formatMs(toMs - fromMs).padStart(BAR + 1)}`;
  const legend = used.map(([sign, meaning]) => `${sign} ${meaning}`).join("; ");
  return [...lines, axis, ...(legend === "" ? [] : [legend])].join("\n");
}

/** A call's line of characters: later ones are drawn over earlier ones. */
function barOf(span: TimelineSpan, { xOf, stretches }: TimeScale, lastMs: number): string {
  const bar = Array<string>(BAR).fill(" ");
  const draw = (sign: string, fromMs: number, toMs: number): void => {
    const from = Math.min(BAR - 1, Math.floor(xOf(fromMs)));
    bar.fill(sign, from, Math.max(from + 1, Math.ceil(xOf(toMs))));
  };
  for (const { isFolded, fromMs, toMs } of stretches) if (isFolded) draw("/", fromMs, toMs);
  const { startMs, endMs = lastMs, attempts = [], resumes } = span;
  if (resumes) draw(":", resumes.sinceMs, startMs);
  if (attempts.length > 0) draw("-", startMs, endMs);
  else draw(signOf(endingOf(span)), startMs, endMs);
  for (const attempt of attempts)
    draw(signOf(attemptEndingOf(attempt)), attempt.startMs, Math.min(endMs, attempt.endMs ?? endMs));
  return bar.join("");
}

function signOf(ending: string): string {
  if (ending === "running" || ending === "given up") return ".";
  return ending === "failed" || ending === "tool error" ? "x" : "=";
}
