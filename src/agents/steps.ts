import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  type BaseStore,
  Command,
  type CompiledStateGraph,
  END,
  type LangGraphRunnableConfig,
  Overwrite,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { systemClock } from "../core/clock.js";
import type { Budget, BudgetOptions } from "../models/budget.js";
import type { Router } from "../models/router.js";
import { EMPTY_BOARD } from "./blackboard/merge.js";
import { budgetSign } from "./budget/stopped.js";
import { toBudget } from "./budget/to-budget.js";
import { nestable } from "./nestable.js";
import { checkSteps } from "./steps/check.js";
import { limitsWith, TASK_LIMITS } from "./work/check-limits.js";
import { continuedTasks, isContinued, isUnfinished, nameOf } from "./work/continued.js";
import { stateAt } from "./work/in-step.js";
import { createWorker, type Specialist, type Worker } from "./work/specialist.js";
import { type WorkState, workInput, workState } from "./work/state.js";
import type { TaskRecord } from "./work/task.js";
import { startAll, taskNode } from "./work/task-node.js";
import { createTurns, type Turn } from "./work/turns.js";

/** One step of a plan that is given. */
export interface Step {
  /** Unique. Other steps name it under `needs`. */
  readonly name: string;
  /** What to do. The outcomes of the steps that it needs are given to the agent as well. */
  readonly task: string;
  /** Who does it, one of `agents`. @default an agent of the step's own, with the step's `tools` */
  readonly agent?: string;
  /** The steps that must be done before. @default none */
  readonly needs?: readonly string[];
  /** What may be called in this step, in place of all that the agent has: `server.tool` patterns. @default none, without an agent */
  readonly tools?: readonly string[];
}

export interface StepsOptions {
  /** Of the agents that have none of their own: `"offline"`, `"openai:NAME"`, any LangChain chat model, or a router. */
  readonly model: string | BaseChatModel | Router;
  /** All tools; agents and steps have some of them. @default none */
  readonly tools?: readonly StructuredToolInterface[];
  /** @default none: each step is done by an agent of the plan's own */
  readonly agents?: readonly Specialist[];
  readonly steps: readonly Step[];
  /** Most tokens and money of a run or a thread, all steps together. @default no limit: it is counted only */
  readonly budget?: Budget | BudgetOptions;
  readonly limits?: StepsLimits;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: {
    readonly checkpointer?: BaseCheckpointSaver | boolean;
    readonly store?: BaseStore;
    readonly name?: string;
  };
}

/** How much a run of steps does at a time, and how much each of them may take. */
export interface StepsLimits {
  /** Most steps that run at a time. @default 8 */
  readonly parallel?: number;
  /** Most model calls of an agent for a step. @default 12 */
  readonly steps?: number;
  /** Longest time of a step, in milliseconds. @default 300_000 */
  readonly taskMs?: number;
}

/**
 * Runs a plan that is given: no model decides what is done next. A step starts when those that it needs are done, so what
 * is independent runs at once. A step that fails leaves out those that need it, and the others go on. The answer is that
 * of the last step; of all that no other step needs, if there are several.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a plan that cannot be run: a name twice, an unknown agent, tool or step, steps
 *   that need each other
 * @example
 * ```ts
 * const review = createSteps({
 *   model: "openai:gpt-5",
 *   tools,
 *   steps: [
 *     { name: "people", task: "How many people work in each department?", tools: ["enterprise.query_database"] },
 *     { name: "rules", task: "What is the policy on overtime?", tools: ["enterprise.search_*"] },
 *     { name: "advice", task: "Which departments are at risk?", needs: ["people", "rules"] },
 *   ],
 * });
 * const { messages } = await review.invoke({ messages: "Review this quarter." });
 * ```
 */
export function createSteps(options: StepsOptions): StepsGraph {
  checkSteps(options);
  const { steps, limits = {} } = options;
  const { parallel, taskMs } = limitsWith<Required<StepsLimits>>(TASK_LIMITS, limits);
  const budget = toBudget(options.budget);
  const turns = createTurns({ budget, limited: options.budget !== undefined, clock: systemClock });
  const workers = new Map(steps.map((step) => [step.name, workerOf(step, options, budget)]));
  const task = taskNode({
    workerOf: ({ id }) => (workers.get(id) ?? workers.get(nameOf(id))) as Worker,
    limits: { parallel, parallelPerSpecialist: parallel, taskMs },
    turns,
    clock: systemClock,
    questionOf: (config) => questionIn(stateAt<readonly BaseMessage[]>(config, "messages") ?? []),
  });
  const planned = steps.map(
    ({ name, task: objective, needs = [], agent = ownName(name) }): TaskRecord => ({
      id: name,
      specialist: agent,
      objective,
      needs,
      status: "planned",
    }),
  );
  const start = (_: WorkState, config: LangGraphRunnableConfig) =>
    new Command({
      goto: startAll(planned),
      update: { work: { turn: turns.begin(config), tasks: planned }, board: new Overwrite(EMPTY_BOARD) },
    });
  const join = async ({ work: { turn: id, tasks } }: WorkState, config: LangGraphRunnableConfig) => {
    // Those that waited for one that waited for a person.
    const waiting = startAll(tasks);
    if (waiting.length > 0) return new Command({ goto: waiting });
    const turn = await turns.open(id, config);
    const isOut = tasks.some((one) => isUnfinished(one, tasks));
    const again = isOut ? continuedTasks(tasks, turn, budget) : undefined;
    const spent = turn.account.spent();
    if (again === undefined)
      return new Command({
        goto: END,
        update: { messages: [answer(tasks, isOut ? turn : undefined)], spent },
      });
    return new Command({ goto: startAll(again), update: { work: { turn: id, tasks: again }, spent } });
  };
  const graph = new StateGraph(workState, { input: workInput })
    .addNode("start", start, { ends: ["task"] })
    .addNode("task", task)
    .addNode("join", join, { ends: ["task", END] })
    .addEdge(START, "start")
    .addEdge("task", "join");
  return nestable(graph.compile({ name: NAME, ...options.graph })) as unknown as StepsGraph;
}

/** The compiled graph. A run is given `messages`, and gives back those with the answer, `work` and `board`. */
export type StepsGraph = CompiledStateGraph<
  WorkState,
  typeof workState.Update,
  "__start__" | "start" | "task" | "join",
  typeof workInput,
  typeof workState
>;

const NAME = "steps";

/** Who does a step that names no agent. Providers take no other characters in a name. */
function ownName(step: string): string {
  return step.replace(/[^\w.-]+/g, "_").slice(0, 64) || NAME;
}

function workerOf(
  step: Step,
  { model, tools = [], agents = [], limits = {} }: StepsOptions,
  budget: Budget,
): Worker {
  const agent = agents.find(({ name }) => name === step.agent);
  const own: Specialist = agent ?? {
    name: ownName(step.name),
    description: "does one step of a plan",
    tools: [],
  };
  const specialist = step.tools === undefined ? own : { ...own, tools: step.tools };
  return createWorker(specialist, {
    model,
    all: tools,
    maxSteps: limits.steps ?? TASK_LIMITS.steps,
    maxOutputTokens: budget.maxOutputTokens,
    middleware: [],
  });
}

function questionIn(messages: readonly BaseMessage[]): string {
  return messages.findLast((message) => HumanMessage.isInstance(message))?.text ?? "";
}

/** With a sign of the budget that cut it short, if one did. */
function answer(tasks: readonly TaskRecord[], cutBy: Turn | undefined): AIMessage {
  if (cutBy === undefined) return new AIMessage(answerOf(tasks));
  const open = tasks.filter((task) => isUnfinished(task, tasks)).map(({ id }) => id);
  const note = `(Not finished, as the budget was used up: ${open.join(", ")}.)`;
  return new AIMessage({
    content: `${answerOf(tasks)}\n\n${note}`,
    response_metadata: budgetSign(cutBy.account),
  });
}

function answerOf(tasks: readonly TaskRecord[]): string {
  const kept = tasks.filter((task) => !isContinued(task, tasks));
  const needed = new Set(kept.flatMap(({ needs }) => needs));
  const last = kept.filter(({ id }) => !needed.has(id));
  const [only] = last;
  if (only !== undefined && last.length === 1 && only.status === "done") return only.answer ?? "";
  // What failed on the way says why the end is missing.
  const shown = kept.filter((task) => last.includes(task) || task.status === "failed");
  return shown
    .map((task) => `## ${task.id}\n\n${task.answer ?? `Not done: ${task.error?.message}`}`)
    .join("\n\n");
}
