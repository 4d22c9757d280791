import type { Document } from "@langchain/core/documents";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { BaseCheckpointSaver, BaseStore, CompiledStateGraph } from "@langchain/langgraph";
import { END, START, StateGraph } from "@langchain/langgraph";
import { systemClock } from "../core/clock.js";
import type { Budget, BudgetOptions } from "../models/budget.js";
import type { Router } from "../models/router.js";
import type { Registry } from "../registry/registry.js";
import { type Board, blackboard } from "./blackboard.js";
import { toBudget } from "./budget/to-budget.js";
import { createAsk } from "./conductor/ask.js";
import { type ConductorLimits, checkConductor, isRegistry, LIMITS } from "./conductor/check.js";
import { delegateTool } from "./conductor/delegate.js";
import { conductorNodes } from "./conductor/nodes.js";
import { createTeam, specialistPerServer } from "./conductor/team.js";
import { nestable } from "./nestable.js";
import { limitsWith } from "./work/check-limits.js";
import type { Specialist } from "./work/specialist.js";
import { workInput, workState } from "./work/state.js";
import { createTurns } from "./work/turns.js";

export type { ConductorLimits } from "./conductor/check.js";
export { specialistPerServer } from "./conductor/team.js";
export type { Specialist } from "./work/specialist.js";
export type { Task, TaskError, TaskRecord, TaskStatus, Work } from "./work/task.js";

export interface ConductorOptions {
  /**
   * `"offline"`, `"openai:NAME"`, or any LangChain chat model that can call tools: plans, verifies and writes, and is the
   * specialists' where they have none. A router chooses one for each call, of the kinds `"plan"`, `"verify"`, `"write"` and
   * the specialists' names.
   */
  readonly model: string | BaseChatModel | Router;
  /** All tools; each specialist has some of them. From a registry, one that has many sees those that fit its task. */
  readonly tools: readonly StructuredToolInterface[] | Registry;
  /** @default one for each server that the tools are of */
  readonly specialists?: readonly Specialist[];
  /** What each specialist should know from the start, as `McpResourceLoader` loads it. @default none */
  readonly context?: readonly Document[];
  /** Most tokens and money of a run or a thread, all specialists together. @default no limit: it is counted only */
  readonly budget?: Budget | BudgetOptions;
  /**
   * Gives specialists that have tools those of a blackboard too, to share findings and requests while
   * they work: a board that several runs share, or `true` for one of each question. @default they only see what they need
   */
  readonly board?: Board | true;
  readonly limits?: ConductorLimits;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: {
    readonly checkpointer?: BaseCheckpointSaver | boolean;
    readonly store?: BaseStore;
    readonly name?: string;
  };
}

/**
 * Plans a question as tasks, has specialists do them at once where they are independent, checks what was found and
 * writes a report that cites it. A question of one part is given to one specialist, and a chain of steps to one agent
 * with all of their tools; its answer is then the answer, word for word.
 *
 * A task starts when what it needs is there. A specialist that fails is reported and the rest goes on. Sources are read
 * off the tool calls that were made. The graph streams, pauses for approvals in a specialist's tools, resumes and nests
 * like any other.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a team that cannot work. Runs throw it for a model that cannot be loaded,
 *   and `INVALID_ARGUMENTS` without a question.
 * @example
 * ```ts
 * const agent = createConductor({
 *   model: "openai:gpt-5",
 *   tools,
 *   specialists: [
 *     { name: "analyst", description: "numbers from the database", tools: ["enterprise.query_database"] },
 *     { name: "hr", description: "policies, with sources", tools: ["enterprise.search_*"] },
 *   ],
 * });
 * ```
 */
export function createConductor(options: ConductorOptions): ConductorGraph {
  checkConductor(options);
  const { model, board } = options;
  const registry = isRegistry(options.tools) ? options.tools : undefined;
  const tools = isRegistry(options.tools) ? options.tools.tools : options.tools;
  const specialists = options.specialists ?? specialistPerServer(tools);
  const limits = limitsWith<Limits>(LIMITS, options.limits);
  const budget = toBudget(options.budget);
  const turns = createTurns({
    budget,
    limited: options.budget !== undefined,
    clock: systemClock,
    ...(typeof board === "object" && { board }),
  });
  const { team, alone } = createTeam(specialists, {
    model,
    all: tools,
    registry,
    context: options.context ?? [],
    maxSteps: limits.steps,
    maxOutputTokens: budget.maxOutputTokens,
    middleware: board === undefined ? [] : [blackboard()],
  });
  const { plan, task, verify, report } = conductorNodes({
    ask: createAsk(model, budget),
    delegate: delegateTool([...team.keys()]),
    team,
    alone,
    limits: { parallelPerSpecialist: limits.parallel, ...limits },
    turns,
    budget,
  });
  const graph = new StateGraph(workState, { input: workInput })
    .addNode("plan", plan, { ends: ["task", "report", END] })
    .addNode("task", task)
    .addNode("verify", verify, { ends: ["task", "report"] })
    .addNode("report", report)
    .addEdge(START, "plan")
    .addEdge("task", "verify")
    .addEdge("report", END);
  return nestable(graph.compile({ name: NAME, ...options.graph })) as unknown as ConductorGraph;
}

const NAME = "conductor";

type Limits = ConductorLimits & { readonly [Name in keyof typeof LIMITS]: number };

/**
 * The compiled graph. A run is given `messages`, and gives back those with the answer, `work`, `board`
 * and `spent`, for `budgetReport()`.
 */
export type ConductorGraph = CompiledStateGraph<
  typeof workState.State,
  typeof workState.Update,
  "__start__" | "plan" | "task" | "verify" | "report",
  typeof workInput,
  typeof workState
>;
