import type { BatonError } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import type { Prices } from "../prices.js";
import { pricesFault } from "../prices.js";
import type { Limits, SpentTotals } from "./spent.js";

export interface BudgetWarning {
  readonly spent: SpentTotals;
  readonly limits: Limits;
  /** The greatest part of a limit that is spent: 0.8 is 80 %. */
  readonly share: number;
}

export interface BudgetOptions {
  /** Most tokens, input and output together. @default no limit */
  readonly maxTokens?: number;
  /** Most money in USD; then every model needs a price. @default no limit */
  readonly maxUsd?: number;
  /** Prices beside the built-in ones, which they replace. @default the built-in ones alone */
  readonly prices?: Prices;
  /** Part of a limit at which it warns, once, above 0 and up to 1. @default 0.8 */
  readonly warnAt?: number;
  /** Hears the warning beside Node's own. Must not throw. @default none */
  readonly onWarning?: (warning: BudgetWarning) => void;
  /** At the limit, an agent ends with what it has, or asks a person for more by an interrupt. @default "stop" */
  readonly onLimit?: "stop" | "ask";
  /** What the limits are for: one question, or all of a thread. @default "run" */
  readonly scope?: "run" | "thread";
  /**
   * Most output tokens of one call whose model does not say how much it may write: held back before the call, and set as
   * the model's limit where that can be done. Models that reason aloud need more. @default 4096
   */
  readonly maxOutputTokens?: number;
}

export function checkBudget(options: BudgetOptions): void {
  if (typeof options !== "object" || options === null) throw invalid("options", "must be an object");
  const checks: Readonly<Record<string, (value: never) => string | undefined>> = {
    maxTokens: (value: number) => (isWhole(value) ? undefined : "must be a whole number above 0"),
    maxUsd: (value: number) => (isAboveZero(value) ? undefined : "must be a number above 0"),
    prices: () => undefined,
    warnAt: (value: number) =>
      isAboveZero(value) && value <= 1 ? undefined : "must be above 0 and at most 1",
    onWarning: (value: unknown) => (typeof value === "function" ? undefined : "must be a function"),
    onLimit: (value: unknown) =>
      ["stop", "ask"].includes(String(value)) ? undefined : 'must be "stop" or "ask"',
    scope: (value: unknown) =>
      ["run", "thread"].includes(String(value)) ? undefined : 'must be "run" or "thread"',
    maxOutputTokens: (value: number) => (isWhole(value) ? undefined : "must be a whole number above 0"),
  };
  for (const [path, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, path) ? checks[path] : undefined;
    if (check === undefined) throw invalid(path, `is not known; there are ${Object.keys(checks).join(", ")}`);
    const problem = value === undefined ? undefined : check(value as never);
    if (problem !== undefined) throw invalid(path, problem);
  }
  const fault = options.prices === undefined ? undefined : pricesFault(options.prices);
  if (fault !== undefined) throw invalid(fault.path, fault.problem);
}

/** What is wrong with limits that a person gives. */
export function limitsProblem({ maxTokens, maxUsd }: Limits): string | undefined {
  if (maxTokens !== undefined && !isWhole(maxTokens)) return "maxTokens must be a whole number above 0";
  if (maxUsd !== undefined && !isAboveZero(maxUsd)) return "maxUsd must be a number above 0";
  return undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isAboveZero(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function invalid(path: string, problem: string): BatonError {
  return configInvalid("createBudget()", [{ path, problem }]);
}
