import type { BaseCheckpointSaver, BaseStore, CheckpointTuple, GraphInterrupt } from "@langchain/langgraph";
import { hashJson } from "../../core/canonical.js";

type LangGraph = typeof import("@langchain/langgraph");

/**
 * What LangGraph keeps of a running task under `configurable`. The keys with two underscores are its own; without
 * them nobody can be asked, and approve.test.ts fails when they are no longer there.
 */
interface Configurable {
  readonly thread_id?: string;
  readonly checkpoint_ns?: string;
  /** The checkpoint that each graph around the task, the root first, is at: namespace to id. */
  readonly checkpoint_map?: Readonly<Record<string, string>>;
  readonly __pregel_checkpointer?: BaseCheckpointSaver;
  readonly __pregel_task_id?: string;
  readonly __pregel_resuming?: boolean;
  readonly __pregel_resume_map?: Readonly<Record<string, unknown>>;
  readonly __pregel_scratchpad?: { readonly interruptCounter: number; readonly nullResume?: unknown };
}

/** A value that LangGraph handed out for an interrupt. */
export interface Resumed {
  readonly value: unknown;
  /**
   * `"task"`: it was sent to the id of this task's interrupt, or an earlier run of the task received it. `"all"`: it
   * came without an id, `new Command({ resume: value })`, so every waiting task gets it. `"past"`: it has no id and
   * is left from another run, as this one answers by id.
   */
  readonly sentTo: "task" | "all" | "past";
}

/** The part of a graph in which a call is made, as far as it can wait for a person. */
export interface Task {
  readonly threadId: string;
  /** The same whenever the task is run again from its checkpoint, another in each fork. */
  readonly namespace: string;
  readonly store: BaseStore | undefined;
  /** Whether the thread goes on from where it stopped, with an answer or without. */
  readonly isResumed: boolean;
  /** How many interrupts the task has met in this run: the next one's place among the resume values. */
  position(): number;
  /** The next resume value, or LangGraph's interrupt as an exception. */
  interrupt(): Resumed;
  isInterrupt(error: unknown): error is GraphInterrupt;
  pending(): Promise<Pending>;
  /** The value of the interrupt at which an earlier run of the task stopped; undefined when none did. */
  asked(): Promise<unknown>;
  /** Whether other tasks wait for an answer as well; `isOpen` knows the questions of this middleware by their hash. */
  othersWait(isOpen: (hash: string) => Promise<boolean>): Promise<boolean>;
}

/** What lies in the checkpoints for the next run. */
export interface Pending {
  /** How many values the task has received. */
  readonly received: number;
  /** Hashes of values without an interrupt's id. */
  readonly values: readonly string[];
}

let langgraph: Promise<LangGraph> | undefined;

/** The task that runs; undefined outside of a graph, and in one without a checkpointer, which cannot wait. */
export async function currentTask(): Promise<Task | undefined> {
  // Loaded when the first person is asked: most programs that import this never do.
  langgraph ??= import("@langchain/langgraph");
  const { getConfig, interrupt, isGraphInterrupt } = await langgraph;
  // Outside of a graph there is none, whatever the type says.
  const config: ReturnType<typeof getConfig> | undefined = getConfig();
  const configurable = (config?.configurable ?? {}) as Configurable;
  const { __pregel_checkpointer: saver, __pregel_scratchpad: scratchpad } = configurable;
  if (!saver || typeof scratchpad?.interruptCounter !== "number") return undefined;
  const { thread_id: threadId = "", checkpoint_ns: namespace = "" } = configurable;
  const answersById = Object.keys(configurable.__pregel_resume_map ?? {}).length > 0;
  return {
    threadId,
    namespace,
    store: config?.store,
    isResumed: configurable.__pregel_resuming === true,
    position: () => scratchpad.interruptCounter + 1,
    interrupt() {
      const before = scratchpad.nullResume;
      const value: unknown = interrupt(undefined);
      // LangGraph forgets it once it was handed out.
      if (scratchpad.nullResume === before) return { value, sentTo: "task" };
      return { value, sentTo: answersById ? "past" : "all" };
    },
    isInterrupt: isGraphInterrupt,
    pending: async () => pendingIn(await readWrites(), configurable.__pregel_task_id),
    asked: async () => askedIn(await readWrites(), configurable.__pregel_task_id),
    othersWait: async (isOpen) => haveSeveral(await readWrites(), isOpen),
  };

  /** What was written to the checkpoints of all graphs around the task, the root first. */
  function readWrites(): Promise<readonly Writes[]> {
    const checkpoints = Object.entries(configurable.checkpoint_map ?? {});
    return Promise.all(
      checkpoints.map(async ([checkpoint_ns, checkpoint_id]) => {
        const place = { thread_id: threadId, checkpoint_ns, checkpoint_id };
        return (await saver?.getTuple({ configurable: place }))?.pendingWrites ?? [];
      }),
    );
  }
}

type Writes = NonNullable<CheckpointTuple["pendingWrites"]>;

const NO_TASK = "00000000-0000-0000-0000-000000000000";

function pendingIn(levels: readonly Writes[], taskId: string | undefined): Pending {
  const resumed = levels.flat().filter(([, channel]) => channel === "__resume__");
  const own = resumed.filter(([task]) => task === taskId).flatMap(([, , value]) => value);
  const values = resumed.filter(([task]) => task === NO_TASK).map(([, , value]) => hashJson(value));
  return { received: own.length, values };
}

function askedIn(levels: readonly Writes[], taskId: string | undefined): unknown {
  const write = levels.flat().find(([task, channel]) => task === taskId && channel === "__interrupt__");
  return (write?.[2] as { value?: unknown } | undefined)?.value;
}

/** Two tasks that wait meet in the checkpoint of one of the graphs around them. */
async function haveSeveral(
  levels: readonly Writes[],
  isOpen: (hash: string) => Promise<boolean>,
): Promise<boolean> {
  for (const writes of levels) {
    const isDone = (id: string) =>
      writes.some(
        ([task, channel]) => task === id && channel !== "__interrupt__" && channel !== "__resume__",
      );
    let waiting = 0;
    for (const [task, channel, value] of writes) {
      if (channel !== "__interrupt__") continue;
      // A task that is done waits again when it was run again from its checkpoint.
      const { hash } = (value as { value?: { hash?: unknown } }).value ?? {};
      if (!isDone(task) || (typeof hash === "string" && (await isOpen(hash)))) waiting++;
    }
    if (waiting > 1) return true;
  }
  return false;
}
