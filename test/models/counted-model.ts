import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage, isToolMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

type Step = (messages: BaseMessage[]) => Partial<AIMessage> | Error;

/** Decides from the messages alone, and counts what it says it used by itself. */
export class CountedModel extends BaseChatModel {
  readonly model: string;
  used = 0;
  calls = 0;
  readonly #step: Step;
  readonly #usage: readonly [number, number];

  constructor(model: string, step: Step, usage: readonly [number, number] = [5, 5]) {
    super({});
    this.model = model;
    this.#step = step;
    this.#usage = usage;
  }
  override _llmType() {
    return "scripted";
  }
  override getLsParams() {
    return { ls_provider: "scripted", ls_model_name: this.model, ls_model_type: "chat" as const };
  }
  override bindTools() {
    return this as never;
  }
  #answer(messages: BaseMessage[]) {
    this.calls++;
    const answer = this.#step(messages);
    if (answer instanceof Error) throw answer;
    const [input_tokens, output_tokens] = this.#usage;
    this.used += input_tokens + output_tokens;
    const usage_metadata = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    return { content: "", ...answer, usage_metadata, response_metadata: { model_name: this.model } };
  }
  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    await new Promise((resolve) => setImmediate(resolve));
    const message = new AIMessage(this.#answer(messages) as never);
    return { generations: [{ text: message.text, message }] };
  }
  override async *_streamResponseChunks(messages: BaseMessage[]) {
    const { tool_calls: calls = [], ...fields } = this.#answer(messages) as unknown as AIMessage;
    const tool_call_chunks = calls.map(({ id, name, args }, index) => ({
      type: "tool_call_chunk" as const,
      id: id ?? "",
      name,
      args: JSON.stringify(args),
      index,
    }));
    const message = new AIMessageChunk({ ...fields, tool_call_chunks } as never);
    yield new ChatGenerationChunk({ text: message.text, message });
  }
}

export const toolsDone = (messages: BaseMessage[]) =>
  messages.filter((message) => isToolMessage(message)).length;

export function call(...names: string[]): Partial<AIMessage> {
  return {
    tool_calls: names.map((name, index) => ({
      type: "tool_call",
      id: `${name}-${index}-${Math.random()}`,
      name,
      args: {},
    })),
  };
}
