import { randomUUID } from "node:crypto";
import { type LangGraphRunnableConfig, Send } from "@langchain/langgraph";
import type { Clock } from "../../core/clock.js";
import { isBatonError } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import { inOrder } from "../../execution/order.js";
import type { Spent } from "../../models/budget.js";
import { LIMITS as BOARD_LIMITS, toFinding } from "../blackboard/entries.js";
import { EMPTY_BOARD } from "../blackboard/merge.js";
import { type Board, type BoardState, type Finding, mergeBoard } from "../blackboard.js";
import { liveOf, withLive } from "../live.js";
import { type BatchLimits, createBatches } from "./batch.js";
import { allowListeners, livesOf, stateAt } from "./in-step.js";
import { runTask, type TaskEnd } from "./run-task.js";
import { sourcesOf } from "./sources.js";
import type { Outcome, Worker } from "./specialist.js";
import { NO_WORK, type TaskRecord, type Work, type WorkUpdate } from "./task.js";
import type { Turns } from "./turns.js";

export interface TaskNodeOptions {
  readonly workerOf: (task: TaskRecord) => Worker;
  readonly limits: BatchLimits & { readonly taskMs: number };
  readonly clock: Clock;
  readonly turns: Turns;
  readonly questionOf: (config: LangGraphRunnableConfig) => string;
}

/** What a node of one task is sent. The rest it reads from the state, as LangGraph would store it once for each task. */
export interface Sent {
  readonly id: string;
  readonly batch: string;
}

export interface TaskUpdate {
  readonly work?: WorkUpdate;
  readonly board?: BoardState;
  readonly spent?: Spent;
}

/** Starts all tasks that are planned, in one step; those that need others wait in it until they can begin. */
export function startAll(tasks: readonly TaskRecord[]): Send[] {
  const batch = randomUUID();
  const planned = tasks.filter(({ status }) => status === "planned");
  return inOrder(planned).ordered.map(({ id }) => new Send("task", { id, batch } satisfies Sent));
}

/** The node that runs one task. Its graph has the channels of `workState`. */
export function taskNode(options: TaskNodeOptions) {
  const { workerOf, limits, clock, questionOf, turns } = options;
  const openBatch = createBatches<TaskRecord>(limits);

  return async function task(
    { id, batch: batchId }: Sent,
    config: LangGraphRunnableConfig,
  ): Promise<TaskUpdate> {
    const batch = openBatch(livesOf(config).step, batchId);
    allowListeners(config);
    // Before anything that waits: others look for it.
    batch.join(id);
    const work = stateAt<Work>(config, "work") ?? NO_WORK;
    const record = work.tasks.find((one) => one.id === id);
    if (record === undefined) throw new Error(`task '${id}' is not in the state`);
    const { board, account } = await turns.open(work.turn, config);
    const settled = work.tasks.filter(({ status }) => status !== "planned");
    const worker = workerOf(record);
    const run = {
      task: record,
      question: questionOf(config),
      settled,
      batch,
      worker,
      taskMs: limits.taskMs * (record.parts ?? 1),
      clock,
    };
    const around = liveOf(config);
    const agent = record.specialist;
    const live = { agent, task: id, board, account, depth: (around?.depth ?? 0) + 1 };
    const end = await runTask(run, withLive(config, live));
    if (end === undefined) return {};
    config.writer?.({ type: "task", id, specialist: record.specialist, status: end.record.status });
    const found = await post(end, worker, board);
    const findings = found.map((finding) => finding.id);
    // Calls of a process that was killed meanwhile.
    account.countMissing(end.outcome?.messages ?? [], agent);
    return {
      work: { turn: work.turn, tasks: [{ ...end.record, findings }] },
      spent: account.spent(),
      board: mergeBoard({ findings: found, requests: [] }, end.outcome?.board ?? EMPTY_BOARD),
    };
  };

  /** What the task brought: the answer first, then what the specialist posted itself. */
  async function post(
    { record, outcome }: TaskEnd,
    { own }: Worker,
    board: Board,
  ): Promise<readonly Finding[]> {
    if (outcome === undefined) return [];
    const found = {
      key:
        clipped(record.objective.replace(/[\s\p{Cc}\p{Cs}]+/gu, " ").trim(), BOARD_LIMITS.name) || record.id,
      value: findingValue(outcome),
      author: record.specialist,
      sources: sourcesOf(outcome.messages, own?.tools).slice(0, BOARD_LIMITS.sources),
    };
    const answer = toFinding(found, clock.now());
    await board.post(found).catch((error: unknown) => {
      if (!isBatonError(error)) throw error;
      // The run has it in its state all the same.
      emitWarning(`a finding is not on the shared board: ${error.message}`, "STORE");
    });
    return [answer, ...(outcome.board?.findings ?? [])];
  }
}

/** A board holds what many read, and has limits; the whole answer is in the task's record. */
function findingValue({ structured, answer }: Outcome): unknown {
  const fits = (value: unknown) => JSON.stringify(value).length <= BOARD_LIMITS.value;
  // As it stands in the answer: JSON.
  const value: unknown = structured === undefined ? answer : JSON.parse(answer);
  if (fits(value)) return value;
  const text = answer.replace(/\p{Cs}/gu, "\uFFFD");
  let length: number = BOARD_LIMITS.value;
  // As JSON, in which a character may take six.
  while (!fits(clipped(text, length))) length = Math.floor(length * 0.8);
  return clipped(text, length);
}

/** Cut between characters, not within one. */
function clipped(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/\p{Cs}$/u, "")}…`;
}
