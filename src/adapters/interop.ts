import { isToolMessage, type ToolMessage } from "@langchain/core/messages";
import { type DynamicStructuredTool, ToolInputParsingException } from "@langchain/core/tools";
import type { Call, Handler, Middleware } from "../core/call.js";
import { compose } from "../core/compose.js";
import { BatonError, isBatonError } from "../core/errors.js";
import type { Content, Result } from "../core/result.js";
import type { JsonSchema } from "../mcp/json-schema.js";
import type { ToolDefinition } from "../mcp/server.js";
import { hintsOf } from "../mcp/settings.js";
import { holdToAllowlist } from "../middleware/permit/hold.js";
import { McpTool } from "./mcp-tool.js";

/**
 * The tools of a `MultiServerMCPClient` from `@langchain/mcp-adapters`, under the names that it gives them, with
 * our middleware around every call. The client stays the owner of its connections: close it yourself.
 *
 * What that client loses stays lost: its schemas are the simplified ones, and its tools do not come back after a
 * server was restarted. Use `connect` and `loadTools` where that matters.
 *
 * @example
 * ```ts
 * const tools = await wrapClientTools(client, { use: [retry(), timeout(10_000)] });
 * ```
 */
export async function wrapClientTools(
  // Not by its own type: not everybody who checks these declarations has that package.
  client: { initializeConnections(): Promise<Readonly<Record<string, readonly DynamicStructuredTool[]>>> },
  options: { readonly use?: readonly Middleware[] } = {},
): Promise<McpTool[]> {
  const byServer = await client.initializeConnections();
  const use = holdToAllowlist(options.use ?? []);
  return Object.entries(byServer).flatMap(([server, tools]) =>
    tools.map((tool) => {
      const handler = compose(use, handlerOf(tool));
      const definition = definitionOf(tool);
      const policy = { hints: hintsOf(definition) };
      return new McpTool({ name: tool.name, server, definition, handler, policy });
    }),
  );
}

function definitionOf({ name, description, schema, metadata }: DynamicStructuredTool): ToolDefinition {
  const annotations = (metadata as { annotations?: ToolDefinition["annotations"] } | undefined)?.annotations;
  return {
    name,
    description,
    // This adapter makes every tool from a JSON Schema, never from zod.
    inputSchema: schema as unknown as ToolDefinition["inputSchema"] & JsonSchema,
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function handlerOf(tool: DynamicStructuredTool): Handler {
  return async function callWrapped(call: Call): Promise<Result> {
    const timeoutMs = limitOf(call);
    try {
      const message: unknown = await tool.invoke(
        { type: "tool_call", id: call.id, name: tool.name, args: { ...call.args } },
        {
          ...(call.signal === undefined ? {} : { signal: call.signal }),
          ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
        },
      );
      return isToolMessage(message as ToolMessage)
        ? toResult(message as ToolMessage)
        : textResult(String(message));
    } catch (error) {
      if (isBatonError(error)) throw error;
      if (error instanceof ToolInputParsingException) throw refusal(call, error);
      const { name, message } = error as Error;
      // It throws one class for everything: only the text tells a tool that failed from one that was never reached.
      const toolFailed = name === "ToolException" && /^MCP tool '.*' returned an error: /s.test(message);
      if (toolFailed) return { ...textResult(message), isError: true };
      const where = { server: call.server, tool: call.tool };
      const wrap = (code: "CANCELLED" | "TIMEOUT" | "UPSTREAM") =>
        new BatonError(code, `server '${call.server}', tool '${call.tool}': ${message}`, {
          cause: error,
          retryable: code !== "CANCELLED",
          effect: "possible",
          data: where,
        });
      if (call.signal?.aborted) throw wrap("CANCELLED");
      if (name === "TimeoutError" || /timed? ?out/i.test(message)) throw wrap("TIMEOUT");
      // A LangGraph interrupt, or a bug: neither is ours to rename.
      if (!["Error", "TypeError", "McpError", "ToolException"].includes(name)) throw error;
      throw wrap("UPSTREAM");
    }
  };
}

/** The smaller of what one attempt and what all of them may take. */
function limitOf({ server, tool, deadline, timeoutMs }: Call): number | undefined {
  if (deadline === undefined) return timeoutMs;
  const leftMs = deadline - Date.now();
  if (leftMs > 0) return Math.min(leftMs, timeoutMs ?? leftMs);
  throw new BatonError(
    "TIMEOUT",
    `server '${server}', tool '${tool}': its deadline passed before it was called`,
    {
      data: { server, tool, timeoutMs: 0 },
    },
  );
}

/** The client checks arguments before it sends anything. */
function refusal({ server, tool }: Call, error: ToolInputParsingException): BatonError {
  const problem = `server '${server}', tool '${tool}': the arguments do not fit its schema: ${error.message}`;
  const issues = [{ path: "", problem: error.message }];
  return new BatonError("INVALID_ARGUMENTS", problem, { cause: error, data: { server, tool, issues } });
}

function toResult({ content, artifact, status }: ToolMessage): Result {
  const blocks: Content[] =
    typeof content === "string" ? [{ type: "text", text: content }] : content.map(toContent);
  const extra: readonly unknown[] = Array.isArray(artifact) ? artifact : [];
  const structured = extra.find((each) => (each as { type?: unknown }).type === "mcp_structured_content");
  const resources = extra.filter((each) => (each as { type?: unknown }).type === "resource") as Content[];
  return {
    content: [...blocks, ...resources],
    ...(structured === undefined ? {} : { structuredContent: (structured as { data?: unknown }).data }),
    ...(status === "error" ? { isError: true } : {}),
  };
}

/** That adapter's blocks are OpenAI's (`image_url`) or the older standard ones (`source_type`). */
function toContent(block: unknown): Content {
  const { type, text, data, mime_type, image_url } = block as Record<string, unknown>;
  if (type === "text" && typeof text === "string") return { type, text };
  if ((type === "image" || type === "audio") && typeof data === "string") {
    return { type, data, mimeType: typeof mime_type === "string" ? mime_type : "application/octet-stream" };
  }
  const url = (image_url as { url?: unknown } | undefined)?.url;
  const inline = typeof url === "string" ? /^data:([^;]+);base64,(.*)$/s.exec(url) : null;
  if (inline?.[1] !== undefined && inline[2] !== undefined)
    return { type: "image", mimeType: inline[1], data: inline[2] };
  return { type: "text", text: JSON.stringify(block) };
}

function textResult(text: string): Result {
  return { content: [{ type: "text", text }] };
}
