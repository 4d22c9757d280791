import type { BaseMessage } from "@langchain/core/messages";
import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { isLangChainTool } from "@langchain/core/utils/function_calling";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { estimateTokenCount } from "tokenx";

/** Role and separators, as OpenAI's guide on counting tokens has them (3 and a name), rounded up. */
const PER_MESSAGE = 4;
/** What an image of one megapixel costs, about, at the providers that say so. */
const PER_MEDIUM = 1500;
const BYTES_PER_BASE64 = 3 / 4;
/** Of text that cannot be looked into, about. */
const BYTES_PER_TOKEN = 4;
/** Anthropic's guide on PDFs has up to 3,000 tokens a page; a page is taken to have 75 KB. */
const BYTES_PER_PAGED_TOKEN = 25;

/** About how many tokens a prompt has, its tools included. */
export function estimateInput(messages: readonly BaseMessage[], tools: readonly unknown[] = []): number {
  const words = messages.reduce((all, message) => all + PER_MESSAGE + estimateMessage(message), 0);
  return words + tools.reduce<number>((all, tool) => all + estimateTokenCount(describe(tool)), 0);
}

export function estimateMessage(message: BaseMessage): number {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  const extra = ToolMessage.isInstance(message) ? message.tool_call_id : "";
  const words = calls.map(({ id, name, args }) => `${id} ${name} ${JSON.stringify(args)}`);
  const blocks = Array.isArray(message.content) ? (message.content as readonly Block[]) : [];
  const texts = [message.text, extra, ...words, ...blocks.map(unsaidText)];
  return estimateTokenCount(texts.join("\n")) + blocks.reduce((all, block) => all + mediumOf(block), 0);
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

type Block = Readonly<Record<string, unknown>>;

/** The words of a block that `message.text` leaves out. */
function unsaidText({ type, text, reasoning, thinking }: Block): string {
  if (type === "text") return "";
  return [text, reasoning, thinking].find((each) => typeof each === "string") ?? "";
}

function mediumOf(block: Block): number {
  const type = String(block.type);
  if (WORDS.has(type)) return 0;
  if (type !== "file" && type !== "document") return PER_MEDIUM;
  const { data, mime = "" } = fileOf(block);
  if (data === undefined) return PER_MEDIUM;
  const isText = mime.startsWith("text/") || mime === "application/json";
  const bytes = typeof data === "string" ? data.length * BYTES_PER_BASE64 : data.byteLength;
  return Math.ceil(isText ? bytes / BYTES_PER_TOKEN : Math.max(PER_MEDIUM, bytes / BYTES_PER_PAGED_TOKEN));
}

/** In LangChain's own form, OpenAI's and Anthropic's. */
function fileOf({ data, mimeType, mime_type, file, source }: Block) {
  const { file_data } = (file ?? {}) as Block;
  const { data: sourceData, media_type } = (source ?? {}) as Block;
  const given = [data, file_data, sourceData].find((each) => each !== undefined);
  const header = typeof given === "string" ? /^data:([^;,]+)/.exec(given)?.[1] : undefined;
  const mime = [mimeType, mime_type, media_type, header].find((each) => typeof each === "string");
  const isData = typeof given === "string" || given instanceof Uint8Array;
  return { data: isData ? given : undefined, mime };
}

/** What a provider is told of a tool, the same before it is bound and afterwards: a LangChain tool carries more. */
function describe(tool: unknown): string {
  const { function: bound } = tool as { function?: object };
  if (!isLangChainTool(tool)) return JSON.stringify(bound ?? tool) ?? "";
  const { name, description, schema } = tool as { name: string; description?: string; schema?: unknown };
  return JSON.stringify({ name, description, parameters: schema ? toJsonSchema(schema as never) : {} });
}
