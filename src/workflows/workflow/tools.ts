import type { StructuredToolInterface } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { McpTool } from "../../adapters/mcp-tool.js";
import { succeeded } from "../../adapters/succeeded.js";
import { type Result, resultText } from "../../core/result.js";

export interface ToolUse {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly threadId: string;
  readonly config: LangGraphRunnableConfig;
}

/** A tool as steps, compensations and previews use it. */
export interface BoundTool {
  readonly name: string;
  readonly isReadOnly: boolean;
  /** Names of its parameters; undefined when they cannot be known, or it takes any. */
  readonly parameters: readonly string[] | undefined;
  /** @throws {BatonError} also for a tool that ran and failed: `UPSTREAM`, with `data.result` */
  call(args: Readonly<Record<string, unknown>>, use: ToolUse): Promise<unknown>;
}

/** The tool of this name among them: `server.tool` of an MCP server's, else the name that models know it by. */
export function findTool(tools: readonly StructuredToolInterface[], name: string): BoundTool | undefined {
  const mcp = tools.find((tool) => isMcpTool(tool) && nameOf(tool) === name);
  if (mcp !== undefined) return bindMcp(mcp as unknown as McpTool);
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) return undefined;
  return isMcpTool(tool) ? bindMcp(tool as unknown as McpTool) : bindPlain(tool);
}

/** The name under which a definition has a tool. */
export function nameOf(tool: StructuredToolInterface): string {
  if (!isMcpTool(tool)) return tool.name;
  const { server, tool: name } = (tool as unknown as McpTool).metadata;
  return `${server}.${name}`;
}

/** By what it can do: of another copy of this package it would not be an instance of the class here. */
function isMcpTool(tool: object): boolean {
  return "request" in tool && typeof tool.request === "function";
}

function bindMcp(tool: McpTool): BoundTool {
  const { properties } = tool.inputSchema as { properties?: object; additionalProperties?: unknown };
  const { server, tool: name } = tool.metadata;
  return {
    name: `${server}.${name}`,
    isReadOnly: tool.hints.readOnly === true,
    parameters: properties === undefined ? undefined : Object.keys(properties),
    async call(args, { key, signal, threadId, config }) {
      const result = await tool.request(args, {
        idempotencyKey: key,
        signal,
        threadId,
        onProgress: (progress) =>
          config.writer?.({ type: "progress", tool: `${server}.${name}`, ...progress }),
      });
      return plainResult(succeeded(server, name, result));
    },
  };
}

function bindPlain(tool: StructuredToolInterface): BoundTool {
  return {
    name: tool.name,
    isReadOnly: false,
    parameters: undefined,
    call: (args, { key, signal, config }) =>
      tool.invoke(args, { ...config, signal, metadata: { ...config.metadata, idempotencyKey: key } }),
  };
}

/** What expressions work with: the structured content; else the text, as JSON if it is some. */
function plainResult(result: Result): unknown {
  if (result.structuredContent !== undefined) return result.structuredContent;
  if (result.content.some(({ type }) => type !== "text")) return result.content;
  const text = resultText(result);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
