import { randomUUID } from "node:crypto";
import { emitWarning } from "../core/warning.js";
import type { Account } from "./budget/account.js";
import { openAccount } from "./budget/open-account.js";
import { type BudgetOptions, checkBudget } from "./budget/options.js";
import { describeSpent, type Limits, type Spent } from "./budget/spent.js";
import { withPrices } from "./prices.js";

export type { Account, PlannedCall } from "./budget/account.js";
export type { BudgetOptions, BudgetWarning } from "./budget/options.js";
export {
  type BudgetReport,
  budgetReport,
  type Limits,
  mergeSpent,
  type Spent,
  type SpentRow,
  type SpentTotals,
} from "./budget/spent.js";
export { PRICES, type Price, type Prices, priceOf } from "./prices.js";

/** What runs may spend. It keeps nothing itself: an account does, for one run or one thread. */
export interface Budget {
  readonly limits: Limits;
  readonly onLimit: "stop" | "ask";
  readonly scope: "run" | "thread";
  readonly maxOutputTokens: number;
  /**
   * Opens an account: a new one, or one that goes on from what a graph's state says.
   *
   * @throws {BatonError} `CONFIG_INVALID` when money is limited and something was spent at a price that is not known
   */
  account(spent?: Spent): Account;
}

/**
 * A limit in tokens, in money or in both, over all that works for one run: agents, their specialists, the models that
 * tools ask, at the same time or one after another. What a call may cost is held back before it is sent, and what it did
 * cost is counted afterwards, so that calls in parallel do not pass the limit together. Without a limit it counts only.
 *
 * How exact that is: the input of a call is estimated before the provider counts it, and the output is bounded where the
 * model says how much it may write or can be told so. A call passes the limit by no more than what these two are off by.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used. Calls throw it for a model whose price is not
 *   known when money is limited, and `BUDGET_EXCEEDED` when the budget does not cover them.
 * @example
 * ```ts
 * const budget = createBudget({ maxUsd: 0.5, maxTokens: 200_000 });
 * const account = budget.account();
 * await graph.invoke(input, { callbacks: [account.handler("writer")] });
 * account.report().totals.costUsd;
 * ```
 */
export function createBudget(options: BudgetOptions = {}): Budget {
  checkBudget(options);
  const { maxTokens, maxUsd, warnAt = 0.8, onWarning, onLimit = "stop", scope = "run" } = options;
  const { maxOutputTokens = 4096 } = options;
  const prices = withPrices(options.prices);
  const limits: Limits = {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(maxUsd !== undefined && { maxUsd }),
  };
  return {
    limits,
    onLimit,
    scope,
    maxOutputTokens,
    account(spent) {
      const first = spent ?? { id: randomUUID(), rows: [], limits, raised: false, seen: [] };
      // Once for the same limits, also over a restart.
      let warned: Limits | undefined;
      const account = openAccount({
        spent: first.raised ? first : { ...first, limits },
        prices,
        maxOutputTokens,
        onSpent(of, share) {
          if (share < warnAt || warned === of.limits()) return;
          warned = of.limits();
          emitWarning(`the budget is almost used up: ${describeSpent(of.spent())}`, "BUDGET");
          onWarning?.({ spent: of.report().totals, limits: warned, share });
        },
      });
      if (account.share() >= warnAt) warned = account.limits();
      return account;
    },
  };
}
