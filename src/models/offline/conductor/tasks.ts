import type { Section } from "./sections.js";

/** A task of the plan, as the verifier and the writer see it. */
export interface Task {
  readonly id: string;
  readonly specialist: string;
  readonly objective: string;
  readonly status: string;
  /** Why it is not done, when the prompt says so. */
  readonly reason: string;
  /** What came of it and answers; empty when nothing did. */
  readonly answers: readonly Finding[];
  /** What came of it and says only that nothing was found. */
  readonly misses: readonly Finding[];
}

/** What a specialist found, with the number that it is cited by. */
export interface Finding {
  readonly number: string;
  readonly task: string;
  readonly text: string;
}

export function findingsOf(sections: readonly Section[]): Finding[] {
  return sections
    .filter(({ tag, text }) => tag === "finding" && text !== "")
    .map(({ attributes, text }) => ({ number: attributes.n ?? "", task: attributes.task ?? "", text }));
}

export function tasksOf(sections: readonly Section[]): Task[] {
  const findings = findingsOf(sections);
  return sections
    .filter(({ tag }) => tag === "task")
    .map(({ attributes: { id = "", specialist = "", status = "done" }, text }) => {
      // Below the objective of a task that is not done stands the reason.
      const end = status === "done" || !text.includes("\n") ? text.length : text.indexOf("\n");
      const own = findings.filter(({ task }) => task === id);
      const answers = own.filter(({ text: found }) => !isMiss(found));
      const misses = own.filter((one) => !answers.includes(one));
      const [objective, reason] = [text.slice(0, end).trim(), text.slice(end).trim()];
      return { id, specialist, status, objective, reason, answers, misses };
    });
}

/** One that is done and has no finding of its own found what another one found as well, and is listed there. */
export function isAnswered({ status, answers, misses }: Task): boolean {
  return status === "done" && (answers.length > 0 || misses.length === 0);
}

/** Two wordings of an objective that differ in nothing but case, spaces and the last mark are one. */
export function sameObjective(one: string, other: string): boolean {
  return plainWords(one) === plainWords(other);
}

const plainWords = (text: string) =>
  text
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/[\s.?!]+$/, "")
    .trim();

/** What the offline model writes when it found nothing, or when its tools failed. */
const MISS = /^(?:I found nothing about\b|\w+[._-]\w+ failed: )/u;

function isMiss(text: string): boolean {
  return text.split(/\n{2,}/).every((paragraph) => MISS.test(paragraph.trim()));
}
