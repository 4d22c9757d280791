import { ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { type AgentMiddleware, createMiddleware, MiddlewareError, ToolInvocationError } from "langchain";
import { McpTool, type ToolScope } from "../adapters/mcp-tool.js";
import { BatonError, isInterrupt } from "../core/errors.js";
import { isToolPattern } from "../core/pattern.js";
import { onlyListed } from "../middleware/permit/allowlist.js";
import { checkOwnTools, chooseOwn } from "./own-tools/choose.js";

export interface OwnToolsOptions {
  /** Who uses them: calls carry the name, for rules and records. */
  readonly agent: string;
  /** `server.tool` patterns for tools of servers, names for others; `*` stands for any characters. */
  readonly tools: readonly string[];
  /** Every tool that there is. The others among them are refused when a model names them anyway. */
  readonly all: readonly StructuredToolInterface[];
}

/** Both for `createAgent`. */
export interface OwnTools {
  readonly tools: readonly StructuredToolInterface[];
  /** Place it inside of other middleware, so that it sees which tool they give for a name. */
  readonly middleware: readonly AgentMiddleware[];
}

/**
 * The tools that one agent may call, and what holds it to them. Calls of servers' tools carry the agent's name and list,
 * and `permit` refuses what is not on it: a model that names another tool has that on record, and reads `DENIED`. Tools
 * that are not of a server are refused before they run. A name that nobody has gets LangChain's own answer, and so does
 * a tool that throws.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pattern that matches no tool
 * @example
 * ```ts
 * const own = ownTools({ agent: "hr", tools: ["hr.*", "files.read_file"], all: tools });
 * const agent = createAgent({ model, tools: [...own.tools], middleware: [...own.middleware] });
 * ```
 */
export function ownTools(options: OwnToolsOptions): OwnTools {
  checkOwnTools(options);
  const { agent, tools: patterns, all } = options;
  const own = new Set(chooseOwn(options));
  const scope: ToolScope = { agent, allowlist: patterns.filter(isToolPattern) };
  const scoped = new WeakMap<McpTool, McpTool>();
  const tools = [...own].map((tool) => (tool instanceof McpTool ? held(tool) : tool));
  const foreign = new Set(all.filter((tool) => !own.has(tool)));
  const byName = new Map([...foreign].map((tool) => [tool.name, tool]));

  const holding = createMiddleware({
    name: "OwnTools",
    wrapToolCall: async (request, handler) => {
      const { toolCall } = request;
      // LangChain knows no tool for a name that is not the agent's own; another middleware may have given one.
      const tool = request.tool ?? byName.get(toolCall.name);
      try {
        if (tool instanceof McpTool) return await handler({ ...request, tool: held(tool) });
        if (foreign.has(tool as StructuredToolInterface)) return refusal(agent, patterns, toolCall);
        return await handler(request);
      } catch (error) {
        throw readable(error, toolCall);
      }
    },
  });
  return { tools, middleware: [holding] };

  function held(tool: McpTool): McpTool {
    const known = scoped.get(tool);
    if (known !== undefined) return known;
    const copy = tool.scoped(scope);
    scoped.set(tool, copy).set(copy, copy);
    return copy;
  }
}

type NamedCall = ConstructorParameters<typeof ToolInvocationError>[1];

function refusal(agent: string, patterns: readonly string[], { name, id = "" }: NamedCall): ToolMessage {
  const problem = `tool '${name}': ${onlyListed(agent, patterns)}`;
  const error = new BatonError("DENIED", problem, { data: { tool: name, agent } });
  return new ToolMessage({
    content: `Error (${error.code}): ${error.message}`,
    artifact: { error: error.toJSON() },
    tool_call_id: id,
    name,
    status: "error",
  });
}

/**
 * LangChain lets a model read what a tool threw, but ends the agent where any middleware stands around tools. In the form
 * that it takes for wrong arguments the model reads it all the same, and middleware outside, a retry, still sees it.
 */
function readable(error: unknown, call: NamedCall): unknown {
  if (isInterrupt(error) || MiddlewareError.isInstance(error) || ToolInvocationError.isInstance(error))
    return error;
  const message = `${error}\n Please fix your mistakes.`;
  return Object.assign(new ToolInvocationError(error, call), { message, cause: error });
}
