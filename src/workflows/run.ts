import { Command, Overwrite, START } from "@langchain/langgraph";
import { hashJson } from "../core/canonical.js";
import { systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { interruptedSteps } from "./workflow/carry.js";
import { changesBetween } from "./workflow/definition.js";
import { alone, cancelled, type Run, type Snapshot, toRun } from "./workflow/handle.js";
import { givenInput } from "./workflow/input.js";
import { beginning, NODES } from "./workflow/nodes.js";
import { notesToCarry } from "./workflow/notes.js";
import { approvalsIn, outcomeOf, type WorkflowOutcome } from "./workflow/outcome.js";
import { toJson } from "./workflow/perform.js";
import {
  isOver,
  type RecordedError,
  type RunRecord,
  type StepRecord,
  type UndoRecord,
} from "./workflow/record.js";
import type { WorkflowState } from "./workflow/state.js";
import type { WorkflowGraph } from "./workflow.js";

export type { PendingApproval, WorkflowOutcome } from "./workflow/outcome.js";

export interface RunOptions {
  /** The same run whenever it is given, also in another process: the thread's id. */
  readonly id: string;
  /** Of a run that is not known yet. @default `{}` where the workflow's schema has a default for each field */
  readonly input?: unknown;
  /** Ends the work at once. The run stays where it is: run it again to go on. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of what happens. Must not throw. */
  readonly onEvent?: ((event: WorkflowEvent) => void) | undefined;
}

/** What a run tells while it is on its way; a graph streams the same as custom events. */
export type WorkflowEvent = { readonly workflow: string; readonly run: string } & (
  | {
      readonly type: "run";
      /** `accepted`: its input is kept, so that it goes on whatever happens. */
      readonly status: "accepted" | "done" | "undone" | "failed" | "waiting";
    }
  | {
      readonly type: "step" | "undo";
      readonly step: string;
      /** Of a list. */
      readonly index?: number;
      readonly status: "started" | "retrying" | "done" | "skipped" | "failed";
      readonly attempt?: number;
      readonly error?: RecordedError;
    }
  | {
      readonly type: "progress";
      readonly tool: string;
      readonly progress: number;
      readonly total?: number;
      readonly message?: string;
    }
);

/**
 * Runs a workflow to its end, or to where it waits for a person; or goes on with a run that stopped, at a crash for
 * example; or says what became of one that is over. The input is kept before anything is done. Only one process at a
 * time may work on a run.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for an input that does not fit, or none for a run that is not known;
 *   `IDEMPOTENCY_CONFLICT` when the run is known with another input; `DEFINITION_CHANGED`; `CANCELLED`; `STORE`;
 *   `CONFIG_INVALID` without a checkpointer
 * @example
 * ```ts
 * const outcome = await runWorkflow(provision, { id: "order-4711", input: { model: "X1" } });
 * ```
 */
export function runWorkflow(workflow: WorkflowGraph, options: RunOptions): Promise<WorkflowOutcome> {
  return alone(workflow, options, async (run) => {
    const before = await run.state();
    if (!isKnown(before)) await accept(run, options);
    else {
      const known = before.values.run;
      if (known) holdToName(run, known);
      if (known === undefined) holdToBeginning(run, before);
      if (options.input !== undefined && known) holdToInput(run, known, options);
      if (isOver(known)) return outcomeOf(run, before);
      if (known) await migrated(run, before.values, known);
    }
    return goOn(run, null, options);
  });
}

/** What became of a run so far; undefined for one that is not known. Does nothing. */
export async function getRun(
  workflow: WorkflowGraph,
  id: string,
): Promise<
  WorkflowOutcome | { readonly id: string; readonly workflow: string; readonly status: "running" } | undefined
> {
  const run = toRun(workflow, id);
  const state = await run.state();
  if (!isKnown(state) || isOther(run, state.values.run)) return undefined;
  if (isOver(state.values.run) || approvalsIn(run, state).length > 0) return outcomeOf(run, state);
  return { id, workflow: run.parts.plan.name, status: "running" };
}

export interface UndoOptions extends Omit<RunOptions, "input"> {
  /** For whoever looks at the run. @default "it was called off" */
  readonly reason?: string | undefined;
  /** Steps that a person has undone, or found not to be done: nothing is called for them. @default none */
  readonly byHand?: readonly string[] | undefined;
}

/**
 * Undoes a run, whether it is on its way, waits or is done; of one that `failed`, what could not be undone is tried again.
 *
 * @throws {BatonError} as {@link runWorkflow}
 */
export function undoWorkflow(workflow: WorkflowGraph, options: UndoOptions): Promise<WorkflowOutcome> {
  return alone(workflow, options, async (run) => {
    const known = await begun(run);
    const { plan } = run.parts;
    const { values } = await run.state();
    if (known.status === "undone") return outcomeOf(run, await run.state());
    const { reason = "it was called off", byHand = [] } = options;
    const strange = byHand.filter((step) => !plan.byName.has(step));
    if (strange.length > 0) {
      const problem = `the workflow '${plan.name}' has no step ${strange.map((step) => `'${step}'`).join(", ")} that could be undone by hand`;
      throw new BatonError("INVALID_ARGUMENTS", problem, { data: { workflow: plan.name, steps: strange } });
    }
    const { clock = systemClock } = plan.options;
    const place = { run: known, steps: values.steps ?? {}, now: clock.now() };
    const steps = interruptedSteps(plan, place, await run.writes());
    const { endedAt: _, ...rest } = known;
    const error = known.error ?? { code: "CANCELLED", message: reason };
    // Of one that is being undone the rest is done, no more.
    const round = known.status === "failed" ? known.round + 1 : known.round;
    const all = { ...place.steps, ...steps };
    const undone = byHand.flatMap((step) => undoneByHand(step, all[step], { at: place.now, round }));
    await run.update({ run: { ...rest, status: "undoing", error, round }, steps, undone });
    return goOn(run, null, options);
  });
}

export interface ResumeOptions extends Omit<RunOptions, "input"> {
  /** LangGraph's id of the interrupt. */
  readonly interrupt: string;
  /** In LangChain's form; a list where one question is about several calls. */
  readonly decision?: object | readonly object[];
  /** In place of a decision, to an interrupt of another form, of a graph that is a step. */
  readonly answer?: unknown;
}

/**
 * Gives a person's decision to the question that it is for, and goes on. Who decides must have been let in by your program.
 *
 * @throws {BatonError} as {@link runWorkflow}
 */
export function resumeWorkflow(workflow: WorkflowGraph, options: ResumeOptions): Promise<WorkflowOutcome> {
  return alone(workflow, options, async (run) => {
    await begun(run);
    const { interrupt, decision, answer } = options;
    const decisions = Array.isArray(decision) ? decision : [decision];
    const value = decision === undefined ? answer : { decisions };
    return goOn(run, new Command({ resume: { [interrupt]: value } }), options);
  });
}

/** A run that is known, and of this workflow. */
async function begun(run: Run): Promise<RunRecord> {
  const { values } = await run.state();
  if (values.run === undefined) throw unknown(run);
  holdToName(run, values.run);
  await migrated(run, values, values.run);
  return (await run.state()).values.run ?? values.run;
}

/** Without a checkpoint there is no such run: `next` says nothing, as it is empty also where a process was killed. */
function isKnown({ config }: Snapshot): boolean {
  return config.configurable?.checkpoint_id !== undefined;
}

/** Writes the run down ahead: LangGraph itself loses an input when the process ends before the first step. */
async function accept(run: Run, { input, onEvent }: RunOptions): Promise<void> {
  const { plan, input: schema } = run.parts;
  const { clock = systemClock, input: declared } = plan.options;
  const canBeAbsent = () => declared !== undefined && schema.safeParse(givenInput(schema, input)).success;
  if (input === undefined && !canBeAbsent()) throw unknown(run);
  const thread = { thread: run.id };
  await run.update(beginning(plan, schema, thread, { number: 1, given: input, now: clock.now() }));
  onEvent?.({ type: "run", workflow: plan.name, run: run.id, status: "accepted" });
}

/** A thread without a run: one whose graph was invoked and stopped before its first step, or one of something else. */
function holdToBeginning(run: Run, { next }: Snapshot): void {
  if (next.some((name) => name === NODES.check || name === START)) return;
  const problem = `the thread '${run.id}' has something else in it than a run of the workflow '${run.parts.plan.name}': take another id`;
  throw new BatonError("IDEMPOTENCY_CONFLICT", problem, { data: { key: run.id } });
}

/** Each item of a list is a thing of its own. */
function undoneByHand(
  step: string,
  record: StepRecord | undefined,
  when: Pick<UndoRecord, "at" | "round">,
): readonly UndoRecord[] {
  const undone = { step, status: "undone", attempts: 0, refusals: 0, ...when } as const;
  return record?.items?.map(({ index }) => ({ ...undone, index })) ?? [undone];
}

function isOther({ parts }: Run, known: RunRecord | undefined): boolean {
  return known !== undefined && known.workflow !== parts.plan.name;
}

function holdToName(run: Run, known: RunRecord): void {
  if (!isOther(run, known)) return;
  const { name } = run.parts.plan;
  const problem = `run '${run.id}' is one of the workflow '${known.workflow}', not of '${name}': take another id`;
  throw new BatonError("IDEMPOTENCY_CONFLICT", problem, { data: { key: run.id, workflow: known.workflow } });
}

function holdToInput(run: Run, known: RunRecord, { input }: RunOptions): void {
  if (hashJson(toJson(givenInput(run.parts.input, input), "input")) === known.input) return;
  const problem = `run '${run.id}' of the workflow '${known.workflow}' is known with another input: take another id, or leave the input out to go on with it`;
  throw new BatonError("IDEMPOTENCY_CONFLICT", problem, { data: { key: run.id, workflow: known.workflow } });
}

/** Carries a run over to this definition, if the workflow says how. */
async function migrated(run: Run, values: Partial<WorkflowState>, known: RunRecord): Promise<void> {
  const { plan } = run.parts;
  const { migrate } = plan.options;
  if (changesBetween(known.definition, plan.definition).length === 0) return;
  const steps = await migrate?.({
    version: known.definition.version,
    input: values.input,
    steps: values.steps ?? {},
  });
  if (steps === undefined) return plan.hold(known);
  const strange = Object.keys(steps).filter((name) => !plan.byName.has(name));
  if (strange.length > 0) {
    const problem = `migrate() of the workflow '${plan.name}' kept steps that it does not have: ${strange.join(", ")}`;
    throw new BatonError("CONFIG_INVALID", problem, { data: { workflow: plan.name, steps: strange } });
  }
  const notes = notesToCarry(known, await run.writes());
  await run.update({ run: { ...known, definition: plan.definition, notes }, steps: new Overwrite(steps) });
}

/** A question whose time is over, or that no longer matters, is settled without an answer: at most once for each step. */
async function goOn(
  run: Run,
  first: null | Command,
  { signal, onEvent }: Omit<RunOptions, "input">,
): Promise<WorkflowOutcome> {
  const { plan } = run.parts;
  let input = first;
  for (let round = 0; round <= plan.steps.length; round++) {
    try {
      for await (const event of await run.stream(input, signal ? { signal } : {}))
        onEvent?.(event as WorkflowEvent);
    } catch (error) {
      if (signal?.aborted) throw cancelled(run, signal);
      throw error;
    }
    const state = await run.state();
    const { run: known, steps = {} } = state.values;
    if (known && !isOver(known) && state.tasks.length === 0) {
      // Somebody has changed its state, so that LangGraph does not know what comes next.
      await run.update({ run: { ...known, notes: notesToCarry(known, await run.writes()) } });
      input = null;
      continue;
    }
    const isMoot = Object.entries(steps).some(([name, record]) => plan.isFailure(name, record));
    if (isOver(known) || !isMoot) {
      const outcome = outcomeOf(run, state);
      if (outcome.status === "waiting")
        onEvent?.({ type: "run", workflow: plan.name, run: run.id, status: "waiting" });
      return outcome;
    }
    input = null;
  }
  throw new Error(`run '${run.id}' of the workflow '${plan.name}' does not come to an end`);
}

function unknown({ id, parts }: Run): BatonError {
  const { name } = parts.plan;
  const problem = `there is no run '${id}' of the workflow '${name}' here, and no input to begin one with`;
  return new BatonError("INVALID_ARGUMENTS", problem, { data: { run: id, workflow: name } });
}
