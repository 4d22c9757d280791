import { BatonError } from "../core/errors.js";

/** What a model costs, in USD per million tokens. */
export interface Price {
  readonly input: number;
  /** Reasoning included, as providers bill it. */
  readonly output: number;
  /** Input that the provider read from its cache. @default the price of input */
  readonly cachedInput?: number;
  /** Input that the provider wrote into its cache. @default the price of input */
  readonly cacheWrite?: number;
}

/** By the model's name, with or without its provider: `gpt-5-mini`, `openai:gpt-5-mini`. */
export type Prices = Readonly<Record<string, Price>>;

/** What one call, or several, used. Cached and written input are part of the input. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
}

/**
 * List prices, for calls that are neither batched nor given priority. Models whose price depends on the length of the
 * prompt are left out, as are cache prices that the sources disagree on.
 *
 * OpenAI: gpt-5-nano from developers.openai.com/api/docs/models/gpt-5-nano; gpt-5-mini, gpt-5.2 and gpt-4.1 from the
 * table in GitHub's documentation (github/docs, data/tables/copilot/models-and-pricing.yml); gpt-4.1-mini from
 * vercel.com/ai-gateway/models/gpt-4.1-mini; gpt-5 from docs.rs/crate/openai-cost (2026-Q2). Anthropic: the table of
 * platform.claude.com/docs/en/about-claude/pricing and the pages of the models; writes are those that last five minutes.
 * All as stored in November 2026: prices change, so give your own where it matters.
 */
export const PRICES: Prices = {
  offline: { input: 0, output: 0 },
  "gpt-5": { input: 1.25, output: 10 },
  "gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
  "gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },
  "gpt-5.2": { input: 1.75, cachedInput: 0.175, output: 14 },
  "gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
  "gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
  "claude-opus-5": { input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 25 },
  "claude-opus-4-5": { input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 25 },
  "claude-haiku-4-5": { input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 5 },
  "claude-sonnet-5-5": { input: 2, cacheWrite: 2.5, output: 10 },
};

/** Snapshots cost what their model costs: gpt-5-2025-08-07, claude-haiku-4-5-20251001. */
const SNAPSHOT = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/;

/**
 * The price of a model, of a dated snapshot and of a name with its provider too; undefined when nobody said it.
 *
 * @example
 * ```ts
 * priceOf("openai:gpt-5-2025-08-07")?.output; // 10
 * ```
 */
export function priceOf(model: string, prices: Prices = PRICES): Price | undefined {
  const found = namesOf(model).find((name) => Object.hasOwn(prices, name));
  return found === undefined ? undefined : prices[found];
}

/** Those that LangChain's names of models and gateways begin with. What else stands before a colon is part of the name: llama3:8b. */
const PROVIDERS = new Set(
  [
    "openai azure_openai azure anthropic bedrock aws cohere google google-genai google-vertexai google-vertexai-web",
    "vertex_ai ollama together fireworks mistralai mistral groq cerebras deepseek xai perplexity openrouter",
  ].flatMap((names) => names.split(" ")),
);

function split(model: string): { readonly provider?: string; readonly bare: string } {
  const [, provider = "", bare = ""] = /^([^:/]+)[:/](.+)$/.exec(model.trim()) ?? [];
  return PROVIDERS.has(provider) ? { provider, bare } : { bare: model.trim() };
}

/** From the name as it stands to the name alone. */
function namesOf(model: string): readonly string[] {
  const name = model.trim();
  const { bare } = split(name);
  return [name, name.replace(SNAPSHOT, ""), bare, bare.replace(SNAPSHOT, "")];
}

function isOwnProvider(provider: string, model: string): boolean {
  return { openai: /^gpt-/, anthropic: /^claude-/ }[provider]?.test(model) ?? false;
}

/**
 * The built-in prices with the user's own, which win. A model does not say its provider when it is asked, so a price that
 * is given with one holds for the name alone too: of two, the dearer. A built-in price is one of them unless the user's is
 * of the model's own provider: what a model costs elsewhere does not make it cheaper here.
 */
export function withPrices(own: Prices = {}): Prices {
  const bare = Object.entries(own).flatMap(([name, price]) => {
    const { provider, bare } = split(name);
    if (provider === undefined) return [];
    const builtIn = isOwnProvider(provider, bare) ? undefined : priceOf(bare);
    return [[bare, builtIn && builtIn.output > price.output ? builtIn : price] as const];
  });
  bare.sort(([, one], [, other]) => one.output - other.output);
  return { ...PRICES, ...Object.fromEntries(bare), ...own };
}

/** What so many tokens cost, in US dollars. Tokens read from a cache or written to it count by their own price. */
export function costUsd(usage: TokenUsage, price: Price): number {
  const { inputTokens, outputTokens, cachedInputTokens: cached, cacheWriteTokens: written } = usage;
  const plain = Math.max(0, inputTokens - cached - written);
  const { input, output, cachedInput = input, cacheWrite = input } = price;
  return (plain * input + cached * cachedInput + written * cacheWrite + outputTokens * output) / 1_000_000;
}

/** A limit in money that does not know what a call costs would limit nothing. */
export function unknownPrice(part: string, model: string): BatonError {
  const problem = `has no price for '${model}'`;
  const fix = `add it in USD per million tokens: prices: { "${model}": { input: 1, output: 4 } }`;
  const message = `${part}: money is limited, but the table ${problem}; ${fix}`;
  return new BatonError("CONFIG_INVALID", message, {
    data: { model, faults: [{ path: "prices", problem }] },
  });
}

/** What is wrong with a table, in the words of an error. */
export function pricesFault(prices: unknown): { path: string; problem: string } | undefined {
  if (typeof prices !== "object" || prices === null || Array.isArray(prices))
    return { path: "prices", problem: 'must be an object such as { "gpt-5": { input: 1.25, output: 10 } }' };
  for (const [model, price] of Object.entries(prices)) {
    const fault = priceFault(`prices.${model}`, price);
    if (fault) return fault;
  }
  return undefined;
}

const PARTS = ["input", "output", "cachedInput", "cacheWrite"];

/** What is wrong with a price that somebody gave, for an error at `path`; undefined for one that can be used. */
export function priceFault(path: string, price: unknown): { path: string; problem: string } | undefined {
  const known = `must be { input, output, cachedInput?, cacheWrite? } in USD per million tokens, 0 or more`;
  if (typeof price !== "object" || price === null) return { path, problem: known };
  const given = Object.entries(price);
  const isPrice = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value >= 0;
  const fits =
    given.every(([part, value]) => PARTS.includes(part) && (value === undefined || isPrice(value))) &&
    isPrice((price as Price).input) &&
    isPrice((price as Price).output);
  return fits ? undefined : { path, problem: known };
}
