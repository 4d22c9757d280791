import { BatonError } from "../core/errors.js";
import { checkDag } from "./dag/check.js";
import { type Node, toNodes, toReport } from "./dag/node.js";
import { schedule } from "./dag/schedule.js";
import type { DagOptions, StepReport, StepResults, Steps } from "./dag/step.js";
import { toFacts } from "./failure.js";
import { inScope } from "./scope.js";

export type {
  DagOptions,
  EachStep,
  Inputs,
  ItemStepContext,
  SingleStep,
  Step,
  StepContext,
  StepEvent,
  StepReport,
  StepResults,
  StepRetry,
  Steps,
} from "./dag/step.js";

/** What came of a run. */
export interface DagResult<S extends Steps, OnFailure extends "stop" | "continue" = "stop"> {
  /** Of those that are done. */
  readonly results: StepResults<S, OnFailure>;
  readonly steps: { readonly [Name in keyof S]: StepReport };
}

/**
 * Runs steps that need each other's results, each the moment that all it needs is there; where places are few, first the
 * one with the longest way behind it.
 *
 * A step whose `when` says no is skipped, and what needs it is given undefined. A step that fails ends the run; with
 * `onFailure: "continue"` only what needs it, directly or through others, is skipped. An `optional` one ends nothing.
 *
 * @throws {BatonError} of a failed step its code, with `data.step`, all that `data.failed` and the `data.results` until
 *   then; `CANCELLED`, also with the results; `CONFIG_INVALID` before anything runs
 * @example
 * ```ts
 * const { results } = await runDag({
 *   headcount: { run: () => 12 },
 *   desks: { needs: ["headcount"], run: ({ headcount }: { headcount: number }) => headcount + 2 },
 * });
 * ```
 */
export async function runDag<const S extends Steps, OnFailure extends "stop" | "continue" = "stop">(
  steps: S,
  options: DagOptions & { readonly onFailure?: OnFailure } = {},
): Promise<DagResult<S, OnFailure>> {
  const order = checkDag(steps, options);
  const nodes = toNodes(steps, order);
  const data = () => ({ results: resultsOf(nodes) });
  await inScope("runDag()", options.signal, (scope) =>
    schedule(nodes, options, {
      signal: scope.signal,
      onBegin: () => {
        scope.told = { effect: "possible", data };
      },
      stoppedBy: (node, error) => stopped(nodes, node, error),
    }),
  );
  return {
    results: resultsOf(nodes),
    steps: Object.fromEntries(nodes.map((node) => [node.name, toReport(node)])),
  } as DagResult<S, OnFailure>;
}

function resultsOf(nodes: readonly Node[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    nodes.filter(({ status }) => status === "done").map(({ name, value }) => [name, value]),
  );
}

function stopped(nodes: readonly Node[], { name }: Node, error: BatonError): BatonError {
  const failed = nodes.flatMap((node) =>
    node.error ? [toFacts({ name: node.name, error: node.error })] : [],
  );
  const problem = `runDag(): step '${name}' failed, and ended the run: ${error.message}`;
  return new BatonError(error.code, problem, {
    cause: error,
    retryable: error.retryable,
    effect: "possible",
    data: { ...error.data, step: name, failed, results: resultsOf(nodes) },
  });
}
