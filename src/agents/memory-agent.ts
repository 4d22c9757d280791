import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { BaseStore, CompiledStateGraph } from "@langchain/langgraph";
import { type AgentMiddleware, type CreateAgentParams, createAgent } from "langchain";
import { checkOptions, type Fault, unknownKeys } from "../core/faults.js";
import type { ShortTermLimits } from "../memory/short-term.js";
import {
  graphFaults,
  middlewareFaults,
  modelFaults,
  promptFaults,
  storeFaults,
  toolsFaults,
} from "./check-options.js";
import { lateModel } from "./late-model.js";
import { memoryMiddleware } from "./memory-agent/middleware.js";
import { memoryContext, memoryOf, type NamespaceOf } from "./memory-agent/scope.js";
import { memoryState } from "./memory-agent/state.js";
import { storeOnlyNews } from "./memory-agent/store-only-news.js";
import { MEMORY_TOOLS } from "./memory-agent/tools.js";
import { nestable } from "./nestable.js";

export interface MemoryAgentOptions {
  /** `"offline"`, `"openai:NAME"`, or any LangChain chat model. */
  readonly model: string | BaseChatModel;
  /** What the agent can do beside remembering. @default none */
  readonly tools?: readonly StructuredToolInterface[];
  /** Where long-term memory lies, such as `sqliteStore("memory.db")`. @default the store that LangGraph injects, else this process */
  readonly store?: BaseStore;
  /** Whose memory it is. @default `["users", id]`, the id of the run's user */
  readonly namespace?: readonly string[] | NamespaceOf;
  /** Replaces the built-in instructions. What is recalled follows them. */
  readonly systemPrompt?: string;
  /** LangChain agent middleware, around the model and the loop. @default none */
  readonly middleware?: readonly AgentMiddleware[];
  /** Most tokens of past knowledge and task together, in each model call. @default 2000 */
  readonly contextTokens?: number;
  /** How much of the conversation the model sees word for word. @default 40 messages, 4,000 tokens */
  readonly recent?: ShortTermLimits;
  /** Finds by meaning too. @default none: words alone, which needs no model */
  readonly embeddings?: EmbeddingsInterface;
  /** LangGraph's own memory of threads, and a name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: Pick<CreateAgentParams, "checkpointer" | "name">;
}

const OPTIONS = [
  "model",
  "tools",
  "store",
  "namespace",
  "systemPrompt",
  "middleware",
  "contextTokens",
  "recent",
  "embeddings",
  "graph",
];

const INSTRUCTIONS = `You are an assistant that remembers its users across conversations.
- What you know from before stands under <memory>. Use it without being asked, and do not repeat it needlessly.
- When it does not hold what you need, look with recall before you say that you do not know.
- When the user states or corrects something that must hold from now on, keep it with remember. To correct a memory, find its id with recall and pass it as replaces.
- Forget only what the user asks you to forget.
- Keep what a longer task needs in view with note, and call finish_task when it is done.`;

/**
 * An agent that remembers its users across threads and restarts. It recalls what fits a question before the model is
 * asked, and keeps every turn word for word afterwards; tools let the model remember, correct and forget on purpose.
 * Each user has a memory of their own: see `userOf` for where a run's user comes from, `default` where nobody says.
 *
 * A thread may grow without end: the model sees its recent part, and a checkpoint stores what a step adds. When the
 * store fails, the agent answers from the conversation, `memoryWarning` in its state and a process warning say so, and
 * the thread's next turn remembers what this one could not.
 *
 * @throws BatonError `CONFIG_INVALID` with all that is wrong with the options, such as a tool that has the name of one of
 *   memory's own. Runs throw it for a user id that is no text, and for a model that cannot be loaded.
 * @example
 * ```ts
 * const agent = createMemoryAgent({ model: "offline", store: sqliteStore("memory.db") });
 * await agent.invoke({ messages: "I am allergic to peanuts." }, { context: { userId: "alice" } });
 * ```
 */
export function createMemoryAgent(options: MemoryAgentOptions): MemoryAgentGraph {
  checkOptions("createMemoryAgent()", options, OPTIONS, faultsOf);
  const { tools = [], store, middleware = [], systemPrompt = INSTRUCTIONS } = options;
  const { model, late } = lateModel(options.model);
  const memory = memoryMiddleware({
    memoryOf: memoryOf(options),
    contextTokens: options.contextTokens ?? 2000,
    ...(options.recent && { recent: options.recent }),
  });
  const agent = createAgent({
    name: "assistant",
    ...options.graph,
    ...(store && { store }),
    model,
    tools: [...tools],
    systemPrompt,
    middleware: [memory, ...middleware, ...late],
    stateSchema: memoryState,
    contextSchema: memoryContext,
  } as unknown as CreateAgentParams);
  storeOnlyNews(agent.graph as never);
  return nestable(agent.graph) as unknown as MemoryAgentGraph;
}

function faultsOf(options: MemoryAgentOptions): readonly Fault[] {
  const { model, tools = [], store, systemPrompt, middleware, contextTokens, recent = {}, graph } = options;
  const faults = toolsFaults("tools", tools);
  const taken = faults.length > 0 ? [] : tools.filter(({ name }) => MEMORY_TOOLS.has(name));
  return [
    ...modelFaults("model", model),
    ...faults,
    ...taken.map(({ name }) => ({
      path: "tools",
      problem: `has '${name}', a name of memory's own: rename it`,
    })),
    ...storeFaults("store", store),
    ...promptFaults("systemPrompt", systemPrompt),
    ...middlewareFaults("middleware", middleware),
    ...countFaults("contextTokens", contextTokens),
    ...(typeof recent === "object" && recent !== null
      ? [
          ...unknownKeys("recent", recent, ["maxMessages", "maxTokens"]),
          ...countFaults("recent.maxMessages", recent.maxMessages),
          ...countFaults("recent.maxTokens", recent.maxTokens),
        ]
      : [{ path: "recent", problem: "must be an object of maxMessages, maxTokens" }]),
    ...graphFaults("graph", graph, ["checkpointer", "name"]),
  ];
}

function countFaults(path: string, count: unknown): readonly Fault[] {
  const isCount = count === undefined || (typeof count === "number" && count > 0);
  return isCount ? [] : [{ path, problem: "must be a number above 0" }];
}

/** The compiled graph. What a run is given and gives back: `messages`, `working` and `memoryWarning`. */
export type MemoryAgentGraph = CompiledStateGraph<
  typeof memoryState.State,
  typeof memoryState.Update,
  "__start__" | "model_request" | "tools" | "memory.after_agent",
  typeof memoryState,
  typeof memoryState,
  typeof memoryContext
>;
