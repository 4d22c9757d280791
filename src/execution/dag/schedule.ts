import { type Clock, systemClock } from "../../core/clock.js";
import { type BatonError, isInterrupt } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import { toBatonError } from "../failure.js";
import { createHeap } from "../heap.js";
import { harmless } from "../notify.js";
import { type Node, startsBefore } from "./node.js";
import { runStep, type StepRun } from "./run-step.js";
import type { DagOptions, Inputs, StepEvent } from "./step.js";

export interface Schedule {
  readonly signal: AbortSignal;
  /** Told before the first step starts. */
  readonly onBegin: () => void;
  /** Makes the error with which the run ends. */
  readonly stoppedBy: (node: Node, error: BatonError) => BatonError;
}

/**
 * Runs all nodes, each as soon as what it needs is settled. When the signal fires it never settles, and starts nothing
 * more.
 */
export function schedule(
  nodes: readonly Node[],
  options: DagOptions,
  { signal, onBegin, stoppedBy }: Schedule,
): Promise<void> {
  const { input, concurrency = Number.POSITIVE_INFINITY, onFailure = "stop" } = options;
  const clock: Clock = options.clock ?? systemClock;
  const onEvent = harmless("runDag()", options.onEvent);
  const ready = createHeap<Node>(startsBefore);
  let left = nodes.length;
  let running = 0;
  let isOver = false;
  let isStarting = false;

  return new Promise((resolve, reject) => {
    const tell = (node: Node, status: StepEvent["status"], more?: Partial<StepEvent>): void => {
      onEvent?.({ type: "step", step: node.name, status, at: clock.now(), ...more });
    };
    const run: StepRun = {
      signal,
      clock,
      onRetry(node, error, delayMs) {
        if (onEvent) tell(node, "retrying", { error: toBatonError(`step '${node.name}'`, error), delayMs });
      },
    };

    function stop(): void {
      if (isOver) return;
      isOver = true;
      if (running === 0) return;
      for (const node of nodes) {
        if (node.status !== "running") continue;
        node.status = "cancelled";
        tell(node, "cancelled");
      }
    }

    function makeReady(node: Node): void {
      ready.push(node);
      if (onEvent) tell(node, "ready");
    }

    function settle(node: Node, status: "done" | "failed" | "skipped"): void {
      running--;
      left--;
      node.status = status;
      node.endedAt = clock.now();
      if (onEvent) tell(node, status, node.error ? { error: node.error } : {});
      for (const dependent of node.dependents) if (--dependent.missing === 0) makeReady(dependent);
    }

    function succeed(node: Node, value: unknown): void {
      if (isOver) return;
      node.value = value;
      settle(node, "done");
      startReady();
    }

    function fail(node: Node, error: unknown): void {
      if (isOver) return;
      if (isInterrupt(error)) {
        stop();
        reject(error);
        return;
      }
      node.error = toBatonError(`step '${node.name}'`, error);
      settle(node, "failed");
      if (onFailure === "stop" && !node.step.optional) {
        stop();
        reject(stoppedBy(node, node.error));
        return;
      }
      startReady();
    }

    function begin(node: Node): void {
      running++;
      const failed = node.needs.find(isLacking);
      if (failed !== undefined) {
        node.because = failed.because ?? failed.name;
        settle(node, "skipped");
        return;
      }
      const inputs = inputsOf(node, input);
      try {
        const isNext = isWanted(node, inputs);
        // `when` or a listener may have given up the run.
        if (isOver) return;
        if (!isNext) {
          settle(node, "skipped");
          return;
        }
        node.status = "running";
        node.startedAt = clock.now();
        if (onEvent) tell(node, "started");
        if (isOver) return;
        const value = runStep(node, inputs, run);
        if (isThenable(value)) {
          Promise.resolve(value).then(
            (awaited) => succeed(node, awaited),
            (error: unknown) => fail(node, error),
          );
        } else succeed(node, value);
      } catch (error) {
        fail(node, error);
      }
    }

    /** A loop, not each step calling the next: a long chain of functions that return at once must not fill the stack. */
    function startReady(): void {
      if (isStarting) return;
      isStarting = true;
      while (!isOver && running < concurrency) {
        const node = ready.pop();
        if (node === undefined) break;
        begin(node);
      }
      isStarting = false;
      if (left === 0 && !isOver) {
        isOver = true;
        resolve();
      }
    }

    signal.addEventListener("abort", stop, { once: true });
    onBegin();
    for (const node of nodes) if (node.missing === 0) makeReady(node);
    startReady();
  });
}

/** Whether what needs it cannot run: it failed, or was skipped for one that did, and is not optional. */
function isLacking({ status, because, step }: Node): boolean {
  return (status === "failed" || because !== undefined) && step.optional !== true;
}

function inputsOf({ needs }: Node, input: unknown): Inputs {
  const inputs: Record<string, unknown> = { input };
  for (const { name, value } of needs) inputs[name] = value;
  return inputs;
}

function isWanted({ name, step }: Node, inputs: Inputs): boolean {
  if (step.when === undefined) return true;
  const answer: unknown = step.when(inputs);
  if (!isThenable(answer)) return Boolean(answer);
  // A promise counts as true, whatever it comes to.
  const problem = "must answer at once: let a step of its own find out, and look at its result";
  throw configInvalid("runDag()", [{ path: `${name}.when`, problem }]);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
