import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/clock.js";
import { isBatonError, isInterrupt } from "../../core/errors.js";
import { late } from "../failure.js";
import { later } from "../later.js";
import { runBatch } from "../run-batch.js";
import { inScope } from "../scope.js";
import type { Node } from "./node.js";
import type { EachStep, Inputs, StepContext, StepRetry } from "./step.js";

export interface StepRun {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onRetry: (node: Node, error: unknown, delayMs: number) => void;
}

const DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

/** The value of a step, or a promise of it. A plain step costs no more than the call of its function. */
export function runStep(node: Node, inputs: Inputs, run: StepRun): unknown {
  const { name, step } = node;
  if (step.each) return runEach(node, step, inputs, run);
  if (step.retry === undefined && step.timeoutMs === undefined) {
    node.attempts = 1;
    return step.run(inputs, { name, signal: run.signal, attempt: 1 });
  }
  return runAttempts(node, (context) => step.run(inputs, context), run);
}

function runEach(node: Node, step: EachStep, inputs: Inputs, run: StepRun): Promise<readonly unknown[]> {
  const what = `step '${node.name}'`;
  const { concurrency } = step;
  return inScope(what, run.signal, async (scope) => {
    const outcomes = await runBatch(
      what,
      step.each(inputs),
      (item, { signal, index }) => {
        const onItem = (context: StepContext) => step.run(item, { ...context, index, inputs });
        return runAttempts(node, onItem, { ...run, signal });
      },
      { ...(concurrency === undefined ? {} : { concurrency }), onError: "stop", clock: run.clock, scope },
    );
    return outcomes.map((outcome) => (outcome.status === "done" ? outcome.value : undefined));
  });
}

async function runAttempts(
  node: Node,
  work: (context: StepContext) => unknown,
  { signal, clock, onRetry }: StepRun,
): Promise<unknown> {
  const { name, step } = node;
  const { times, delayMs = DELAY_MS, maxDelayMs = MAX_DELAY_MS, when = mayHelp } = toRetry(step.retry);
  for (let attempt = 1; ; attempt++) {
    node.attempts++;
    try {
      if (step.timeoutMs === undefined) return await work({ name, signal, attempt });
      return await inTime(name, step.timeoutMs, { signal, clock }, (limited) =>
        work({ name, signal: limited, attempt }),
      );
    } catch (error) {
      if (isInterrupt(error) || signal.aborted || attempt > times) throw error;
      if (!(await isWorth(when, error)) || signal.aborted) throw error;
      // Full jitter, as retry() has it.
      const waitMs = clock.random() * Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1));
      onRetry(node, error, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}

function toRetry(retry: number | StepRetry | undefined): StepRetry {
  return typeof retry === "object" ? retry : { times: retry ?? 0 };
}

/** Of a condition that throws nothing is known, and the step's own error says more. */
async function isWorth(when: NonNullable<StepRetry["when"]>, error: unknown): Promise<boolean> {
  try {
    return Boolean(await when(error));
  } catch {
    return false;
  }
}

function mayHelp(error: unknown): boolean {
  return !isBatonError(error) || error.retryable;
}

/** Fails with `TIMEOUT` when time is up, and then fires the signal of the work; it has one of its own only for that. */
function inTime(
  name: string,
  timeoutMs: number,
  { signal, clock }: Pick<StepRun, "signal" | "clock">,
  work: (signal: AbortSignal) => unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const end = (): void => {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
    };
    const giveUp = (error: unknown): void => {
      end();
      reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => giveUp(signal.reason);
    const stopTimer = later(clock, timeoutMs, () => giveUp(late(`step '${name}'`, timeoutMs, true)));
    signal.addEventListener("abort", onAbort, { once: true });
    started(work, controller.signal).then(resolve, reject).finally(end);
  });
}

/** One that throws before it has a promise fails like any other. */
async function started(work: (signal: AbortSignal) => unknown, signal: AbortSignal): Promise<unknown> {
  return work(signal);
}
