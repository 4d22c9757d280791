import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { BatonError } from "../core/errors.js";
import { configInvalid } from "../core/faults.js";
import { modelName } from "./budget/call-facts.js";
import { costUsd, type Price, type Prices, priceOf, withPrices } from "./prices.js";
import { checkRouter, checkTask } from "./router/options.js";

/** A model that may be chosen, with what decides whether it fits. */
export interface RoutedModel {
  /** `"provider:name"`, or any LangChain chat model. */
  readonly model: string | BaseChatModel;
  /** @default that of the table of prices */
  readonly price?: Price;
  /** Longest prompt in tokens, 1 or more. @default no limit */
  readonly maxInputTokens?: number;
  /** Whether it can call tools. @default true for a name, and for a model that has `bindTools` */
  readonly tools?: boolean;
  /** What it alone is for, such as `"plan"` or `"extract"`; never a call of no kind. @default everything */
  readonly kinds?: readonly string[];
  /** 1 to 5, as you see it. @default unknown: it is not chosen where a quality is asked for */
  readonly quality?: 1 | 2 | 3 | 4 | 5;
}

export interface RouterOptions {
  readonly models: readonly RoutedModel[];
  /** Prices beside the built-in ones, which they replace. @default the built-in ones alone */
  readonly prices?: Prices;
}

/** What a call of a model is for. */
export interface RoutedTask {
  /** Of the prompt, tools included; 0 or more. */
  readonly tokens: number;
  /** Of the answer, as far as it is known. @default 1000 */
  readonly outputTokens?: number;
  /** Whether tools are bound. @default false */
  readonly tools?: boolean;
  readonly kind?: string;
  readonly minQuality?: number;
  /** What the budget has left, as `account.remaining()` says it. @default no limit */
  readonly remaining?: { readonly tokens?: number; readonly usd?: number };
}

/** The model that was chosen, and why it is the cheapest: what the call may cost there. */
export interface Choice {
  readonly model: string | BaseChatModel;
  readonly name: string;
  readonly price: Price;
  /** What the call may cost. */
  readonly costUsd: number;
}

/** Models to choose from, and the way to choose; made by `createRouter()`. */
export interface Router {
  /**
   * The cheapest model that fits; of two that cost the same, the better, then the one listed first.
   *
   * @throws {BatonError} `BUDGET_EXCEEDED` when models would fit but for what is left, `CONFIG_INVALID` when none would;
   *   `data.models` says what each lacks. `CONFIG_INVALID` also for a task that cannot be read
   */
  choose(task: RoutedTask): Choice;
}

/**
 * Chooses a model for each call by what the call needs: room for its prompt, tools, a kind of work, a quality, and a
 * price that the budget still covers. The table is yours; it knows nothing of models by itself but their prices.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used, and for a model without a price
 * @example
 * ```ts
 * const router = createRouter({
 *   models: [
 *     { model: "openai:gpt-5-nano", kinds: ["extract"], maxInputTokens: 270_000, quality: 2 },
 *     { model: "openai:gpt-5", maxInputTokens: 270_000, quality: 4 },
 *   ],
 * });
 * router.choose({ tokens: 1200, tools: true, kind: "plan" }).name; // "openai:gpt-5"
 * ```
 */
export function createRouter(options: RouterOptions): Router {
  checkRouter(options);
  const prices = withPrices(options.prices);
  const models = options.models.map((entry, index) => {
    const name = typeof entry.model === "string" ? entry.model : modelName(entry.model);
    const price = entry.price ?? priceOf(name, prices);
    if (price === undefined) throw unpriced(index, name);
    return { ...entry, name, price };
  });
  return {
    choose(task) {
      checkTask("choose()", task, true);
      const outputTokens = task.outputTokens ?? 1000;
      const usage = { inputTokens: task.tokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0 };
      const judged = models.map((entry) => {
        const cost = costUsd(usage, entry.price);
        return { entry, cost, lacks: lacksOf(entry, task), short: shortOf(cost, task, outputTokens) };
      });
      const [best] = judged
        .filter(({ lacks, short }) => lacks.length + short.length === 0)
        .sort((one, other) => one.cost - other.cost || qualityOf(other.entry) - qualityOf(one.entry));
      if (best === undefined) throw nothingFits(task, judged);
      const { model, name, price } = best.entry;
      return { model, name, price, costUsd: best.cost };
    },
  };
}

function lacksOf(entry: RoutedModel, task: RoutedTask): readonly string[] {
  const { model, maxInputTokens, tools, kinds, quality } = entry;
  const canCall = typeof model === "string" ? tools !== false : tools !== false && Boolean(model.bindTools);
  return [
    ...(maxInputTokens !== undefined && task.tokens > maxInputTokens
      ? [`room for ${task.tokens} tokens, as it takes ${maxInputTokens}`]
      : []),
    ...(task.tools && !canCall ? ["tools"] : []),
    ...(kinds !== undefined && !kinds.includes(task.kind ?? "")
      ? [task.kind === undefined ? `a call of the kind ${kinds.join(" or ")}` : `the kind '${task.kind}'`]
      : []),
    ...(task.minQuality !== undefined && (quality ?? 0) < task.minQuality
      ? [`a quality of ${task.minQuality}`]
      : []),
  ];
}

function shortOf(cost: number, { tokens, remaining = {} }: RoutedTask, outputTokens: number) {
  const { tokens: leftTokens, usd } = remaining;
  const needed = tokens + outputTokens;
  return [
    ...(leftTokens !== undefined && needed > leftTokens
      ? [`${needed} tokens of the ${leftTokens} left`]
      : []),
    ...(usd !== undefined && cost > usd ? [`${cost} USD of the ${usd} left`] : []),
  ];
}

function qualityOf({ quality = 0 }: { readonly quality?: number }): number {
  return quality;
}

function unpriced(index: number, name: string): BatonError {
  const problem = `is needed for '${name}', as the cheapest model is chosen: { input: 1, output: 4 } in USD per million tokens, here or in prices`;
  return configInvalid("createRouter()", [{ path: `models[${index}].price`, problem }]);
}

interface Judged {
  readonly entry: { readonly name: string };
  readonly lacks: readonly string[];
  readonly short: readonly string[];
}

function nothingFits(task: RoutedTask, judged: readonly Judged[]): BatonError {
  const models = judged.map(({ entry, lacks, short }) => ({
    model: entry.name,
    lacks: [...lacks, ...short],
  }));
  const listed = models.map(({ model, lacks }) => `${model} lacks ${lacks.join(", ")}`).join("; ");
  const isBudget = judged.some(({ lacks }) => lacks.length === 0);
  const fix = isBudget ? "allow more, or ask for less" : "add a model that does";
  return new BatonError(
    isBudget ? "BUDGET_EXCEEDED" : "CONFIG_INVALID",
    `router: no model fits a call of about ${task.tokens} tokens: ${listed}; ${fix}`,
    { data: { needed: { ...task }, models } },
  );
}
