import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  type StandardMessageStructure,
  SystemMessage,
} from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

export interface Asked {
  readonly system: string;
  /** The last message of a user. */
  readonly question: string;
  readonly messages: readonly BaseMessage[];
  /** Names of the tools that were bound. */
  readonly tools: readonly string[];
  readonly signal?: AbortSignal;
}

export type Decide = (asked: Asked) => Reply | Promise<Reply>;

/** A text, calls, or a whole message. */
export type Reply = string | readonly CallOf[] | AIMessage;

export interface CallOf {
  readonly name: string;
  readonly args?: Record<string, unknown>;
  readonly id?: string;
}

interface Options extends BaseChatModelCallOptions {
  readonly boundNames?: readonly string[];
}

/** Every call of it uses as many tokens, so that sums can be checked. */
export const TOKENS_PER_CALL = { input_tokens: 10, output_tokens: 5, total_tokens: 15 } as const;

/** A model that decides by what it is asked alone, so that it goes on where another process was killed. */
export class DecidingModel extends BaseChatModel<Options> {
  /** How often it was asked. */
  calls = 0;
  readonly #decide: Decide;

  constructor(decide: Decide) {
    super({});
    this.#decide = decide;
  }

  override _llmType(): string {
    return "deciding";
  }

  override getLsParams(): LangSmithParams {
    return { ls_provider: "test", ls_model_name: "deciding", ls_model_type: "chat" };
  }

  override bindTools(tools: BindToolsInput[]) {
    const boundNames = tools.map((tool) => {
      const { name, function: inner } = tool as { name?: string; function?: { name: string } };
      return inner?.name ?? name ?? "";
    });
    return this.withConfig({ boundNames });
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const { boundNames = [], signal } = options as Options;
    const call = ++this.calls;
    const reply = await this.#decide({
      system: messages
        .filter((message) => SystemMessage.isInstance(message))
        .map(({ text }) => text)
        .join("\n"),
      question: messages.findLast((message) => HumanMessage.isInstance(message))?.text ?? "",
      messages,
      tools: boundNames,
      ...(signal && { signal }),
    });
    const message = toMessage(reply, call);
    return { generations: [{ text: message.text, message }] };
  }
}

function toMessage(reply: Reply, call: number): AIMessage {
  if (AIMessage.isInstance(reply)) return reply;
  const usage = { usage_metadata: { ...TOKENS_PER_CALL } };
  if (typeof reply === "string") return new AIMessage<StandardMessageStructure>({ content: reply, ...usage });
  const tool_calls = reply.map(({ name, args = {}, id }, index) => ({
    name,
    args,
    id: id ?? `call_${call}_${index}`,
    type: "tool_call" as const,
  }));
  return new AIMessage<StandardMessageStructure>({ content: "", tool_calls, ...usage });
}

/** Whether the last message is a tool's result: the model has been asked again. */
export function isAnswered({ messages }: Asked): boolean {
  return messages.at(-1)?.type === "tool";
}
