import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, type UsageMetadata } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { TokenUsage } from "../prices.js";
import { estimateMessage } from "./estimate.js";

type Facts = Readonly<Record<string, unknown>>;

/** What a model is asked with, as its callbacks are told it. */
export interface StartFacts {
  /** The model, as it writes itself down. */
  readonly llm: { readonly id?: readonly string[]; readonly kwargs?: unknown };
  readonly metadata: Facts | undefined;
  readonly extra: Facts | undefined;
}

/** The name of the model that is asked: what LangChain's own traces call it. */
export function startedModel({ llm, metadata, extra }: StartFacts): string {
  const { model, model_name: modelName } = paramsOf(extra);
  const name = metadata?.ls_model_name ?? model ?? modelName ?? (llm.kwargs as Facts | undefined)?.model;
  return typeof name === "string" && name !== "" ? name : (llm.id?.at(-1) ?? "unknown");
}

/** The same for a model that is not asked yet; undefined for one that does not say it, or is settled by the call. */
export function saidName(model: BaseChatModel): string | undefined {
  const { ls_model_name: name } = model.getLsParams({} as never);
  return name || (model as { model?: string }).model || undefined;
}

export function modelName(model: BaseChatModel): string {
  return saidName(model) ?? model.lc_id.at(-1) ?? "unknown";
}

export function startedTools({ extra }: StartFacts): readonly unknown[] {
  const { tools, functions, response_format: format } = { ...(extra?.options as Facts), ...paramsOf(extra) };
  return [
    ...listOf(tools),
    ...listOf(functions),
    ...(format === undefined || format === null ? [] : [format]),
  ];
}

/** How much the call may write, when it says so itself. */
export function startedMaxOutput({ extra }: StartFacts): number | undefined {
  return maxOutput(paramsOf(extra)) ?? maxOutput((extra?.options ?? {}) as Facts);
}

/** How much a model may write, when that is set. */
export function maxOutput(of: object): number | undefined {
  const facts = of as Facts;
  const names = ["max_completion_tokens", "max_output_tokens", "max_tokens"];
  const own = ["maxCompletionTokens", "maxOutputTokens", "maxTokens", "numPredict"];
  return [...names, ...own].map((name) => facts[name]).find(isCount);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

/** What a call used: as the provider says, else an estimate. */
export function usedBy(
  output: LLMResult,
  estimateInput: () => number,
): { readonly usage: TokenUsage; readonly estimated: boolean; readonly messageId: string | undefined } {
  const messages = output.generations.flat().flatMap((generation) => {
    const { message } = (generation ?? {}) as { message?: BaseMessage };
    return message === undefined ? [] : [message];
  });
  const messageId = messages[0]?.id;
  const said = messages.find((message) => AIMessage.isInstance(message) && message.usage_metadata);
  if (said !== undefined) {
    const { usage_is_estimate: isEstimate } = said.response_metadata as Facts;
    return { usage: usageOf(said as AIMessage), estimated: isEstimate === true, messageId };
  }
  const { promptTokens, completionTokens } = (output.llmOutput?.tokenUsage ?? {}) as Facts;
  if (isCount(promptTokens)) {
    const outputTokens = isCount(completionTokens) ? completionTokens : 0;
    return { usage: plain(promptTokens, outputTokens), estimated: false, messageId };
  }
  const written = messages.reduce((all, message) => all + estimateMessage(message), 0);
  return { usage: plain(estimateInput(), written), estimated: true, messageId };
}

export function usageOf({
  usage_metadata: usage,
}: {
  usage_metadata?: UsageMetadata | undefined;
}): TokenUsage {
  return {
    inputTokens: usage?.input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    cachedInputTokens: usage?.input_token_details?.cache_read ?? 0,
    cacheWriteTokens: usage?.input_token_details?.cache_creation ?? 0,
  };
}

export function plain(inputTokens: number, outputTokens: number): TokenUsage {
  return { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0 };
}

/** A provider that refuses a request bills nothing for it; any other failure may come after it has read the prompt. */
export function isUnbilled(error: unknown): boolean {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500;
}

function paramsOf(extra: Facts | undefined): Facts {
  return (extra?.invocation_params ?? {}) as Facts;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
