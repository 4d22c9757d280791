import type { Document } from "@langchain/core/documents";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { BaseChannel, CompiledStateGraph, MessagesAnnotation } from "@langchain/langgraph";
import { type AgentMiddleware, type CreateAgentParams, createAgent } from "langchain";
import { checkOptions } from "../core/faults.js";
import type { Budget, BudgetOptions, Spent } from "../models/budget.js";
import { toBudget } from "./budget/to-budget.js";
import { budgeted } from "./budget.js";
import {
  budgetFaults,
  contextFaults,
  graphFaults,
  middlewareFaults,
  modelFaults,
  promptFaults,
  toolsFaults,
} from "./check-options.js";
import { withContext } from "./context.js";
import { lateModel } from "./late-model.js";
import { nestable } from "./nestable.js";
import { throwingOurs } from "./overriding.js";

export interface ReactOptions {
  /** `"offline"`, `"openai:NAME"`, or any LangChain chat model. */
  readonly model: string | BaseChatModel;
  readonly tools: readonly StructuredToolInterface[];
  /** Replaces the built-in instructions: answer from tool results, cite, and say what was not found. */
  readonly systemPrompt?: string;
  /** What the model should know from the start, as `McpResourceLoader` loads it. @default none */
  readonly context?: readonly Document[];
  /** LangChain agent middleware, around the model and the loop; tool middleware goes into `loadTools`. */
  readonly middleware?: readonly AgentMiddleware[];
  /** An answer of this form, a zod or JSON schema, under `structuredResponse`. */
  readonly responseFormat?: CreateAgentParams["responseFormat"];
  /** Most tokens and money of a run or a thread, all that the tools ask of models included. @default no limit */
  readonly budget?: Budget | BudgetOptions;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: Pick<CreateAgentParams, "checkpointer" | "store" | "name">;
}

const OPTIONS = [
  "model",
  "tools",
  "systemPrompt",
  "context",
  "middleware",
  "responseFormat",
  "budget",
  "graph",
];

const INSTRUCTIONS = `You answer questions with the tools that you are given.
- Split a question into its independent parts and call the tools for all of them at once.
- Answer from what the tools returned, not from memory. Name the source of each fact: a document's title and date, or the tool.
- When a tool fails, read its message and correct the call; do not repeat the same call.
- When you found nothing, say so plainly and say where you looked.`;

/**
 * An agent that reasons and acts in a loop: model, tools, model, until it answers. Stands on LangChain's
 * `createAgent`. The state is `messages`, so it opens in chat mode in LangGraph Studio.
 *
 * @throws BatonError `CONFIG_INVALID` with all that is wrong with the options. A model given by name is loaded at the
 *   first run, which throws it when it cannot be.
 * @example
 * ```ts
 * const agent = createReact({ model: "offline", tools });
 * const { messages } = await agent.invoke({ messages: "How many engineers do we have?" });
 * ```
 */
export function createReact(options: ReactOptions): ReactGraph {
  checkOptions("createReact()", options, OPTIONS, (given) => [
    ...modelFaults("model", given.model),
    ...toolsFaults("tools", given.tools),
    ...promptFaults("systemPrompt", given.systemPrompt),
    ...contextFaults("context", given.context),
    ...middlewareFaults("middleware", given.middleware),
    ...budgetFaults("budget", given.budget),
    ...graphFaults("graph", given.graph, ["checkpointer", "store", "name"]),
  ]);
  const { tools, systemPrompt = INSTRUCTIONS, context = [], middleware = [], responseFormat } = options;
  const { model, late } = lateModel(options.model);
  const { name = "react" } = options.graph ?? {};
  const agent = createAgent({
    name: "react",
    ...options.graph,
    model,
    tools: [...tools],
    systemPrompt: withContext(systemPrompt, context),
    middleware: [...middleware, ...late, ...toBudgeted(options.budget, name)],
    ...(responseFormat === undefined ? {} : { responseFormat }),
  } as CreateAgentParams);
  return nestable(throwingOurs(agent.graph)) as unknown as ReactGraph;
}

function toBudgeted(budget: Budget | BudgetOptions | undefined, agent: string): AgentMiddleware[] {
  return budget === undefined ? [] : [budgeted(toBudget(budget), { agent })];
}

/**
 * The compiled graph: its input, state and output are `messages`, and `structuredResponse` when a format was given; with
 * a budget also `spent`, for `budgetReport()`.
 */
export type ReactGraph = CompiledStateGraph<
  typeof MessagesAnnotation.State,
  typeof MessagesAnnotation.Update,
  "__start__" | "model_request" | "tools",
  typeof MessagesAnnotation.spec,
  typeof MessagesAnnotation.spec & { readonly spent: BaseChannel<Spent | undefined> }
>;
