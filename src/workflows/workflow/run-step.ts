import { getConfig, type LangGraphRunnableConfig, task } from "@langchain/langgraph";
import type { Clock } from "../../core/clock.js";
import { BatonError, isInterrupt } from "../../core/errors.js";
import { createPlaces } from "../../execution/places.js";
import { type AttemptOptions, toRecordedError, tryUntilDone } from "./attempts.js";
import { type CompiledStep, toRetry } from "./compile.js";
import type { KeptItem, Notes } from "./notes.js";
import type { WorkflowOptions } from "./options.js";
import { argumentsOf, evaluate, perform } from "./perform.js";
import type { DoneRecord, ItemRecord, RecordedError, StepRecord } from "./record.js";
import type { StepScope } from "./step.js";

export interface StepRun {
  readonly compiled: CompiledStep;
  readonly scope: StepScope;
  readonly key: string;
  /** What people agreed to, in place of the arguments that the definition gives. */
  readonly agreed: unknown;
  readonly deadline: number | undefined;
  readonly config: LangGraphRunnableConfig;
  readonly notes: Notes;
  readonly options: WorkflowOptions;
  readonly clock: Clock;
  /** A place in the order in which things are settled, the same for what another process settled before. */
  readonly order: { next(): number; seen(order: number): void };
}

/** A step, or all items of its list, to their end. A failure is a record like any other; an interrupt is thrown. */
export async function runStep(run: StepRun): Promise<StepRecord> {
  const { compiled, scope, clock } = run;
  const startedAt = clock.now();
  const times = () => ({ startedAt, endedAt: clock.now() });
  try {
    if (!(await isWanted(run)))
      return { status: "skipped", order: run.order.next(), attempts: 0, ...times() };
    if (compiled.expressions.each === undefined)
      return { ...(await runItem(run, scope, run.key)), ...times() };
    const list = await evaluate(compiled.expressions.each, scope, compiled.name);
    return { ...(await runItems(run, toList(list, compiled.name))), ...times() };
  } catch (error) {
    if (isInterrupt(error) || run.config.signal?.aborted) throw error;
    return {
      status: "failed",
      order: run.order.next(),
      error: toRecordedError(error),
      attempts: 0,
      ...times(),
    };
  }
}

/** What the step's condition says. */
export async function isWanted({ compiled, scope }: StepRun): Promise<boolean> {
  const { when } = compiled.step;
  if (when === undefined) return true;
  const answer = compiled.expressions.when
    ? await evaluate(compiled.expressions.when, scope, compiled.name)
    : await (when as (scope: StepScope) => unknown)(scope);
  return Boolean(answer) && !(Array.isArray(answer) && answer.length === 0);
}

async function runItem(run: StepRun, scope: StepScope, key: string): Promise<DoneRecord> {
  const { compiled, config, options } = run;
  const args = run.agreed ?? (await argumentsOf(compiled, scope));
  const performance = { compiled, scope, config, options };
  const tried = await tryUntilDone(
    (attempt) => perform(performance, args, attempt),
    attemptOptions(run, scope, key),
  );
  const order = run.order.next();
  // Only what is needed on the way back.
  const kept = args === undefined || compiled.step.compensate === undefined ? {} : { args };
  if (tried.status === "done")
    return { status: "done", order, ...kept, result: tried.value, attempts: tried.attempts };
  const { refusals: _, ...failed } = tried;
  return { ...failed, order, ...kept };
}

function attemptOptions(run: StepRun, { index }: StepScope, key: string): AttemptOptions {
  const { compiled, deadline, config, clock } = run;
  const { retry, timeoutMs } = compiled.step;
  const which = index === undefined ? "" : `, item ${index}`;
  return {
    what: `step '${compiled.name}'${which}`,
    key,
    retry: toRetry(retry),
    timeoutMs,
    deadline,
    signal: config.signal,
    clock,
    notes: run.notes,
    isUndoable: compiled.step.compensate !== undefined,
    onRetry: (attempt, error) =>
      config.writer?.({
        type: "step",
        workflow: run.scope.run.workflow,
        run: run.scope.run.id,
        step: compiled.name,
        ...(index === undefined ? {} : { index }),
        status: "retrying",
        attempt,
        error,
      }),
  };
}

const CONCURRENCY = 4;

/** The first item that fails has no other begun. What LangGraph has kept of an item is not done again. */
async function runItems(
  run: StepRun,
  list: readonly unknown[],
): Promise<Omit<StepRecord, "startedAt" | "endedAt">> {
  const { compiled, config, scope, key } = run;
  const { signal } = config;
  const places = createPlaces(compiled.step.concurrency ?? CONCURRENCY);
  const records: (ItemRecord | undefined)[] = [];
  let failed: RecordedError | undefined;
  // LangGraph knows what is kept by the order in which tasks are begun: that of the list.
  const runOne = task({ name: compiled.name }, async (index: number) => {
    const own = `${key}/${index}`;
    if (failed !== undefined && !(await run.notes.wasBegun(own))) return null;
    const kept = await run.notes.doneOf(own);
    // A graph that is run for an item has a place of its own in the checkpoint: that of its task.
    const record =
      kept ?? (await runItem({ ...run, config: getConfig() }, { ...scope, item: list[index], index }, own));
    return { itemKey: own, record } satisfies KeptItem;
  }) as unknown as (index: number) => Promise<KeptItem | null>;
  // What an earlier process began is brought to its end, so that it is known what there is to undo.
  const begun = await run.notes.itemsBegun(key);
  const running: Promise<void>[] = [];
  let stopped: { readonly error: unknown } | undefined;
  const stop = (error: unknown): void => {
    stopped ??= { error };
  };
  for (let index = 0; index < list.length; index++) {
    const release = await places.take(signal).catch(stop);
    if (!release) break;
    if (stopped !== undefined || (failed !== undefined && index >= begun)) {
      release();
      break;
    }
    const settled = (kept: KeptItem | null): void => {
      if (kept === null) return;
      const { record } = kept;
      run.order.seen(record.order);
      records[index] = { ...record, index };
      if (record.status === "failed")
        failed ??= { ...record.error, message: `item ${index}: ${record.error?.message}` };
    };
    running.push(runOne(index).then(settled).catch(stop).finally(release));
  }
  // To their end, so that nothing is left running; then what is no failure: an interrupt, the end of the run.
  await Promise.all(running);
  if (stopped) throw stopped.error;
  const items = Array.from(list, (_, index) => records[index]).filter((record) => record !== undefined);
  const attempts = items.reduce((sum, record) => sum + record.attempts, 0);
  const order = run.order.next();
  if (failed !== undefined) return { status: "failed", order, items, error: failed, attempts };
  return {
    status: "done",
    order,
    items: items.map(({ result: _, ...item }) => item),
    result: items.map(({ result }) => result),
    attempts,
  };
}

/** The items of a list as an expression gives it. */
export function toList(value: unknown, step: string): readonly unknown[] {
  if (value === null) return [];
  // JSONata gives a list of one as the one.
  if (!Array.isArray(value)) return [value];
  if (value.length <= MOST_ITEMS) return value;
  const problem = `step '${step}', each: the list has ${value.length} items, and a step takes at most ${MOST_ITEMS}: divide it`;
  throw new BatonError("INVALID_ARGUMENTS", problem);
}

/** All of their results lie in the run's state. */
const MOST_ITEMS = 10_000;
