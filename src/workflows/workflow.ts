import { type CompiledStateGraph, END, START, StateGraph } from "@langchain/langgraph";
import { nestable } from "../agents/nestable.js";
import { systemClock } from "../core/clock.js";
import { type Fault, throwFaults, unknownKeys } from "../core/faults.js";
import { compileExpression } from "./expression.js";
import { compileSteps } from "./workflow/compile.js";
import { definitionOf } from "./workflow/definition.js";
import { guarded, type WorkflowParts } from "./workflow/guarded.js";
import { inputSchema } from "./workflow/input.js";
import { checkNode, NODES, planNode, undoNode } from "./workflow/nodes.js";
import type { WorkflowOptions } from "./workflow/options.js";
import { pictureOf } from "./workflow/picture.js";
import { createPlan } from "./workflow/plan.js";
import { type WorkflowState, workflowInput, workflowState } from "./workflow/state.js";
import { createStepNodes } from "./workflow/step-node.js";

export type { OldRun, WorkflowDefinition, WorkflowOptions } from "./workflow/options.js";
export type { ItemRecord, RecordedError, RunRecord, StepRecord, UndoRecord } from "./workflow/record.js";
export type { WorkflowState } from "./workflow/state.js";
export type {
  ApprovalRule,
  ApproveStep,
  CallStep,
  Compensation,
  CompensationCall,
  FunctionScope,
  FunctionStep,
  GraphStep,
  StepRetry,
  StepScope,
  UndoScope,
  ValueStep,
  WorkflowStep,
} from "./workflow/step.js";

const OPTIONS = [
  "name",
  "description",
  "version",
  "steps",
  "input",
  "output",
  "timeoutMs",
  "parallel",
  "tools",
  "functions",
  "graphs",
  "migrate",
  "clock",
  "graph",
];

/**
 * Work of several steps that finishes, goes on where it stopped, or undoes itself: tool calls, functions, graphs and
 * approvals, in the order in which they need each other. Each result is kept when it is there, and each effect has an
 * idempotency key that comes from the run and the step, so that a process may be killed at any time. When a step fails,
 * what was done before it is undone, the last first.
 *
 * Run it with `runWorkflow`, or as any graph: its input is `{ input }`. A failed run does not throw: `run.status` says
 * what became of it.
 *
 * @throws {BatonError} `CONFIG_INVALID` with all that is wrong with the definition
 * @example
 * ```ts
 * const provision = createWorkflow({
 *   name: "provision-laptop",
 *   steps: [
 *     { name: "reserve", call: "assets.reserve", args: "{ 'model': input.model }", compensate: "assets.release" },
 *     { name: "approve", approve: { risk: "high", preview: "assets.quote" } },
 *     { name: "order", call: "orders.create", args: "{ 'asset': steps.reserve.id }", retry: 3, compensate: "orders.cancel" },
 *   ],
 *   tools,
 *   graph: { checkpointer },
 * });
 * ```
 */
export function createWorkflow(options: WorkflowOptions): WorkflowGraph {
  checkOptions(options);
  const { clock = systemClock, name } = options;
  const input = inputSchema(options);
  const output =
    options.output === undefined
      ? undefined
      : compileExpression(options.output, `the workflow '${name}', output`);
  const steps = compileSteps(options);
  const plan = createPlan(options, steps, definitionOf(options, steps));
  const parts = { plan, input, output, clock };
  const state = workflowState(input);
  const names = steps.map((step) => step.name);
  // Names of nodes are known at run time only.
  const builder = new StateGraph(state, { input: workflowInput(input) }) as unknown as StateGraph<
    WorkflowState,
    unknown,
    unknown,
    string
  >;
  builder
    .addNode(NODES.check, checkNode(parts) as never)
    .addNode(NODES.plan, planNode(parts) as never, { ends: [...names, NODES.undo, END] })
    .addNode(NODES.undo, undoNode(parts) as never, { ends: [NODES.undo, END] })
    .addEdge(START, NODES.check)
    .addEdge(NODES.check, NODES.plan);
  const nodeOf = createStepNodes(plan, clock);
  for (const step of steps) builder.addNode(step.name, nodeOf(step) as never).addEdge(step.name, NODES.plan);
  const graph = builder.compile({ name, ...options.graph });
  return dressed(graph, { plan, input }, pictureOf(plan, state)) as unknown as WorkflowGraph;
}

type Compiled = ReturnType<typeof pictureOf>;

/** A graph with what makes it a workflow, also when LangGraph makes another one of it. */
function dressed<Graph extends object>(graph: Graph, parts: WorkflowParts, picture: Compiled): Graph {
  const { withConfig } = graph as unknown as { withConfig(config: object): object };
  return Object.assign(guarded(nestable(graph), parts), {
    withConfig: (config: object) => dressed(withConfig.call(graph, config), parts, picture),
    getGraph: picture.getGraph.bind(picture),
    getGraphAsync: picture.getGraphAsync.bind(picture),
  });
}

/** The compiled graph. A run is given `input`, and gives back `output`, `run`, `steps` and `undone`. */
export type WorkflowGraph = CompiledStateGraph<
  WorkflowState,
  Partial<WorkflowState>,
  string,
  ReturnType<typeof workflowInput>,
  ReturnType<typeof workflowState>
>;

function checkOptions(options: WorkflowOptions): void {
  const faults: Fault[] = [...unknownKeys("", options, OPTIONS)];
  const fault = (path: string, problem: string): void => void faults.push({ path, problem });
  const { name, steps, version, timeoutMs, parallel } = options;
  if (typeof name !== "string" || name.trim() === "") fault("name", "must be a text that is not empty");
  if (!Array.isArray(steps) || steps.length === 0) fault("steps", "must be a list of at least one step");
  if (version !== undefined && (typeof version !== "string" || version === ""))
    fault("version", "must be a text that is not empty");
  for (const [path, value] of Object.entries({ timeoutMs, parallel }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      fault(path, "must be a whole number of at least 1");
  throwFaults("createWorkflow()", faults);
}
