import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Clock } from "../../core/clock.js";
import { isInterrupt } from "../../core/errors.js";
import { type AttemptOptions, toRecordedError, tryUntilDone } from "./attempts.js";
import { type CompiledStep, toRetry } from "./compile.js";
import { notesOf } from "./notes.js";
import { argumentsOf, evaluate, toArguments } from "./perform.js";
import { pick } from "./pick.js";
import type { Plan } from "./plan.js";
import type { RunRecord, StepRecord, UndoRecord } from "./record.js";
import { toList } from "./run-step.js";
import type { WorkflowState } from "./state.js";
import type { CompensationCall, StepScope, UndoScope } from "./step.js";
import { scopeOf } from "./step-node.js";

/** One thing that was done and has something that undoes it. */
export interface Undoable {
  readonly compiled: CompiledStep;
  /** Of a list. */
  readonly index?: number;
  readonly order: number;
  readonly args: unknown;
  readonly result: unknown;
}

/**
 * What is left to undo, the last settled first: what was done, and what failed so that nobody knows whether it was
 * done. What could not be undone is not tried again by itself.
 */
export function undoables(plan: Plan, { steps, undone, run }: WorkflowState): readonly Undoable[] {
  const isTried = (step: string, index?: number) =>
    undone.some(
      (one) =>
        one.step === step && one.index === index && (one.status === "undone" || one.round === run?.round),
    );
  return Object.entries(steps)
    .flatMap(([name, record]) => {
      const compiled = plan.byName.get(name);
      return compiled?.step.compensate === undefined ? [] : doneBy(compiled, record);
    })
    .filter(({ compiled, index }) => !isTried(compiled.name, index))
    .sort((a, b) => b.order - a.order);
}

function doneBy(compiled: CompiledStep, record: StepRecord): readonly Undoable[] {
  const { items } = record;
  if (items === undefined) return isDone(record) ? [{ compiled, ...partsOf(record, record.result) }] : [];
  const results = Array.isArray(record.result) ? record.result : [];
  return items.flatMap((item) => {
    const { index } = item;
    return isDone(item) ? [{ compiled, index, ...partsOf(item, item.result ?? results[index]) }] : [];
  });
}

function isDone({ status, effect }: Pick<StepRecord, "status" | "effect">): boolean {
  return status === "done" || effect === "possible";
}

function partsOf({ order, args = null }: Pick<StepRecord, "order" | "args">, result: unknown = null) {
  return { order, args, result };
}

/** Of what was tried in several rounds, how the last one went. */
export function lastOf(undone: readonly UndoRecord[]): readonly UndoRecord[] {
  return undone.filter(
    (one, at) =>
      !undone.some((other, later) => later > at && other.step === one.step && other.index === one.index),
  );
}

/** Runs one compensation to its end, which is a record also when it fails. */
export async function undo(
  one: Undoable,
  {
    plan,
    state,
    clock,
    config,
  }: {
    readonly plan: Plan;
    readonly state: WorkflowState & { readonly run: RunRecord };
    readonly clock: Clock;
    readonly config: LangGraphRunnableConfig;
  },
): Promise<UndoRecord> {
  const { compiled, index, result } = one;
  const { name, step } = compiled;
  const { compensate } = step;
  const which = index === undefined ? {} : { index };
  const tell = (status: string, more: object = {}) =>
    config.writer?.({
      type: "undo",
      workflow: plan.name,
      run: state.run.id,
      step: name,
      ...which,
      status,
      ...more,
    });
  const said: Partial<CompensationCall> = typeof compensate === "object" ? compensate : {};
  const own = plan.keyOf(state.run, name);
  const options: AttemptOptions = {
    what: `undoing step '${name}'`,
    key: `${index === undefined ? own : `${own}/${index}`}/undo`,
    retry: toRetry(said.retry, UNDO_TIMES),
    timeoutMs: said.timeoutMs ?? step.timeoutMs,
    deadline: undefined,
    signal: config.signal,
    clock,
    notes: notesOf(config),
    isUndoable: false,
    // Who keeps answers by key would only repeat them.
    refusals: Math.max(
      0,
      ...state.undone
        .filter((record) => record.step === name && record.index === index)
        .map(({ refusals }) => refusals),
    ),
    onRetry: (attempt, error) => tell("retrying", { attempt, error }),
  };
  tell("started");
  try {
    const scope = await scopeFor(one, state);
    const tried = await tryUntilDone(async ({ key, number, signal }) => {
      if (typeof compensate === "function")
        return void (await compensate({ ...scope, key, attempt: number, signal } as UndoScope));
      const tool = compiled.undoTool;
      const use = { key, signal, threadId: state.run.id, config };
      return tool?.call(await argumentsFor(one, scope), use);
    }, options);
    if (tried.status === "done") {
      tell("done");
      return ended({ status: "undone", attempts: tried.attempts, refusals: 0 });
    }
    const { error, attempts, refusals } = tried;
    return ended({ status: "failed", error, attempts, refusals });
  } catch (error) {
    if (isInterrupt(error) || config.signal?.aborted) throw error;
    return ended({ status: "failed", error: toRecordedError(error), attempts: 1, refusals: 0 });
  }

  function ended(record: Pick<UndoRecord, "status" | "error" | "attempts" | "refusals">): UndoRecord {
    if (record.error) tell("failed", { error: record.error });
    return { step: name, ...which, ...record, at: clock.now(), round: state.run.round };
  }

  /** A tool that is named alone gets what the step was called with and what it gave, as far as it has parameters for it. */
  async function argumentsFor(
    { compiled: { expressions, undoTool } }: Undoable,
    scope: StepScope & { readonly args: unknown },
  ) {
    const given = typeof compensate === "object" ? compensate.args : undefined;
    const where = `step '${name}', compensate.args`;
    if (expressions.undoArgs) return toArguments(await evaluate(expressions.undoArgs, scope, name), where);
    if (given !== undefined) return toArguments(given, where);
    return undoTool === undefined ? {} : pick(undoTool, scope.args, result);
  }
}

/** What undoing is tried for, after the first time: what stays done needs a person. */
const UNDO_TIMES = 5;

async function scopeFor(
  { compiled, index, args, result }: Undoable,
  state: WorkflowState & { readonly run: RunRecord },
): Promise<StepScope & Pick<UndoScope, "args" | "result">> {
  const before = new Map(
    Object.entries(state.steps).filter(([name]) => compiled.before.has(name) || name === compiled.name),
  );
  const scope = scopeOf(state, before);
  if (index === undefined)
    return { ...scope, args: args ?? (await argumentsOf(compiled, scope)) ?? null, result };
  // It gives the same list as when the step was done.
  const { each } = compiled.expressions;
  const list = each === undefined ? [] : toList(await evaluate(each, scope, compiled.name), compiled.name);
  const own = { ...scope, item: list[index], index };
  return { ...own, args: args ?? (await argumentsOf(compiled, own)) ?? null, result };
}
