import { createHash } from "node:crypto";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import {
  assembleStructuredOutputPipeline,
  createContentParser,
  createFunctionCallingParser,
} from "@langchain/core/language_models/structured_output";
import {
  AIMessage,
  AIMessageChunk,
  type AIMessageChunkFields,
  type BaseMessage,
  type StandardMessageStructure,
  type UsageMetadata,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { type Clock, systemClock } from "../core/clock.js";
import type { Reply } from "./offline/reply.js";
import { respond } from "./offline/respond.js";
import { isRecord, type JsonSchema } from "./offline/schema.js";
import { type BoundTool, toBoundTool } from "./offline/tools.js";

export interface OfflineOptions {
  /** Says which day "today" is, in UTC. @default the machine's clock */
  readonly clock?: Pick<Clock, "now">;
  /** Most tool calls in one message, 1 or more. @default 4 */
  readonly maxCalls?: number;
}

export interface OfflineCallOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
  /** False makes one call at a time. @default true */
  parallel_tool_calls?: boolean;
  /** `{ type: "json_schema", json_schema: { schema } }` makes the answer JSON of that schema. */
  response_format?: Record<string, unknown>;
}

/**
 * A chat model for work without a key and without a network. It is no language model: it picks tools by matching
 * the question's words with the tools' names, descriptions and schemas, and answers with sentences and rows of
 * their results, each with its source; what it does not find, it says. It reads English only. The same messages
 * give the same reply, ids included. For a first run, tests and notebooks, not for judging an agent.
 *
 * @example
 * ```ts
 * const agent = createAgent({ model: offline(), tools });
 * const { messages } = await agent.invoke({ messages: "How many engineers do we have?" });
 * ```
 */
export function offline(options?: OfflineOptions): OfflineModel {
  return new OfflineModel(options);
}

type FormSchema<RunOutput extends Record<string, unknown>> =
  | SerializableSchema<RunOutput>
  | InteropZodType<RunOutput>
  | Record<string, unknown>;

/** The model that {@link offline} makes. Token counts are estimates; `usage_is_estimate` in the metadata says so. */
export class OfflineModel extends BaseChatModel<OfflineCallOptions> {
  readonly model = "offline";
  readonly #clock: Pick<Clock, "now">;
  readonly #maxCalls: number;

  static override lc_name(): string {
    return "OfflineModel";
  }

  constructor({ clock = systemClock, maxCalls = 4 }: OfflineOptions = {}) {
    super({});
    this.#clock = clock;
    this.#maxCalls = Math.max(1, Math.floor(maxCalls));
  }

  override _llmType(): string {
    return "offline";
  }

  override _identifyingParams(): Record<string, unknown> {
    return { model: this.model, maxCalls: this.#maxCalls };
  }

  override getLsParams(): LangSmithParams {
    return { ls_provider: "offline", ls_model_name: this.model, ls_model_type: "chat" };
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<OfflineCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, OfflineCallOptions> {
    return this.withConfig({ tools: tools.map(toBoundTool), ...kwargs });
  }

  /**
   * Fills a form from the conversation. A required field for which it holds nothing gets a neutral value ("", 0,
   * false, [], the first choice), and its path stands in `response_metadata.unfilled` of the raw message.
   *
   * @throws BatonError `INVALID_RESULT` when no value can be made to fit the schema.
   */
  override withStructuredOutput<RunOutput extends Record<string, unknown> = Record<string, unknown>>(
    outputSchema: FormSchema<RunOutput>,
    config?: StructuredOutputMethodOptions<false>,
  ): Runnable<BaseLanguageModelInput, RunOutput>;
  override withStructuredOutput<RunOutput extends Record<string, unknown> = Record<string, unknown>>(
    outputSchema: FormSchema<RunOutput>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }>;
  override withStructuredOutput(
    outputSchema: FormSchema<Record<string, unknown>>,
    config: StructuredOutputMethodOptions<boolean> = {},
  ): Runnable<BaseLanguageModelInput, Record<string, unknown>> {
    const given = outputSchema as Parameters<typeof createContentParser>[0];
    const parameters = toJsonSchema(given as never) as JsonSchema & { readonly name?: unknown };
    const name = config.name ?? (typeof parameters.name === "string" ? parameters.name : "extract");
    const asText = config.method === "jsonMode" || config.method === "jsonSchema";
    const model = asText
      ? this.withConfig({
          response_format: { type: "json_schema", json_schema: { name, schema: parameters } },
        })
      : this.bindTools([{ type: "function", function: { name, parameters } }], { tool_choice: name });
    const parser = asText ? createContentParser(given) : createFunctionCallingParser(given, name);
    return assembleStructuredOutputPipeline(model, parser, config.includeRaw);
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    options.signal?.throwIfAborted();
    const { text, ...fields } = this.#reply(messages, options);
    const message = new AIMessage<StandardMessageStructure>({ content: text, ...fields });
    return { generations: [{ text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    options.signal?.throwIfAborted();
    const { text, id, tool_calls, ...rest } = this.#reply(messages, options);
    const pieces: AIMessageChunkFields<StandardMessageStructure>[] = [
      ...(text.match(WORD) ?? []).map((content) => ({ content })),
      ...tool_calls.flatMap((call, index) => [
        {
          content: "",
          tool_call_chunks: [
            { type: "tool_call_chunk" as const, index, id: call.id, name: call.name, args: "" },
          ],
        },
        {
          content: "",
          tool_call_chunks: [{ type: "tool_call_chunk" as const, index, args: JSON.stringify(call.args) }],
        },
      ]),
      { content: "", ...rest },
    ];
    for (const piece of pieces) {
      options.signal?.throwIfAborted();
      const token = String(piece.content);
      const message = new AIMessageChunk<StandardMessageStructure>({ ...piece, id });
      const chunk = new ChatGenerationChunk({ text: token, message });
      yield chunk;
      await runManager?.handleLLMNewToken(token, undefined, undefined, undefined, undefined, { chunk });
    }
  }

  #reply(messages: readonly BaseMessage[], options: this["ParsedCallOptions"]) {
    const tools = (options.tools ?? []).map(toBoundTool);
    const reply = respond(messages, tools, {
      clock: this.#clock,
      maxCalls: options.parallel_tool_calls === false ? 1 : this.#maxCalls,
      toolChoice: options.tool_choice,
      answerSchema: answerSchemaOf(options.response_format),
    });
    const seed = hash(messages, tools, reply);
    return {
      text: reply.text,
      id: `offline-${seed}`,
      tool_calls: reply.calls.map(({ name, args }, index) => ({
        type: "tool_call" as const,
        id: `call_${seed}_${index}`,
        name,
        args: { ...args },
      })),
      usage_metadata: estimateUsage(messages, tools, reply),
      response_metadata: {
        model_name: this.model,
        model_provider: "offline",
        finish_reason: reply.calls.length > 0 ? "tool_calls" : "stop",
        usage_is_estimate: true,
        ...(reply.unfilled && reply.unfilled.length > 0 && { unfilled: reply.unfilled }),
      },
    };
  }
}

/** About what a reader of a stream sees at once. */
const WORD = /\s*\S+|\s+$/g;
/** Rough, and said to be: the rule of thumb that providers give for English. */
const CHARACTERS_PER_TOKEN = 4;

function answerSchemaOf(format: Record<string, unknown> | undefined): JsonSchema | undefined {
  const outer = format?.json_schema;
  const schema = isRecord(outer) ? (outer.schema ?? outer) : undefined;
  return isRecord(schema) ? (schema as JsonSchema) : undefined;
}

/** Takes in the ids of the messages too: a question that comes twice in a thread needs two replies with two ids. */
function hash(messages: readonly BaseMessage[], tools: readonly BoundTool[], reply: Reply): string {
  const seen = messages.map((message) => [
    message.type,
    message.id,
    message.content,
    AIMessage.isInstance(message) ? message.tool_calls : undefined,
  ]);
  const names = tools.map((tool) => tool.function.name);
  return createHash("sha256")
    .update(JSON.stringify([seen, names, reply]))
    .digest("hex")
    .slice(0, 16);
}

function estimateUsage(
  messages: readonly BaseMessage[],
  tools: readonly BoundTool[],
  reply: Reply,
): UsageMetadata {
  const tokensOf = (value: unknown) =>
    Math.ceil((typeof value === "string" ? value : JSON.stringify(value)).length / CHARACTERS_PER_TOKEN);
  const read = messages.reduce((sum, { content }) => sum + tokensOf(content), 0);
  const input_tokens = read + (tools.length > 0 ? tokensOf(tools) : 0);
  const output_tokens = tokensOf(reply.text) + (reply.calls.length > 0 ? tokensOf(reply.calls) : 0);
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
