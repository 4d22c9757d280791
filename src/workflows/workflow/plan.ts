import { hashJson } from "../../core/canonical.js";
import type { CompiledStep } from "./compile.js";
import { holdTo } from "./definition.js";
import type { WorkflowOptions } from "./options.js";
import type { DefinitionRecord, RunRecord, StepRecord } from "./record.js";

/** A compiled definition: what all nodes of its graph share. */
export interface Plan {
  readonly name: string;
  readonly definition: DefinitionRecord;
  /** Each after all that it needs. */
  readonly steps: readonly CompiledStep[];
  readonly byName: ReadonlyMap<string, CompiledStep>;
  readonly parallel: number;
  readonly options: WorkflowOptions;
  /** @throws {BatonError} `DEFINITION_CHANGED` */
  hold(run: RunRecord): void;
  /** The idempotency key of a step, the same whenever it is run again. */
  keyOf(run: RunRecord, step: string): string;
  /** Whether the run cannot go on after it. */
  isFailure(step: string, record: StepRecord): boolean;
}

const PARALLEL = 8;

export function createPlan(
  options: WorkflowOptions,
  steps: readonly CompiledStep[],
  definition: DefinitionRecord,
): Plan {
  const byName = new Map(steps.map((step) => [step.name, step]));
  return {
    name: options.name,
    definition,
    steps,
    byName,
    parallel: options.parallel ?? PARALLEL,
    options,
    hold: (run) => holdTo(definition, run),
    keyOf: ({ id }, step) => keyFrom(options.name, id, step),
    isFailure: (name, { status }) => status === "failed" && byName.get(name)?.step.optional !== true,
  };
}

const LONGEST_ID = 150;

/** Servers that honour keys take some 255 characters (Stripe's limit). */
function keyFrom(workflow: string, run: string, step: string): string {
  return `${workflow}/${run.length <= LONGEST_ID ? run : hashJson(run)}/${step}`;
}

/** When the time of a run is over, in milliseconds since the epoch. */
export function deadlineOf({ options: { timeoutMs } }: Plan, { startedAt }: RunRecord): number | undefined {
  return timeoutMs === undefined ? undefined : startedAt + timeoutMs;
}
