import type { Budget } from "../../models/budget.js";
import { askForMore } from "../budget/ask.js";
import type { TaskRecord } from "./task.js";
import type { Turn } from "./turns.js";

/**
 * The tasks that take up again what the budget ended, when a person, if one is to be asked, allows more. Undefined when
 * it stays as it is. It interrupts the node to ask.
 */
export function continuedTasks(
  tasks: readonly TaskRecord[],
  { account, ownsAccount }: Turn,
  budget: Budget,
): readonly TaskRecord[] | undefined {
  if (budget.onLimit !== "ask" || !ownsAccount) return undefined;
  const more = askForMore(account, budget, undefined);
  if (more === undefined) return undefined;
  account.raise(more);
  return tasks.filter((task) => isUnfinished(task, tasks)).map(continued);
}

/** Whether the budget ended a task, and it was not taken up again. */
export function isUnfinished(task: TaskRecord, all: readonly TaskRecord[]): boolean {
  const isOut = task.status === "stopped" || task.error?.code === "BUDGET_EXCEEDED";
  return isOut && !isContinued(task, all);
}

/** The same task again, for one who knows what was found until then. */
function continued({ id, specialist, objective, answer, needs }: TaskRecord): TaskRecord {
  const known = answer === undefined ? needs : [...needs, id];
  return { id: idAfter(id), specialist, objective, needs: known, status: "planned" };
}

export function isContinued({ id }: TaskRecord, all: readonly TaskRecord[]): boolean {
  return all.some((other) => other.id === idAfter(id));
}

/** The id that a task was planned under. */
export function nameOf(id: string): string {
  return id.replace(/\++$/, "");
}

function idAfter(id: string): string {
  return `${id}+`;
}
