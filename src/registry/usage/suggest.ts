import { stemsOf } from "../search/words.js";
import type { Known } from "./ledger.js";

/** A tool, and what experience says of it for a task. */
export interface Suggestion {
  /** As `server.tool`. */
  readonly tool: string;
  /** From -1, against it, to 1. */
  readonly score: number;
  /** Similar tasks that it served or failed; that it followed the last tool; that its calls fail. */
  readonly why: { readonly similar: number; readonly follows: number; readonly failures: number };
}

const MOST_SIMILAR = 20;
/** Tasks that share less of their words are no evidence. */
const LEAST_SIMILARITY = 0.2;
/** What the evidence must outweigh, so that one case counts less than many. */
const DOUBT = 0.5;
const FOLLOW_DOUBT = 2;
const FOLLOW_WEIGHT = 0.5;
const FAILURE_DOUBT = 4;

/** Best first. */
export function suggestFrom({ tools, tasks }: Known, task: string, after: string | undefined): Suggestion[] {
  const similar = bySimilarTasks(tasks, new Set(stemsOf(task)));
  const follows = new Map<string, number>();
  const next = Object.entries((after === undefined ? undefined : tools.get(after)?.next) ?? {});
  const all = next.reduce((sum, [, count]) => sum + count, 0);
  for (const [name, count] of next) follows.set(name, count / (all + FOLLOW_DOUBT));
  return [...new Set([...tools.keys(), ...similar.keys(), ...follows.keys()])]
    .map((tool) => {
      const { ok = 0, failed = 0 } = tools.get(tool) ?? {};
      // Half of the calls may fail without harm: a caller's mistake is counted here too.
      const excess = Math.max(0, failed - ok) / (ok + failed + FAILURE_DOUBT);
      const why = {
        similar: similar.get(tool) ?? 0,
        follows: FOLLOW_WEIGHT * (follows.get(tool) ?? 0),
        failures: excess === 0 ? 0 : -excess,
      };
      const score = Math.max(-1, Math.min(1, why.similar + why.follows + why.failures));
      return { tool, score, why };
    })
    .filter(({ score }) => score !== 0)
    .sort((a, b) => b.score - a.score || (a.tool < b.tool ? -1 : 1));
}

/** What the most similar tasks say of each tool, -1 to 1. */
function bySimilarTasks(tasks: Known["tasks"], words: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const task of tasks.values())
    for (const word of new Set(task.words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  // Words that no past task has, too, are part of what this one is about.
  const weigh = (word: string): number => Math.log(1 + (tasks.size + 1) / ((counts.get(word) ?? 0) + 0.5));
  const sum = (list: Iterable<string>): number =>
    [...list].reduce((total, word) => total + weigh(word) ** 2, 0);
  const own = Math.sqrt(sum(words));
  const nearest = [...tasks.values()]
    .map((task) => {
      const shared = task.words.filter((word) => words.has(word));
      const length = own * Math.sqrt(sum(task.words));
      return { task, similarity: length === 0 ? 0 : sum(shared) / length };
    })
    .filter(({ similarity }) => similarity >= LEAST_SIMILARITY)
    .sort((a, b) => b.similarity - a.similarity || b.task.at - a.task.at)
    .slice(0, MOST_SIMILAR);
  const all = nearest.reduce((total, { similarity }) => total + similarity, 0);
  const scores = new Map<string, number>();
  const add = (name: string, similarity: number): void =>
    void scores.set(name, (scores.get(name) ?? 0) + similarity / (all + DOUBT));
  for (const { task, similarity } of nearest) {
    for (const name of task.succeeded) add(name, similarity);
    for (const name of task.failed) if (!task.succeeded.includes(name)) add(name, -similarity);
  }
  return scores;
}
