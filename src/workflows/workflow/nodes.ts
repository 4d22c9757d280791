import { randomUUID } from "node:crypto";
import { Command, END, type LangGraphRunnableConfig, Overwrite, Send } from "@langchain/langgraph";
import type { z } from "zod";
import { type StepPlace, stepOf } from "../../agents/work/in-step.js";
import { hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import type { Expression } from "../expression.js";
import { toRecordedError } from "./attempts.js";
import { checkInput, givenInput } from "./input.js";
import { evaluate, toJson } from "./perform.js";
import { deadlineOf, keyFrom, type Plan } from "./plan.js";
import type { RecordedError, RunRecord } from "./record.js";
import type { WorkflowState } from "./state.js";
import type { Sent } from "./step-node.js";
import { scopeOf } from "./step-node.js";
import { lastOf, undo, undoables } from "./undo.js";

/** With a space, which no step's name has. */
export const NODES = { check: "check input", plan: "plan steps", undo: "undo steps" } as const;

type Begun = WorkflowState & { readonly run: RunRecord };

export interface NodeOptions {
  readonly plan: Plan;
  readonly input: z.ZodType;
  readonly output: Expression | undefined;
  readonly clock: Clock;
}

/** Writes down the run, before anything is done. */
export function checkNode({ plan, input: schema, clock }: NodeOptions) {
  return function check(state: WorkflowState, config: LangGraphRunnableConfig) {
    const number = (state.run?.number ?? 0) + 1;
    const place = stepOf(config);
    const thread = place?.thread_id === undefined ? randomUUID() : threadOf(place);
    // A fork from the end of a run begins another one than the run that followed, so a count alone would not do.
    const name = number === 1 ? { thread } : { thread, later: `${number}-${place?.checkpoint_id}` };
    return beginning(plan, schema, name, { number, given: state.input, now: clock.now() });
  };
}

function threadOf({ thread_id: thread = "", checkpoint_ns: inside }: StepPlace): string {
  return inside === "" ? thread : `${thread}/${inside}`;
}

/** The state of a run that was not begun yet. */
export function beginning(
  plan: Plan,
  schema: z.ZodType,
  { thread, later }: { readonly thread: string; readonly later?: string },
  { number, given, now }: { readonly number: number; readonly given: unknown; readonly now: number },
) {
  const input = checkInput(plan.name, schema, given);
  const run: RunRecord = {
    id: later === undefined ? thread : `${thread}/${later}`,
    workflow: plan.name,
    number,
    key: keyFrom(plan.name, thread, later),
    input: hashJson(toJson(givenInput(schema, given), "input")),
    definition: plan.definition,
    status: "running",
    startedAt: now,
    round: 1,
  };
  return { input, output: null, run, steps: new Overwrite({}), undone: new Overwrite([]) };
}

/** Starts what can be done, and sees when the run is over. */
export function planNode({ plan, output, clock }: NodeOptions) {
  return async function next(state: WorkflowState, config: LangGraphRunnableConfig): Promise<Command> {
    const begun = state as Begun;
    const { run, steps } = begun;
    plan.hold(run);
    if (run.status === "undoing") return new Command({ goto: NODES.undo });
    const error = failureOf(begun) ?? lateness(run);
    if (error)
      return new Command({ goto: NODES.undo, update: { run: { ...run, status: "undoing", error } } });
    const open = plan.steps.filter(({ name }) => !(name in steps));
    if (open.length === 0) return finish(begun, config);
    const ready = open.filter(({ needs }) => needs.every((need) => need in steps));
    // One that is alone gets a LangGraph step, and so a checkpoint, of its own. Where several can run, all that is left is
    // started with them, and begins when what it needs is there: LangGraph would have each wait for the slowest.
    const started = ready.length === 1 ? ready : open;
    const sent: Sent = { wave: randomUUID() };
    return new Command({ goto: started.map(({ name }) => new Send(name, sent)) });
  };

  function failureOf({ steps }: Begun): RecordedError | undefined {
    const failed = Object.entries(steps).filter(([name, record]) => plan.isFailure(name, record));
    const [first] = failed.sort(([, a], [, b]) => a.order - b.order);
    if (first === undefined) return undefined;
    const [name, { error = { message: "it failed" } }] = first;
    return { ...error, step: name };
  }

  function lateness(run: RunRecord): RecordedError | undefined {
    const deadline = deadlineOf(plan, run);
    if (deadline === undefined || clock.now() < deadline) return undefined;
    const message = `the run took longer than ${plan.options.timeoutMs} ms: raise the workflow's timeoutMs`;
    return { code: "TIMEOUT", message };
  }

  async function finish(state: Begun, config: LangGraphRunnableConfig): Promise<Command> {
    const end = (run: Partial<RunRecord>): RunRecord => ({ ...state.run, ...run, endedAt: clock.now() });
    const tell = (status: string) =>
      config.writer?.({ type: "run", workflow: plan.name, run: state.run.id, status });
    try {
      const result = await outputOf(state);
      tell("done");
      return new Command({ goto: END, update: { output: result, run: end({ status: "done" }) } });
    } catch (caught) {
      const error = toRecordedError(caught);
      return new Command({ goto: NODES.undo, update: { run: { ...state.run, status: "undoing", error } } });
    }
  }

  async function outputOf(state: Begun): Promise<unknown> {
    const settled = new Map(Object.entries(state.steps));
    if (output) return evaluate(output, scopeOf(state, settled), "output");
    const last = plan.options.steps.at(-1)?.name ?? "";
    return settled.get(last)?.result ?? null;
  }
}

/** Undoes one thing, and comes again until none is left. */
export function undoNode({ plan, clock }: NodeOptions) {
  return async function undoLast(state: WorkflowState, config: LangGraphRunnableConfig): Promise<Command> {
    const begun = state as Begun;
    plan.hold(begun.run);
    const [last] = undoables(plan, begun);
    if (last === undefined) return over(begun, config);
    const record = await undo(last, { plan, state: begun, clock, config });
    return new Command({ goto: NODES.undo, update: { undone: [record] } });
  };

  function over({ run, undone }: Begun, config: LangGraphRunnableConfig): Command {
    const status = lastOf(undone).some((one) => one.status === "failed") ? "failed" : "undone";
    config.writer?.({ type: "run", workflow: plan.name, run: run.id, status });
    return new Command({ goto: END, update: { run: { ...run, status, endedAt: clock.now() } } });
  }
}
