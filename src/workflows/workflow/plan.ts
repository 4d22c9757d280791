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
    keyOf: ({ key }, step) => `${key}/${step}`,
    isFailure: (name, { status }) => status === "failed" && byName.get(name)?.step.optional !== true,
  };
}

const LONGEST_ID = 120;

/** What the keys of a run begin with. Servers that honour keys take some 255 characters (Stripe's limit). */
export function keyFrom(workflow: string, thread: string, later?: string): string {
  const id = encodeURIComponent(thread);
  const parts = [
    workflow,
    id.length <= LONGEST_ID ? id : hashJson(thread),
    ...(later === undefined ? [] : [later]),
  ];
  return parts.join("/");
}

/** When the time of a run is over, in milliseconds since the epoch. */
export function deadlineOf({ options: { timeoutMs } }: Plan, { startedAt }: RunRecord): number | undefined {
  return timeoutMs === undefined ? undefined : startedAt + timeoutMs;
}
