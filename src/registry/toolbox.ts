import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { Command, ReducedValue, StateSchema } from "@langchain/langgraph";
import { type AgentMiddleware, createMiddleware, type ToolRuntime, tool } from "langchain";
import { estimateTokenCount } from "tokenx";
import { z } from "zod";
import { isBatonError } from "../core/errors.js";
import { checkOptions, func, having, invalidConfig, someOf, texts, whole } from "./check.js";
import type { FoundTool, Registry } from "./registry.js";

export interface ToolboxOptions {
  /** Tools that the model always has, by their names for it or as `server.tool`. @default none */
  readonly pinned?: readonly string[];
  /** Most tools that are bound beside the pinned ones; those found longest ago go first. @default 12 */
  readonly maxBound?: number;
  /** How many tools for the user's message the first model call has already; 0 for none. @default 5 */
  readonly preselect?: number;
  /** Hears at each model call what the definitions weigh. Must not throw. @default none */
  readonly onBind?: (binding: Binding) => void;
}

/** What a model sees of a registry in one step, and what that takes of its context. */
export interface Binding {
  /** The names of the registry's tools that the model sees. */
  readonly bound: readonly string[];
  /** Estimated tokens of their definitions and that of `search_tools`. */
  readonly tokens: number;
  /** What all tools of the registry would take. */
  readonly allTokens: number;
}

const SEARCH = "search_tools";
const LINE_CHARACTERS = 160;
/** By one search. */
const MOST_FOUND = 10;

/**
 * Middleware for `createAgent` and `createReact`: the model sees a few tools of the registry and `search_tools`; what
 * it finds is bound from the next step on. What was found is part of the graph's state, so that it outlives an interrupt
 * or a restart. A tool of the registry that is neither pinned nor bound does not run, also when the model names it.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pinned tool that the registry does not have, or one that it has by the name
 * of `search_tools`
 * @example
 * ```ts
 * const agent = createReact({ model, tools: [], middleware: [toolbox(registry, { pinned: ["files.read_file"] })] });
 * ```
 */
export function toolbox(registry: Registry, options: ToolboxOptions = {}): AgentMiddleware {
  checkOptions(
    "toolbox",
    { registry },
    { registry: having("what createRegistry() returns", "search", "get", "entry") },
  );
  checkOptions("toolbox", options, {
    pinned: texts,
    maxBound: whole(1, 100),
    preselect: whole(0, 100),
    onBind: func,
  });
  const { pinned = [], maxBound = 12, preselect = 5, onBind } = options;
  const missing = pinned.filter((name) => registry.get(name) === undefined);
  if (missing.length > 0)
    throw invalidConfig(
      "toolbox",
      missing.map((name) => ({
        path: "pinned",
        problem: `names '${name}', which the registry does not have`,
      })),
    );
  if (registry.entry(SEARCH)?.name === SEARCH)
    throw invalidConfig("toolbox", [
      { path: "registry", problem: `has a tool '${SEARCH}', which is the name of the toolbox's own` },
    ]);
  const searchTools = createSearchTool(registry, maxBound);
  const weigh = createScale();

  /** Newest first. The names, as a tool may be another object after a restart. */
  const stateSchema = new StateSchema({
    _found: new ReducedValue(z.array(z.string()).default([]), {
      inputSchema: z.array(z.string()),
      reducer: (found, news) => [...new Set([...news, ...found])].slice(0, maxBound),
    }),
  });

  const shown = (found: readonly string[]): StructuredToolInterface[] => {
    const tools = [...pinned, ...found].flatMap((name) => registry.get(name) ?? []);
    return [...new Set(tools)];
  };

  return createMiddleware({
    name: "Toolbox",
    stateSchema,
    tools: [searchTools],

    async beforeAgent(state) {
      const question = state.messages.findLast((message) => HumanMessage.isInstance(message))?.text ?? "";
      if (preselect === 0 || question === "") return undefined;
      const found = await registry.search(question, { limit: Math.min(preselect, maxBound) });
      return { _found: found.map(({ entry }) => entry.name) };
    },

    async wrapModelCall(request, handler) {
      const own = new Set(request.tools.map(({ name }) => name));
      const bound = shown(request.state._found).filter(({ name }) => !own.has(name));
      onBind?.({
        bound: bound.map(({ name }) => name),
        tokens: weigh([searchTools, ...bound]),
        allTokens: weigh(registry.tools),
      });
      return handler({ ...request, tools: [...request.tools, ...bound] });
    },

    async wrapToolCall(request, handler) {
      const { toolCall, state } = request;
      // A tool that the agent has anyway is none of ours.
      if (request.tool !== undefined) return handler(request);
      const known = shown(state._found).find(({ name }) => name === toolCall.name);
      if (known) return handler({ ...request, tool: known });
      const problem =
        registry.entry(toolCall.name) === undefined
          ? `There is no tool '${toolCall.name}'. Call ${SEARCH} to find one.`
          : `The tool '${toolCall.name}' is not bound, so it did not run. Call ${SEARCH} for it first, then call it with the arguments that its definition asks for.`;
      return new ToolMessage({
        content: problem,
        tool_call_id: toolCall.id ?? "",
        name: toolCall.name,
        status: "error",
      });
    },
  }) as unknown as AgentMiddleware;
}

/** Estimated tokens of tools' definitions, as a model is sent them. */
export function toolTokens(tools: readonly StructuredToolInterface[]): number {
  return tools.reduce((sum, each) => sum + estimateTokenCount(JSON.stringify(convertToOpenAITool(each))), 0);
}

/** Weighs each tool once. */
function createScale(): (tools: readonly StructuredToolInterface[]) => number {
  const known = new WeakMap<StructuredToolInterface, number>();
  const weighOne = (each: StructuredToolInterface): number => {
    const tokens = known.get(each) ?? toolTokens([each]);
    known.set(each, tokens);
    return tokens;
  };
  return (tools) => tools.reduce((sum, each) => sum + weighOne(each), 0);
}

function createSearchTool(registry: Registry, maxBound: number) {
  return tool(
    async ({ query, category }, runtime: ToolRuntime) => {
      const answer = (
        content: string,
        found: readonly string[] = [],
        status: "success" | "error" = "success",
      ) =>
        new Command({
          update: {
            _found: [...found],
            messages: [new ToolMessage({ name: SEARCH, content, tool_call_id: runtime.toolCallId, status })],
          },
        });
      try {
        const messages = (runtime.state as { messages?: BaseMessage[] } | undefined)?.messages ?? [];
        const searches = searchesNow(messages);
        // What one of them promises, the others must not push out.
        const limit = Math.min(MOST_FOUND, Math.floor(maxBound / searches));
        if (limit === 0)
          return answer(
            `${searches} searches at once find more than ${maxBound}, the most tools that can be there at a time. Search for less at once.`,
            [],
            "error",
          );
        const after = lastTool(registry, messages);
        const found = await registry.search(query, {
          limit,
          ...(category !== undefined && { category }),
          ...(after !== undefined && { after }),
        });
        if (found.length === 0)
          return answer(
            `No tool fits. Say it in other words; the categories are ${someOf(registry.categories)}.`,
          );
        const lines = ["You can call these tools from now on:", ...found.map(toLine)];
        return answer(
          lines.join("\n"),
          found.map(({ entry }) => entry.name),
        );
      } catch (error) {
        if (isBatonError(error, "INVALID_ARGUMENTS")) return answer(error.message, [], "error");
        throw error;
      }
    },
    {
      name: SEARCH,
      description:
        "Finds tools for what you have to do. There are many more tools than you see. Say in a few words what is to be done, each step of it; what is found can be called from the next step on.",
      schema: z.object({
        query: z.string().min(1).describe("What is to be done, as in: fetch a web page, draw a bar chart."),
        category: z.string().optional().describe("Only tools of this category."),
      }),
      metadata: { annotations: { readOnlyHint: true } },
    },
  );
}

function toLine({ entry: { name, category, tool: found } }: FoundTool): string {
  const text = (found.description ?? "")
    .slice(0, 4 * LINE_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  const short = text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS - 1)}…` : text;
  return `- ${name} (${category}): ${short}`;
}

/** How many searches the model asked for in the message that is being answered. */
function searchesNow(messages: readonly BaseMessage[]): number {
  const asked = messages.findLast((message) => AIMessage.isInstance(message));
  return Math.max(1, asked?.tool_calls?.filter(({ name }) => name === SEARCH).length ?? 0);
}

/** The tool of the registry that answered last, as `server.tool`. */
function lastTool(registry: Registry, messages: readonly BaseMessage[]): string | undefined {
  for (const message of messages.toReversed()) {
    const entry = ToolMessage.isInstance(message) && message.name ? registry.entry(message.name) : undefined;
    if (entry) return `${entry.server}.${entry.ownName}`;
  }
  return undefined;
}
