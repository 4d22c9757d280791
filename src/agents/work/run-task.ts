import { setMaxListeners } from "node:events";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Clock } from "../../core/clock.js";
import { BatonError, isBatonError, isInterrupt, reasonOf } from "../../core/errors.js";
import { resultsSoFar } from "../budget/stopped.js";
import { isOverBudget } from "../budget.js";
import { unwrapped } from "../unwrapped.js";
import { type Batch, LEFT, type Settled } from "./batch.js";
import { writtenInStep } from "./in-step.js";
import { refusedCalls } from "./sources.js";
import type { Outcome, Worker } from "./specialist.js";
import type { Task, TaskError, TaskRecord, WorkUpdate } from "./task.js";
import { whileWanted } from "./while-wanted.js";

export interface TaskRun {
  readonly task: Task;
  /** The user's question that the task is part of. */
  readonly question: string;
  /** What is settled already. */
  readonly settled: readonly TaskRecord[];
  /** It has joined. */
  readonly batch: Batch<TaskRecord>;
  readonly worker: Worker;
  /** Longest time from its beginning to its end, in milliseconds. */
  readonly taskMs: number;
  readonly clock: Clock;
}

/** A task that came to an end, with what its specialist made of it if it did. */
export interface TaskEnd {
  readonly record: TaskRecord;
  readonly outcome?: Outcome;
}

/**
 * Runs a task when what it needs is there. Undefined when it cannot begin in this step, as something that it needs waits
 * for a person: it stays planned. A failure is an outcome like any other, so that the rest goes on; an interrupt, and
 * the end of the whole run, pass.
 */
export async function runTask(run: TaskRun, config: LangGraphRunnableConfig): Promise<TaskEnd | undefined> {
  const { task, batch } = run;
  let settled: Settled<TaskRecord> = LEFT;
  try {
    const needed = await neededBy(run, config);
    if (needed === undefined) return undefined;
    const missing = needed.find(({ answer }) => answer === undefined);
    const end = missing === undefined ? await work(run, needed, config) : { record: skipped(task, missing) };
    settled = end.record;
    return end;
  } finally {
    batch.settle(task.id, settled);
  }
}

async function work(
  { task, question, batch, worker, taskMs, clock }: TaskRun,
  needed: readonly TaskRecord[],
  config: LangGraphRunnableConfig,
): Promise<TaskEnd> {
  const { signal } = config;
  const releaseOwn = await batch.placesOf(task.specialist).take(signal);
  const release = await batch.places.take(signal).catch((error: unknown) => {
    releaseOwn();
    throw error;
  });
  const startedAt = clock.now();
  const at = (): Pick<TaskRecord, "startedAt" | "endedAt"> => ({ startedAt, endedAt: clock.now() });
  const limit = new AbortController();
  const cancel = clock.after(taskMs, () => limit.abort(tooLong(task, taskMs)));
  const both = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]);
  setMaxListeners(0, both);
  config.writer?.({ type: "task", id: task.id, specialist: task.specialist, status: "started" });
  try {
    const working = worker.run(task, question, needed, { ...config, signal: both });
    const outcome = (await whileWanted(working, both)) as Outcome;
    const { answer, structured, messages } = outcome;
    const refused = refusedCalls(messages);
    const rest = {
      ...(structured === undefined ? {} : { structured }),
      ...(refused.length === 0 ? {} : { refused }),
      ...at(),
    };
    const last = messages.at(-1);
    if (last === undefined || !isOverBudget(last))
      return { record: { ...task, status: "done", answer, ...rest }, outcome };
    const found = resultsSoFar(messages);
    if (found === undefined) return { record: { ...task, status: "stopped", ...rest } };
    return {
      record: { ...task, status: "stopped", answer: found, ...rest },
      outcome: { ...outcome, answer: found },
    };
  } catch (caught) {
    const error = limit.signal.aborted && !signal?.aborted ? limit.signal.reason : unwrapped(caught);
    if (isInterrupt(error) || signal?.aborted) throw error;
    return { record: { ...task, status: "failed", error: toTaskError(error), ...at() } };
  } finally {
    cancel();
    release();
    releaseOwn();
  }
}

async function neededBy(
  { task, settled, batch }: TaskRun,
  config: LangGraphRunnableConfig,
): Promise<readonly TaskRecord[] | undefined> {
  if (task.needs.length === 0) return [];
  const known = new Map(settled.map((record) => [record.id, record]));
  const unknown = task.needs.filter((id) => !known.has(id));
  if (unknown.some((id) => !batch.has(id))) {
    // The run was resumed: what is done does not run again.
    for (const { tasks = [] } of await writtenInStep<WorkUpdate>(config, "work"))
      for (const record of tasks) known.set(record.id, record);
  }
  for (const id of unknown) {
    if (known.has(id)) continue;
    const outcome = await batch.outcomeOf(id, config.signal);
    if (outcome === LEFT) return undefined;
    known.set(id, outcome);
  }
  return task.needs.flatMap((id) => known.get(id) ?? []);
}

function skipped(task: Task, { id, objective, status }: TaskRecord): TaskRecord {
  const message = `not begun: it needs '${id}' (${objective}), which ${status === "failed" ? "failed" : "was not done"}`;
  return { ...task, status: "skipped", error: { message } };
}

function toTaskError(error: unknown): TaskError {
  const message = shortened(reasonOf(error));
  return isBatonError(error) ? { code: error.code, message } : { message };
}

const LONGEST_REASON = 500;

/** It is shown to models and people; all of it is nobody's to read. */
function shortened(reason: string): string {
  return reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON)}…`;
}

function tooLong({ id, specialist }: Task, timeoutMs: number): BatonError {
  return new BatonError(
    "TIMEOUT",
    `task '${id}' of specialist '${specialist}' took longer than ${timeoutMs} ms: raise limits.taskMs, or ask for less`,
    { data: { task: id, specialist, timeoutMs }, effect: "possible" },
  );
}
