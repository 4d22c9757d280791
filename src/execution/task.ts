import { setMaxListeners } from "node:events";
import { BatonError } from "../core/errors.js";
import { cancelled } from "./failure.js";
import type { HeapMember } from "./heap.js";

/** A task of a queue: it waits, runs, and is over, in whatever way, once. */
export interface Task extends HeapMember {
  readonly priority: number;
  /** Grows with each task. */
  readonly order: number;
  start(): void;
  /** Gives it up. */
  cancel(reason: unknown, why: string): void;
}

export interface TaskParts<T> {
  readonly run: (signal: AbortSignal) => T | Promise<T>;
  readonly name: string;
  readonly priority: number;
  readonly order: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  /** Told when it is over, with where it was until then. */
  readonly onOver: (task: Task, from: "waiting" | "running") => void;
}

export function createTask<T>(parts: TaskParts<T>): Task {
  const { run, name, priority, order, signal, resolve, reject, onOver } = parts;
  /** Made when it starts: a thousand that wait need none. */
  let controller: AbortController | undefined;
  let state: "waiting" | "running" | "over" = "waiting";

  const end = (settle: () => void): void => {
    if (state === "over") return;
    const from = state;
    state = "over";
    signal?.removeEventListener("abort", onAbort);
    settle();
    onOver(task, from);
  };
  const giveUp = (error: BatonError): void =>
    end(() => {
      reject(error);
      // Before another one takes its place.
      controller?.abort(error.cause);
    });
  const effect = (): "possible" | "none" => (state === "running" ? "possible" : "none");
  const onAbort = (): void => {
    if (signal) giveUp(cancelled(name, signal, { effect: effect() }));
  };
  const task: Task = {
    priority,
    order,
    place: -1,
    start() {
      state = "running";
      controller = new AbortController();
      setMaxListeners(0, controller.signal);
      started(run, controller.signal).then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      );
    },
    cancel(reason, why) {
      giveUp(new BatonError("CANCELLED", `${name}: ${why}`, { cause: reason, effect: effect() }));
    },
  };
  if (signal) {
    // Many tasks under one signal are no leak.
    setMaxListeners(0, signal);
    signal.addEventListener("abort", onAbort, { once: true });
  }
  return task;
}

/** One that throws before it has a promise fails like any other. */
async function started<T>(run: TaskParts<T>["run"], signal: AbortSignal): Promise<T> {
  return run(signal);
}
