import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { maxOutput } from "./call-facts.js";

/** What `ChatOpenAI` and its kin keep of how they were made. */
interface Remade {
  readonly fields?: object;
  defaultOptions?: unknown;
}

/**
 * The same model, made to write at most so many tokens, where it can be: LangChain has no way to say that for a call, so
 * a model that keeps how it was made (`ChatOpenAI` and its kin) is made again. Any other comes back as it is, and so does
 * one that may write without end.
 */
export function capOutput(model: BaseChatModel, maxTokens: number): BaseChatModel {
  if (!Number.isFinite(maxTokens) || maxOutput(model) === maxTokens || !canCap(model)) return model;
  const { fields, defaultOptions } = model as BaseChatModel & Remade;
  const { maxCompletionTokens: _, ...rest } = fields as { maxCompletionTokens?: unknown };
  const Model = model.constructor as new (fields: object) => BaseChatModel & Remade;
  const capped = new Model({ ...rest, maxTokens });
  capped.defaultOptions = defaultOptions;
  if (model.callbacks !== undefined) capped.callbacks = model.callbacks;
  return capped;
}

/** Whether a model can be told how much it may write. */
export function canCap(model: BaseChatModel): boolean {
  const { fields } = model as BaseChatModel & Remade;
  return typeof fields === "object" && fields !== null && "maxTokens" in model;
}
