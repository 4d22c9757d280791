import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseMessage } from "@langchain/core/messages";
import type { BudgetReport, Limits, Spent } from "./spent.js";

/** A call that is about to be made. */
export interface PlannedCall {
  readonly model: string;
  readonly inputTokens: number;
  /** How much it may write. */
  readonly outputTokens: number;
  /** The least it can be told to write instead, when no more is left. @default `outputTokens`: it cannot be told */
  readonly leastOutputTokens?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What one run, or one thread, may spend, shared by all that works for it in this process. */
export interface Account {
  readonly id: string;
  /**
   * Counts every call of a model that is made below the point where it is given as a callback, as that agent's, and
   * refuses the call that the budget does not cover. Given twice on the way to a call, it counts it once.
   */
  handler(agent: string): BaseCallbackHandler;
  /** All that is spent so far, as plain JSON. */
  spent(): Spent;
  /** What neither is spent nor held for calls that run; no key where nothing is limited. */
  remaining(): { readonly tokens?: number; readonly usd?: number };
  limits(): Limits;
  /** Whether there is a limit at all: without one it counts only. */
  isLimited(): boolean;
  /** The greatest part of a limit that is spent: 1 is all of it. */
  share(): number;
  report(): BudgetReport;
  /**
   * Counts the messages of models that this account has not counted yet, told by their ids, and says how many: after a
   * crash, what was called since the account was last stored.
   *
   * @throws {BatonError} `CONFIG_INVALID` when money is limited and a model's price is not known
   */
  countMissing(messages: readonly BaseMessage[], agent: string): number;
  /** New limits, as a person allowed them. Calls that wait for tokens go on. */
  raise(limits: Limits): void;
  /**
   * Runs something as this agent's, and with a planned call holds back first what that may cost: `outputTokens` is what
   * it may write, less than was planned where the call allows that and no more is left, and infinite where nothing is
   * limited. All calls inside are counted when it is over.
   *
   * @throws {BatonError} `BUDGET_EXCEEDED` when the call is not covered
   */
  run<Result>(
    agent: string,
    call: PlannedCall | undefined,
    run: (outputTokens: number) => Promise<Result>,
  ): Promise<Result>;
}
