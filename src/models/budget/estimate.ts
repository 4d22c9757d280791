import type { BaseMessage } from "@langchain/core/messages";
import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { isLangChainTool } from "@langchain/core/utils/function_calling";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { estimateTokenCount } from "tokenx";

/** Role and separators, as OpenAI's guide on counting tokens has them (3 and a name), rounded up. */
const PER_MESSAGE = 4;
/** What an image of one megapixel costs, about, at the providers that say so. */
const PER_MEDIUM = 1500;

/** About how many tokens a prompt has, its tools included. */
export function estimateInput(messages: readonly BaseMessage[], tools: readonly unknown[] = []): number {
  const words = messages.reduce((all, message) => all + PER_MESSAGE + estimateMessage(message), 0);
  return words + tools.reduce<number>((all, tool) => all + estimateTokenCount(describe(tool)), 0);
}

export function estimateMessage(message: BaseMessage): number {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  const extra = ToolMessage.isInstance(message) ? message.tool_call_id : "";
  const words = calls.map(({ id, name, args }) => `${id} ${name} ${JSON.stringify(args)}`);
  return estimateTokenCount([message.text, extra, ...words].join("\n")) + PER_MEDIUM * mediaOf(message);
}

const WORDS = new Set([
  "text",
  "text-plain",
  "tool_call",
  "tool_use",
  "input_json_delta",
  "reasoning",
  "thinking",
]);

function mediaOf({ content }: BaseMessage): number {
  return Array.isArray(content) ? content.filter(({ type }) => !WORDS.has(String(type))).length : 0;
}

/** What a provider is told of a tool, the same before it is bound and afterwards: a LangChain tool carries more. */
function describe(tool: unknown): string {
  const { function: bound } = tool as { function?: object };
  if (!isLangChainTool(tool)) return JSON.stringify(bound ?? tool) ?? "";
  const { name, description, schema } = tool as { name: string; description?: string; schema?: unknown };
  return JSON.stringify({ name, description, parameters: schema ? toJsonSchema(schema as never) : {} });
}
