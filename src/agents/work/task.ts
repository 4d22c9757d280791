/** A piece of work for one specialist. Plain data, as it lies in a graph's state. */
export interface Task {
  /** Unique among the tasks of a turn. */
  readonly id: string;
  /** The name of who does it. */
  readonly specialist: string;
  /** What to find out or to do, complete in itself. */
  readonly objective: string;
  /** Ids of the tasks whose outcomes it is given. It starts when they are there. */
  readonly needs: readonly string[];
}

/**
 * - `planned`: not begun, or not at its end.
 * - `done`: there is an answer.
 * - `stopped`: the budget was used up on the way; the answer is what there was until then.
 * - `failed`: its specialist threw; `error` says why.
 * - `skipped`: not begun, as what it needs failed or a limit was reached; `error` says which.
 */
export type TaskStatus = "planned" | "done" | "stopped" | "failed" | "skipped";

/** Why a task failed. */
export interface TaskError {
  /** Of a `BatonError`. */
  readonly code?: string;
  readonly message: string;
}

/** A task and what became of it. */
export interface TaskRecord extends Task {
  readonly status: TaskStatus;
  /** The specialists of a chain of tasks that one agent does, with the tools of all of them. */
  readonly members?: readonly string[];
  /** Of how many tasks it was made; limits count for each. @default 1 */
  readonly parts?: number;
  readonly answer?: string;
  /** The answer in the form of the specialist's `output`. */
  readonly structured?: unknown;
  /** Ids on the board of what the task brought, the answer itself first. */
  readonly findings?: readonly string[];
  readonly error?: TaskError;
  /** Calls that a person refused, each with the reason if there was one. */
  readonly refused?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** The tasks of one turn: of one message of a user. */
export interface Work {
  /** Another for each message of a user. */
  readonly turn: string;
  /** In the order in which they were planned. */
  readonly tasks: readonly TaskRecord[];
  /** How often more work was delegated after the first plan. */
  readonly repairs: number;
  /** What the planner or the verifier said beside delegating, and what was refused to them. */
  readonly remarks: readonly string[];
  /** What the planner answered itself, when it delegated nothing. */
  readonly reply?: string;
}

export type WorkUpdate = Pick<Work, "turn"> & Partial<Work>;

export const NO_WORK: Work = { turn: "", tasks: [], repairs: 0, remarks: [] };

/** A reducer: a new turn begins anew; within one, tasks are added or go forward, never back. */
export function mergeWork(work: Work, update: WorkUpdate): Work {
  if (update.turn !== work.turn) return { ...NO_WORK, ...update };
  const news = new Map((update.tasks ?? []).map((task) => [task.id, task]));
  const known = work.tasks.map((task) => {
    const other = news.get(task.id);
    news.delete(task.id);
    return other !== undefined && task.status === "planned" ? other : task;
  });
  return {
    turn: work.turn,
    tasks: [...known, ...news.values()],
    repairs: Math.max(work.repairs, update.repairs ?? 0),
    remarks: [...new Set([...work.remarks, ...(update.remarks ?? [])])],
    ...(work.reply === undefined ? {} : { reply: work.reply }),
  };
}
