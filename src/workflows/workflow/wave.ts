import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type Batch, createBatches } from "../../agents/work/batch.js";
import { livesOf, writtenInStep } from "../../agents/work/in-step.js";
import type { StepRecord } from "./record.js";
import type { WorkflowState } from "./state.js";

/** The steps that were started together, as this process knows them. */
export interface Wave {
  readonly batch: Batch<StepRecord>;
  /** Those that were settled before, in earlier LangGraph steps or in an earlier run of this one. */
  settledBefore(): Promise<ReadonlyMap<string, StepRecord>>;
  readonly order: { next(): number; seen(order: number): void };
  /** A step has failed: no other begins. */
  stop(): void;
  readonly isStopped: boolean;
}

/** The wave that a step was started with. */
export function createWaves(
  parallel: number,
): (id: string, state: WorkflowState, config: LangGraphRunnableConfig) => Wave {
  const openBatch = createBatches<StepRecord>({ parallel, parallelPerSpecialist: parallel });
  const waves = new WeakMap<Batch<StepRecord>, Wave>();
  return (id, state, config) => {
    const batch = openBatch(livesOf(config).step, id);
    const wave = waves.get(batch) ?? createWave(batch, state, config);
    waves.set(batch, wave);
    return wave;
  };
}

function createWave(batch: Batch<StepRecord>, state: WorkflowState, config: LangGraphRunnableConfig): Wave {
  let last = 0;
  let stopped = false;
  let settled: Promise<ReadonlyMap<string, StepRecord>> | undefined;
  const order = {
    next: () => ++last,
    seen(one: number) {
      last = Math.max(last, one);
    },
  };
  return {
    batch,
    order,
    settledBefore() {
      settled ??= readSettled();
      return settled;
    },
    stop() {
      stopped = true;
    },
    get isStopped() {
      return stopped;
    },
  };

  async function readSettled(): Promise<ReadonlyMap<string, StepRecord>> {
    const written = await writtenInStep<Readonly<Record<string, StepRecord>>>(config, "steps");
    const all = new Map([state.steps, ...written].flatMap((steps) => Object.entries(steps)));
    for (const record of all.values())
      for (const { order: one } of [record, ...(record.items ?? [])]) order.seen(one);
    return all;
  }
}
