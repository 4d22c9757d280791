import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";
import type { RunnableInterface } from "@langchain/core/runnables";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { withoutReplay } from "../../agents/nestable.js";
import { hashJson } from "../../core/canonical.js";
import { BatonError, type ErrorCode, reasonOf } from "../../core/errors.js";
import type { Expression } from "../expression.js";
import type { Attempt } from "./attempts.js";
import type { CompiledStep } from "./compile.js";
import { guardedParts } from "./guarded.js";
import type { WorkflowOptions } from "./options.js";
import type { WorkflowState } from "./state.js";
import type { FunctionScope, StepScope } from "./step.js";

export type Args = Readonly<Record<string, unknown>>;

export interface Performance {
  readonly compiled: CompiledStep;
  readonly scope: StepScope;
  readonly config: LangGraphRunnableConfig;
  readonly options: WorkflowOptions;
}

/** What a step works on: evaluated once, before its first attempt. Undefined of a function, which is given the scope. */
export async function argumentsOf(compiled: CompiledStep, scope: StepScope): Promise<unknown> {
  const { step, kind, expressions } = compiled;
  if (kind !== "call" && kind !== "graph") return undefined;
  const given = "args" in step ? step.args : undefined;
  const args = expressions.args
    ? await evaluate(expressions.args, scope, compiled.name)
    : (given ?? (kind === "graph" ? scope.input : {}));
  if (kind === "graph") return args;
  return toArguments(args, `step '${compiled.name}', args`);
}

/** @throws {BatonError} `INVALID_ARGUMENTS` for what is no object */
export function toArguments(args: unknown, where: string): Args {
  if (typeof args === "object" && args !== null && !Array.isArray(args)) return args as Args;
  const problem = `${where} must give an object of arguments, and gave ${JSON.stringify(args)}`;
  throw new BatonError("INVALID_ARGUMENTS", problem);
}

/** Does the step once. What it gives is plain JSON. */
export async function perform(
  { compiled, scope, config, options }: Performance,
  args: unknown,
  { key, number, signal }: Attempt,
): Promise<unknown> {
  const { step, tool, expressions, name } = compiled;
  const result = await work();
  if (expressions.keep === undefined) return result;
  try {
    return await evaluate(expressions.keep, { ...scope, result } as StepScope, name);
  } catch (error) {
    // The work itself was done.
    throw new BatonError("INVALID_RESULT", reasonOf(error), { cause: error, effect: "possible" });
  }

  async function work(): Promise<unknown> {
    if (tool)
      return tool
        .call(args as Args, { key, signal, threadId: scope.run.id, config })
        .then((value) => toJson(value, name));
    if (expressions.value) return evaluate(expressions.value, scope, name);
    if ("run" in step) {
      const run = typeof step.run === "string" ? options.functions?.[step.run] : step.run;
      const given: FunctionScope = { ...scope, key, attempt: number, signal };
      return toJson(await run?.(given), name);
    }
    const { graph } = step as { graph: string | RunnableInterface };
    const runnable = typeof graph === "string" ? options.graphs?.[graph] : graph;
    const inner = { ...config, signal, configurable: withoutReplay(config.configurable) };
    const state: unknown = await runnable?.invoke(args, inner);
    const isWorkflow = typeof runnable === "object" && guardedParts(runnable) !== undefined;
    return toJson(isWorkflow ? outputOf(state as WorkflowState) : state, name);
  }
}

/** Of a workflow that is a step: one that was undone has not done what it was to do. */
function outputOf({ run, output }: WorkflowState): unknown {
  if (run?.status === "done") return output;
  const { code, message } = run?.error ?? { message: "it did not come to its end" };
  throw new BatonError(
    (code as ErrorCode | undefined) ?? "UPSTREAM",
    `the workflow '${run?.workflow}': ${message}`,
    {
      // What could not be undone is still there.
      effect: run?.status === "undone" ? "none" : "possible",
    },
  );
}

/** The same whenever it is evaluated again in this run: its time is that of the run, and its chance that of the step. */
export function evaluate(expression: Expression, scope: StepScope, step: string): Promise<unknown> {
  const { run, index = 0 } = scope;
  let drawn = 0;
  const random = (): number => {
    const digits = hashJson([run.id, step, index, drawn++]).slice(0, RANDOM_DIGITS);
    return Number.parseInt(digits, 16) / 16 ** RANDOM_DIGITS;
  };
  return expression.evaluate(scope, { at: run.startedAt, random });
}

const RANDOM_DIGITS = 12;

/** What is kept in the run's state. A message becomes its type and content. */
export function toJson(value: unknown, step: string): unknown {
  try {
    const json = JSON.stringify(
      value,
      function replace(this: Record<string, unknown>, key: string, plain: unknown) {
        const original = this[key];
        return isMessage(original) ? { type: original.getType(), content: original.content } : plain;
      },
    );
    return json === undefined ? null : JSON.parse(json);
  } catch (error) {
    const problem = `step '${step}' gave what is not JSON, and results are kept as JSON: ${reasonOf(error)}`;
    throw new BatonError("INVALID_RESULT", problem, { cause: error, effect: "possible" });
  }
}

function isMessage(value: unknown): value is BaseMessage {
  return (
    typeof value === "object" && value !== null && "getType" in value && isBaseMessage(value as BaseMessage)
  );
}
