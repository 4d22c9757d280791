import { isContinued } from "../work/continued.js";
import type { TaskRecord } from "../work/task.js";
import { type Cited, valueText } from "./prompts.js";

/** Where a text cites, `[3]` or `[1, 2]`, but not the text of a link. */
const CITATION = /(\s?)\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?!\()/g;
/** Where brackets mean something else. */
const CODE = /(```[\s\S]*?```|`[^`\n]*`)/;

/**
 * A report with what a writer must not decide: only numbers of findings that exist, counted through in the order in which
 * they are cited; the sources of those, of all when none is cited; what a person refused, and what was not done.
 */
export function withSources(text: string, cited: readonly Cited[], tasks: readonly TaskRecord[]): string {
  const known = new Map(cited.map((one) => [one.number, one]));
  const used = new Map<number, number>();
  const place = (number: number): string => {
    used.set(number, used.get(number) ?? used.size + 1);
    return `[${used.get(number)}]`;
  };
  const cite = (citation: string, space: string, digits: string, at: number, whole: string): string => {
    const numbers = digits.split(",").map(Number);
    const sound = numbers.filter((number) => known.has(number));
    // `list[7]` is no citation when there is no seventh.
    if (sound.length === 0) return space === "" && /\w$/.test(whole.slice(0, at)) ? citation : "";
    return `${space}${sound.map(place).join("")}`;
  };
  const sound = text
    .trim()
    .split(CODE)
    .map((piece, index) => (index % 2 === 1 ? piece : piece.replace(CITATION, cite)))
    .join("");
  const shown =
    used.size === 0
      ? cited
      : [...used].map(([number, place]) => ({ ...(known.get(number) as Cited), number: place }));
  const refused = tasks.flatMap(({ specialist, refused: calls = [] }) =>
    calls.map((call) => `${specialist}: ${call}`),
  );
  return [
    sound,
    ...section("Sources", shown.map(sourceLine)),
    ...section("Refused by a person", refused),
    ...section("Not answered", undone(tasks)),
  ].join("\n\n");
}

/** The report of a run that has no writer left to ask: each finding under its task's objective. */
export function plainReport(cited: readonly Cited[], tasks: readonly TaskRecord[]): string {
  return tasks
    .filter(({ answer }) => answer !== undefined)
    .map((task) => {
      const found = cited.filter((one) => one.task.id === task.id);
      const lines = found.map(({ number, finding }) => `${quoted(valueText(finding.value))} [${number}]`);
      // Another task found the same before.
      const text = lines.length > 0 ? lines.join("\n\n") : quoted(task.answer ?? "");
      return `## ${task.objective}\n\n${text}`;
    })
    .join("\n\n");
}

/** A finding's own numbers in brackets cite nothing of ours. */
function quoted(text: string): string {
  return text.replace(/\[(\d{1,3})\]/g, "($1)");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`**${title}**\n\n${lines.map((line) => `- ${line}`).join("\n")}`];
}

function sourceLine({ number, finding }: Cited): string {
  const authors = [finding.author, ...(finding.confirmedBy ?? [])].join(", ");
  const labels = finding.sources.map(({ label }) => label).join("; ") || "no source is known";
  return `[${number}] ${authors}: ${labels}`;
}

/** Few of them: of 400 that were asked for nobody reads the last. */
const MOST_UNDONE = 20;

function undone(tasks: readonly TaskRecord[]): readonly string[] {
  const open = tasks.filter((task) => task.status !== "done" && !isContinued(task, tasks));
  const lines = open
    .slice(0, MOST_UNDONE)
    .map(
      ({ objective, specialist, status, error }) =>
        `${objective} (${specialist}): ${status === "stopped" ? "not finished, as the budget was used up" : error?.message}`,
    );
  return open.length > MOST_UNDONE ? [...lines, `and ${open.length - MOST_UNDONE} more`] : lines;
}
