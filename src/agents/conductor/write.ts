import { isContinued } from "../work/continued.js";
import type { TaskRecord } from "../work/task.js";
import { type Cited, valueText } from "./prompts.js";

/** Where a text cites: `[3]`, but not the text of a link. */
const CITATION = /\s?\[(\d{1,3})\](?!\()/g;

/**
 * A report with what a writer must not decide: only numbers of findings that exist, the sources of those that it cites,
 * of all when it cites none, and what was not done.
 */
export function withSources(text: string, cited: readonly Cited[], tasks: readonly TaskRecord[]): string {
  const known = new Map(cited.map((one) => [one.number, one]));
  const used = new Set<number>();
  const sound = text.trim().replace(CITATION, (citation, digits: string) => {
    const number = Number(digits);
    if (!known.has(number)) return "";
    used.add(number);
    return citation;
  });
  const shown = used.size === 0 ? cited : cited.filter(({ number }) => used.has(number));
  return [
    sound,
    ...section("Sources", shown.map(sourceLine)),
    ...section("Not answered", undone(tasks)),
  ].join("\n\n");
}

/** The report of a run that has no writer left to ask: each finding under its task's objective. */
export function plainReport(cited: readonly Cited[], tasks: readonly TaskRecord[]): string {
  return tasks
    .filter(({ answer }) => answer !== undefined)
    .map((task) => {
      const found = cited.filter((one) => one.task.id === task.id);
      const lines = found.map(({ number, finding }) => `${valueText(finding.value)} [${number}]`);
      // Another task found the same before.
      const text = lines.length > 0 ? lines.join("\n\n") : (task.answer ?? "");
      return `## ${task.objective}\n\n${text}`;
    })
    .join("\n\n");
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
