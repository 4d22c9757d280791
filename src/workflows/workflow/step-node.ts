import { GraphInterrupt, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { LEFT, type Settled } from "../../agents/work/batch.js";
import { allowListeners, stateAt } from "../../agents/work/in-step.js";
import type { Clock } from "../../core/clock.js";
import { isInterrupt } from "../../core/errors.js";
import { askPeople } from "./ask-people.js";
import type { CompiledStep } from "./compile.js";
import { type Notes, notesOf } from "./notes.js";
import { deadlineOf, type Plan } from "./plan.js";
import type { RunRecord, StepRecord } from "./record.js";
import { runStep } from "./run-step.js";
import type { WorkflowState } from "./state.js";
import type { StepScope } from "./step.js";
import { createWaves, type Wave } from "./wave.js";

/** What the node of a step is sent. The rest it reads from the state. */
export interface Sent {
  /** The wave. */
  readonly wave: string;
}

export interface StepUpdate {
  readonly steps?: Readonly<Record<string, StepRecord>>;
}

export type StepNode = (sent: Sent, config: LangGraphRunnableConfig) => Promise<StepUpdate>;

/** Makes the node of a step, which begins when all that it needs is settled, not when all that was started with it is. */
export function createStepNodes(plan: Plan, clock: Clock): (compiled: CompiledStep) => StepNode {
  const waveOf = createWaves(plan.parallel);

  return (compiled) =>
    async function step({ wave: id }, config) {
      const state = readState(config);
      plan.hold(state.run);
      allowListeners(config);
      const wave = waveOf(id, state, config);
      const { name } = compiled;
      // Before anything that waits: others look for it.
      wave.batch.join(name);
      let settled: Settled<StepRecord> = LEFT;
      try {
        const notes = notesOf(config);
        // What an earlier process began is brought to its end, so that it is known what there is to undo.
        const key = plan.keyOf(state.run, name);
        const wasBegun = (await notes.wasBegun(key)) || (await notes.itemsBegun(key)) > 0;
        const before = await settledNeeds(compiled, wave, config, plan, wasBegun);
        if (before === "stopped") return {};
        // Something that it needs waits for a person: so does this, without asking anything itself.
        if (before === "waiting") throw new GraphInterrupt([]);
        const release = await wave.batch.places.take(config.signal);
        try {
          if (wave.isStopped && !wasBegun) return {};
          const record = await run(compiled, state, before, wave, notes, config).catch((error: unknown) => {
            // It asks a person what no longer matters, and may have done something before.
            if (isInterrupt(error) && wave.isStopped && wasBegun) return leftAsking(name, wave, clock);
            throw error;
          });
          if (plan.isFailure(name, record)) wave.stop();
          settled = record;
          return { steps: { [name]: record } };
        } finally {
          release();
        }
      } finally {
        wave.batch.settle(name, settled);
      }
    };

  async function run(
    compiled: CompiledStep,
    state: WorkflowState & { readonly run: RunRecord },
    before: ReadonlyMap<string, StepRecord>,
    wave: Wave,
    notes: Notes,
    config: LangGraphRunnableConfig,
  ): Promise<StepRecord> {
    const { name } = compiled;
    const tell = (status: string, more: object = {}) =>
      config.writer?.({ type: "step", workflow: plan.name, run: state.run.id, step: name, status, ...more });
    const scope = scopeOf(state, before);
    const one = {
      compiled,
      scope,
      key: plan.keyOf(state.run, name),
      agreed: agreedFor(name, before),
      deadline: deadlineOf(plan, state.run),
      config,
      notes,
      options: plan.options,
      clock,
      order: wave.order,
    };
    tell("started");
    const record = compiled.kind === "approve" ? await askPeople(one, plan) : await runStep(one);
    tell(record.status, record.error === undefined ? {} : { error: record.error });
    return record;
  }
}

function leftAsking(name: string, { order }: Wave, clock: Clock): StepRecord {
  const now = clock.now();
  const error = {
    code: "CANCELLED",
    message: `step '${name}' waited for a person when another step had failed`,
  };
  return {
    status: "failed",
    effect: "possible",
    order: order.next(),
    error,
    attempts: 1,
    startedAt: now,
    endedAt: now,
  };
}

type ReadState = WorkflowState & { readonly run: RunRecord };

function readState(config: LangGraphRunnableConfig): ReadState {
  const read = <Value>(channel: string): Value | undefined => stateAt<Value>(config, channel);
  return {
    input: read("input"),
    run: read<RunRecord>("run") as RunRecord,
    steps: read<WorkflowState["steps"]>("steps") ?? {},
    undone: [],
  };
}

/** What expressions and functions of a step see. */
export function scopeOf(
  { input, run }: { readonly input: unknown; readonly run: RunRecord },
  settled: ReadonlyMap<string, StepRecord>,
): StepScope {
  const results = [...settled].map(([name, { result = null }]) => [name, result] as const);
  return {
    input,
    steps: Object.fromEntries(results),
    run: { id: run.id, workflow: run.workflow, startedAt: run.startedAt },
  };
}

function agreedFor(name: string, settled: ReadonlyMap<string, StepRecord>): unknown {
  for (const { agreed } of settled.values()) if (agreed && Object.hasOwn(agreed, name)) return agreed[name];
  return undefined;
}

/** What comes before the step, when it is settled: no more, so that the step sees the same whenever it is run again. */
async function settledNeeds(
  { needs, before }: CompiledStep,
  wave: Wave,
  { signal }: LangGraphRunnableConfig,
  plan: Plan,
  wasBegun: boolean,
): Promise<ReadonlyMap<string, StepRecord> | "waiting" | "stopped"> {
  const known = new Map(await wave.settledBefore());
  if ([...known].some(([name, record]) => plan.isFailure(name, record))) wave.stop();
  const isStopped = () => wave.isStopped && !wasBegun;
  if (isStopped()) return "stopped";
  for (const name of [...needs, ...before]) {
    if (known.has(name)) continue;
    const outcome = await wave.batch.outcomeOf(name, signal);
    if (isStopped()) return "stopped";
    if (outcome === LEFT) return "waiting";
    known.set(name, outcome);
    if (plan.isFailure(name, outcome)) wave.stop();
  }
  if (isStopped()) return "stopped";
  return new Map([...known].filter(([name]) => before.has(name)));
}
