import { type Clock, systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { checkOptions, RULE } from "./check-options.js";
import { cancelled } from "./failure.js";
import { createHeap } from "./heap.js";
import { later } from "./later.js";
import { createPace } from "./pace.js";
import { createRoom } from "./room.js";
import { createTask, type Task } from "./task.js";

export interface QueueOptions {
  /** Most tasks at the same time. @default 8 */
  readonly concurrency?: number;
  /** Most tasks that wait. @default 1_000 */
  readonly capacity?: number;
  /** Most tasks started in a second, evenly apart. @default no limit */
  readonly perSecond?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** Of one task that is added to a queue. */
export interface TaskOptions {
  /** A higher number goes first; within one number who came first. @default 0 */
  readonly priority?: number;
  /** One that fires takes the task out of the queue, or ends it when it runs. */
  readonly signal?: AbortSignal;
  /** For error messages. @default "a task" */
  readonly name?: string;
}

/** Work that waits for its turn; made by `createQueue()`. */
export interface Queue {
  /** How many tasks wait. */
  readonly waiting: number;
  readonly running: number;
  /** Whether it takes no more tasks. */
  readonly closed: boolean;
  /**
   * Runs a task when it is its turn, and settles as it does.
   *
   * @throws {BatonError} `OVERLOADED` with `data.limit` when `capacity` tasks wait; `CANCELLED` by the signal or
   *   `cancel()`, and from a closed queue; `CONFIG_INVALID`
   */
  add<T>(run: (signal: AbortSignal) => T | Promise<T>, options?: TaskOptions): Promise<T>;
  /**
   * Waits until one more task can be added. Who calls `add` right after it is let in; callers of `room` are served in the
   * order in which they came.
   *
   * @throws {BatonError} `CANCELLED` by the signal, or when the queue is closed meanwhile
   */
  room(signal?: AbortSignal): Promise<void>;
  /** Takes no more tasks, and resolves when all that were added are over. */
  drain(): Promise<void>;
  /** Takes no more tasks, and ends those that wait and those that run with `CANCELLED`. */
  cancel(reason?: unknown): void;
}

const RULES = {
  concurrency: RULE.count,
  capacity: RULE.wholeFromOne,
  perSecond: RULE.perSecond,
  clock: RULE.clock,
};
const TASK_RULES = {
  run: { ...RULE.function, isRequired: true },
  priority: RULE.number,
  signal: RULE.signal,
  name: RULE.text,
};

/**
 * Work that waits for its turn by priority, a limited number at a time, in a line of limited length.
 *
 * @throws {BatonError} `CONFIG_INVALID`
 * @example
 * ```ts
 * const queue = createQueue({ concurrency: 4 });
 * const report = await queue.add((signal) => build(signal), { priority: 10 });
 * await queue.drain();
 * ```
 */
export function createQueue(options: QueueOptions = {}): Queue {
  checkOptions("createQueue()", options, RULES);
  const { concurrency = 8, capacity = 1000, perSecond, clock = systemClock } = options;
  const waiting = createHeap<Task>(isBefore);
  const running = new Set<Task>();
  const pace = createPace(perSecond, clock);
  const room = createRoom("a queue's room()", () => waiting.size < capacity);
  const drained: (() => void)[] = [];
  let endPause: (() => void) | undefined;
  let added = 0;
  let isClosed = false;

  /** Starts what may start, and tells those who wait for that: after each change. */
  function advance(): void {
    while (waiting.size > 0 && running.size < concurrency && endPause === undefined) {
      const waitMs = pace.waitMs();
      if (waitMs > 0) {
        endPause = later(clock, waitMs, () => {
          endPause = undefined;
          advance();
        });
      } else {
        pace.start();
        startNext();
      }
    }
    if (waiting.size === 0) {
      endPause?.();
      endPause = undefined;
      if (running.size === 0) for (const resolve of drained.splice(0)) resolve();
    }
    room.serve();
  }

  function startNext(): void {
    const task = waiting.pop();
    if (task === undefined) return;
    running.add(task);
    task.start();
  }

  function onOver(task: Task, from: "waiting" | "running"): void {
    if (from === "running") running.delete(task);
    else waiting.remove(task);
    advance();
  }

  function close(why: string): void {
    isClosed = true;
    room.close(closed("a queue's room()", why));
  }

  return {
    get waiting() {
      return waiting.size;
    },
    get running() {
      return running.size;
    },
    get closed() {
      return isClosed;
    },
    async add(run, settings = {}) {
      checkOptions("queue.add()", { ...settings, run }, TASK_RULES);
      const { name = "a task", priority = 0, signal } = settings;
      if (isClosed) throw closed(name);
      if (signal?.aborted) throw cancelled(name, signal);
      if (waiting.size >= capacity) throw overloaded(name, capacity);
      return new Promise((resolve, reject) => {
        const order = added++;
        waiting.push(createTask({ run, name, priority, order, signal, resolve, reject, onOver }));
        advance();
      });
    },
    room: (signal) => (isClosed ? Promise.reject(closed("a queue's room()")) : room.wait(signal)),
    drain() {
      close("the queue takes no more tasks");
      return new Promise((resolve) => {
        drained.push(resolve);
        advance();
      });
    },
    cancel(reason) {
      close("the queue was cancelled");
      // Those that wait first: or each place that becomes free would start one.
      for (let task = waiting.first; task !== undefined; task = waiting.first)
        task.cancel(reason, "the queue was cancelled before it was started");
      for (const task of running) task.cancel(reason, "the queue was cancelled before it was over");
    },
  };
}

function isBefore(one: Task, other: Task): boolean {
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}

function closed(name: string, why = "the queue is closed"): BatonError {
  return new BatonError("CANCELLED", `${name}: ${why}; create another queue for more work`);
}

function overloaded(name: string, limit: number): BatonError {
  const problem = `${name}: not added, as ${limit} tasks wait already; wait for room() before add(), or raise "capacity"`;
  return new BatonError("OVERLOADED", problem, { retryable: true, data: { limit } });
}
