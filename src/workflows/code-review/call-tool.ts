import { randomUUID } from "node:crypto";
import { ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { isInterrupt, reasonOf } from "../../core/errors.js";

export type ToolAnswer =
  | { readonly ok: true; readonly text: string; readonly structured: unknown }
  | { readonly ok: false; readonly problem: string };

/** The tool of this name: an MCP server's own, or the model's. */
export function toolNamed(
  tools: readonly StructuredToolInterface[],
  name: string,
): StructuredToolInterface | undefined {
  return tools.find((tool) => mcpName(tool) === name) ?? tools.find((tool) => tool.name === name);
}

/** Calls a tool as a model does, so that its middleware sees it. Its failure is an answer; the caller's abort is not. */
export async function callTool(
  tool: StructuredToolInterface,
  args: Readonly<Record<string, unknown>>,
  config: LangGraphRunnableConfig,
): Promise<ToolAnswer> {
  try {
    const call = { type: "tool_call", id: randomUUID(), name: tool.name, args } as const;
    const message: unknown = await tool.invoke(call, config);
    if (!ToolMessage.isInstance(message)) return { ok: true, text: String(message), structured: undefined };
    if (message.status === "error") return { ok: false, problem: message.text };
    const { structuredContent } = (message.artifact ?? {}) as { readonly structuredContent?: unknown };
    return { ok: true, text: message.text, structured: structuredContent };
  } catch (error) {
    if (isInterrupt(error) || config.signal?.aborted) throw error;
    return { ok: false, problem: reasonOf(error) };
  }
}

function mcpName(tool: StructuredToolInterface): unknown {
  return (tool as { readonly metadata?: { readonly tool?: unknown } }).metadata?.tool;
}
