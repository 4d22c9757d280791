import { isBatonError } from "../../core/errors.js";
import { type Fault, throwFaults } from "../../core/faults.js";
import { inOrder } from "../../execution/order.js";
import { compileExpression, type Expression } from "../expression.js";
import { guardFaults, notFound, ordered, orderFaults, referenceFaults } from "./compile-faults.js";
import type { WorkflowOptions } from "./options.js";
import { stepFaults } from "./schema.js";
import { type ApprovalRule, type Kind, kindOf, type StepRetry, type WorkflowStep } from "./step.js";
import { type BoundTool, findTool, nameOf } from "./tools.js";

/** A step with everything found that its definition names. */
export interface CompiledStep {
  readonly step: WorkflowStep;
  readonly name: string;
  readonly kind: Kind;
  readonly needs: readonly string[];
  /** All that comes before it: what it needs, what that needs, and so on. */
  readonly before: ReadonlySet<string>;
  /** Of an approval: the tool calls that need it, whose arguments are agreed to. */
  readonly guarded: readonly string[];
  /** And the tools of those, by the step. */
  readonly guardedTools: ReadonlyMap<string, string>;
  readonly expressions: Readonly<Partial<Record<ExpressionKey, Expression>>>;
  readonly tool: BoundTool | undefined;
  readonly undoTool: BoundTool | undefined;
  readonly previewTool: BoundTool | undefined;
}

export type ExpressionKey =
  | "when"
  | "each"
  | "args"
  | "value"
  | "keep"
  | "undoArgs"
  | "risk"
  | "previewArgs"
  | "notBy";

const RISKS = ["low", "medium", "high"];

/**
 * The steps of a definition, each after all that it needs.
 *
 * @throws {BatonError} `CONFIG_INVALID` with all that is wrong
 */
export function compileSteps(options: WorkflowOptions): readonly CompiledStep[] {
  const { name, steps } = options;
  const faults: Fault[] = [];
  const compiled = steps.flatMap((step, index) => {
    const own = stepFaults(step, `steps[${index}]`);
    faults.push(...own);
    return own.length > 0 ? [] : [compileStep(step, index, options, faults)];
  });
  faults.push(...orderFaults(compiled, steps));
  // What comes before what is not known before that.
  throwFaults(`the workflow '${name}'`, faults);
  const guarding = compiled.map((one) => ({
    ...one,
    before: ancestorsOf(one.name, compiled),
    ...guardedBy(one, compiled),
  }));
  throwFaults(
    `the workflow '${name}'`,
    guarding.flatMap((one) => [...guardFaults(one, guarding), ...referenceFaults(one, guarding)]),
  );
  return inOrder(ordered(guarding)).ordered;
}

function compileStep(
  step: WorkflowStep,
  index: number,
  { steps, tools = [], functions = {}, graphs = {} }: WorkflowOptions,
  faults: Fault[],
): CompiledStep {
  const path = `steps[${index}]`;
  const kind = kindOf(step);
  const expressions: Partial<Record<ExpressionKey, Expression>> = {};
  const read = (key: ExpressionKey, at: string, text: unknown): void => {
    if (typeof text !== "string") return;
    try {
      expressions[key] = compileExpression(text, `step '${step.name}', ${at}`);
    } catch (error) {
      if (!isBatonError(error)) throw error;
      faults.push({ path: `${path}.${at}`, problem: error.message });
    }
  };
  const find = (at: string, name: string | undefined): BoundTool | undefined => {
    if (name === undefined) return undefined;
    const tool = findTool(tools, name);
    if (tool === undefined)
      faults.push({ path: `${path}.${at}`, problem: notFound("tool", name, tools.map(nameOf)) });
    return tool;
  };
  const known = (at: Kind, name: unknown, among: object): void => {
    if (typeof name !== "string" || Object.hasOwn(among, name)) return;
    faults.push({
      path: `${path}.${at}`,
      problem: notFound(at === "run" ? "function" : at, name, Object.keys(among)),
    });
  };
  read("when", "when", step.when);
  read("each", "each", step.each);
  read("keep", "keep", step.keep);
  if ("args" in step) read("args", "args", step.args);
  if ("value" in step) read("value", "value", step.value);
  if ("run" in step) known("run", step.run, functions);
  if ("graph" in step) known("graph", step.graph, graphs);
  const { compensate } = step;
  if (typeof compensate === "object") read("undoArgs", "compensate.args", compensate.args);
  const rule: ApprovalRule = "approve" in step ? step.approve : {};
  const preview = typeof rule.preview === "string" ? { call: rule.preview } : rule.preview;
  read("args", "approve.args", rule.args);
  read("notBy", "approve.notBy", rule.notBy);
  read("previewArgs", "approve.preview.args", preview?.args);
  if (rule.risk !== undefined && !RISKS.includes(rule.risk)) read("risk", "approve.risk", rule.risk);
  const previewTool = find("approve.preview", preview?.call);
  if (previewTool && !previewTool.isReadOnly) {
    const problem = `'${previewTool.name}' does not say that it is read-only, and a preview must change nothing: take another, or say readOnlyHint for it in the configuration`;
    faults.push({ path: `${path}.approve.preview`, problem });
  }
  return {
    step,
    name: step.name,
    kind,
    needs: needsOf(step, steps[index - 1]),
    before: new Set(),
    guarded: [],
    guardedTools: new Map(),
    expressions,
    tool: find("call", "call" in step ? step.call : undefined),
    undoTool: find(
      "compensate",
      typeof compensate === "object"
        ? compensate.call
        : typeof compensate === "string"
          ? compensate
          : undefined,
    ),
    previewTool,
  };
}

function needsOf({ needs }: WorkflowStep, before: WorkflowStep | undefined): readonly string[] {
  if (needs === undefined) return before === undefined ? [] : [before.name];
  return typeof needs === "string" ? [needs] : [...new Set(needs)];
}

/** The tool calls that need an approval of no arguments of its own. */
function guardedBy(
  { name, kind, step }: CompiledStep,
  steps: readonly CompiledStep[],
): Pick<CompiledStep, "guarded" | "guardedTools"> {
  const hasOwn = kind !== "approve" || ("approve" in step && step.approve.args !== undefined);
  const calls = hasOwn ? [] : steps.filter((one) => one.kind === "call" && one.needs.includes(name));
  return {
    guarded: calls.map((one) => one.name),
    guardedTools: new Map(calls.map((one) => [one.name, one.tool?.name ?? one.name])),
  };
}

function ancestorsOf(name: string, steps: readonly CompiledStep[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const need of steps.find((step) => step.name === one)?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(name);
  return found;
}

/** `retry: 3`, or more said, as it is used. */
export function toRetry(retry: number | StepRetry | undefined, times = 0): Required<StepRetry> {
  const given = typeof retry === "number" ? { times: retry } : (retry ?? { times });
  return { delayMs: 250, maxDelayMs: 30_000, ...given };
}
