import { randomUUID } from "node:crypto";
import { ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { McpToolMetadata } from "../../adapters/mcp-tool.js";
import { BatonError } from "../../core/errors.js";
import type { SearchResult } from "./read-result.js";

/**
 * Calls a tool as a model does, so that one of ours and one of any other adapter give their structured result alike.
 *
 * @throws {BatonError} `UPSTREAM` when the tool says that it failed, and whatever the tool throws
 */
export async function callTool(
  tool: StructuredToolInterface,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<SearchResult> {
  signal.throwIfAborted();
  const call = { type: "tool_call" as const, id: randomUUID(), name: tool.name, args: { ...args } };
  const answer: unknown = await tool.invoke(call, { signal });
  if (!ToolMessage.isInstance(answer))
    return { text: typeof answer === "string" ? answer : JSON.stringify(answer) };
  if (answer.status === "error")
    throw new BatonError("UPSTREAM", `tool '${tool.name}' failed: ${answer.text || "it gave no reason"}`);
  const { structuredContent } = (answer.artifact ?? {}) as { readonly structuredContent?: unknown };
  return { text: answer.text, ...(structuredContent !== undefined && { structured: structuredContent }) };
}

/** What a tool of an MCP server says of itself, where it does. */
export function metadataOf(tool: StructuredToolInterface): Partial<McpToolMetadata> {
  return (tool as { readonly metadata?: Partial<McpToolMetadata> }).metadata ?? {};
}

/** The server's own name of a tool, which may differ from the model's. */
export function ownNameOf(tool: StructuredToolInterface): string {
  return metadataOf(tool).tool ?? tool.name;
}

/** The server that a tool is of, where it says so. */
export function serverOf(tool: StructuredToolInterface): string | undefined {
  return metadataOf(tool).server;
}
