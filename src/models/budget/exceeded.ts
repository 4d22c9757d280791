import { BatonError } from "../../core/errors.js";
import type { Account, PlannedCall } from "./account.js";
import { count, describeSpent } from "./spent.js";

/** What a call would have needed, to be read from the error that refused it. */
export interface Needed {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** No key when no price is known. */
  readonly costUsd?: number;
}

/** The error of a call that an account does not cover. */
export function exceeded(account: Account, agent: string, call: PlannedCall, needed: Needed): BatonError {
  const { model } = call;
  const spent = describeSpent(account.spent());
  const message = `the budget does not cover the next call: ${spent} are used, and the call, of '${model}' for '${agent}', needs about ${describeNeeded(needed)}. Allow more, ask for less, or bound the answer by maxOutputTokens`;
  return new BatonError("BUDGET_EXCEEDED", message, {
    data: {
      spent: account.report().totals,
      limit: account.limits(),
      agent,
      model,
      needed,
      account: account.id,
    },
  });
}

/** "1,200 tokens for its input and 16 for its answer, 0.01 USD" */
export function describeNeeded({ inputTokens, outputTokens, costUsd }: Needed): string {
  const usd = costUsd === undefined ? "" : `, ${Number(costUsd.toPrecision(3))} USD`;
  return `${count(inputTokens)} tokens for its input and ${count(outputTokens)} for its answer${usd}`;
}
