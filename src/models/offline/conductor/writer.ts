import type { Section } from "./sections.js";
import { type Finding, findingsOf, isAnswered, sameObjective, type Task, tasksOf } from "./tasks.js";

/** A Markdown report: a part for each objective with its findings as they stand, each with its number. */
export function writeReport(sections: readonly Section[]): string {
  const tasks = tasksOf(sections);
  const loose = findingsOf(sections).filter(({ task }) => tasks.every(({ id }) => id !== task));
  const parts = tasks
    .filter(({ objective }, place) =>
      tasks.slice(0, place).every((task) => !sameObjective(task.objective, objective)),
    )
    .map(({ objective }) => {
      // A task that was given away again answers under the same heading.
      const all = tasks.filter((task) => sameObjective(task.objective, objective));
      return `## ${toHeading(objective)}\n\n${bodyOf(all)}`;
    });
  if (loose.length > 0) parts.push(`## Also found\n\n${quoteAll(loose)}`);
  return parts.length > 0 ? parts.join("\n\n") : "There is nothing to report: no task was given.";
}

function bodyOf(tasks: readonly Task[]): string {
  const answers = tasks.flatMap((task) => task.answers);
  if (tasks.some(isAnswered)) return answers.length > 0 ? quoteAll(answers) : SAID_ELSEWHERE;
  const misses = tasks.flatMap((task) => task.misses.map(({ text }) => nested(text)));
  // The conductor lists them with their reasons below the text.
  const failures = tasks.some(({ status }) => status !== "done") ? ["This was not answered: see below."] : [];
  // What a failed task found before it failed is true all the same.
  const found = answers.length > 0 ? [quoteAll(answers)] : [];
  return [...new Set([...found, ...misses, ...failures])].join("\n\n");
}

const SAID_ELSEWHERE = "The finding on another part of this report answers this as well.";
const quoteAll = (findings: readonly Finding[]) => findings.map(quote).join("\n\n");

/** The text with its number; below a table, a list or code, the number would become part of them. */
function quote({ text, number }: Finding): string {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const apart = /^\s*(?:\||```|[-*]\s|\d+[.)]\s)/u.test(last);
  return number === "" ? nested(text) : `${nested(text)}${apart ? "\n\n" : " "}[${number}]`;
}

/** Headings of a finding come below that of its part; code is left as it is. */
function nested(text: string): string {
  return text
    .split(/(^```[\s\S]*?^```)/mu)
    .map((piece, place) => (place % 2 === 1 ? piece : piece.replace(/^#{1,2}(?=\s)/gmu, "###")))
    .join("");
}

const LONGEST_HEADING = 200;

function toHeading(objective: string): string {
  const line = objective.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_HEADING ? `${line.slice(0, LONGEST_HEADING)}…` : line;
}
