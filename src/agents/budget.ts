import { isDeepStrictEqual } from "node:util";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { z } from "zod";
import { type Account, type Budget, mergeSpent, type Spent } from "../models/budget.js";
import { askForMore, checkCanAsk } from "./budget/ask.js";
import { isOver } from "./budget/over.js";
import { askWithin, runToolWithin } from "./budget/spending.js";
import { stopped } from "./budget/stopped.js";
import { liveOf } from "./live.js";

export interface BudgetedOptions {
  /** In whose name the calls are counted. @default "agent" */
  readonly agent?: string;
}

const spentValue = z.custom<Spent>().optional();

/** What a budgeted agent keeps: `spent` to be read, and `_budget`, which no caller can set. */
export const budgetState = z.object({
  spent: spentValue.meta({ title: "Spent", description: "What the agent has spent, by agent and model." }),
  _budget: spentValue,
});

interface Run {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
}

/** Accounts of runs that failed are never closed. */
const MOST_ACCOUNTS = 1000;

/**
 * Keeps an agent, and all that its tools ask of models, within a budget. Inside of a run that has an account already,
 * such as a conductor's, it spends from that, and ends at its limit; else it keeps an account of its own in the agent's
 * state, which a resumed run goes on from: `spent`, for `budgetReport()`.
 *
 * At the limit the agent ends with a message that says so, `response_metadata.budget`, and what its tools returned; with
 * `onLimit: "ask"` it asks a person first. Place it last in the list of middleware, where the model is settled.
 *
 * @example
 * ```ts
 * const budget = createBudget({ maxTokens: 50_000 });
 * const agent = createAgent({ model, tools, middleware: [budgeted(budget, { agent: "writer" })] });
 * ```
 */
export function budgeted(budget: Budget, { agent: name = "agent" }: BudgetedOptions = {}): AgentMiddleware {
  const accounts = new Map<string, Account>();

  function opened(spent?: Spent): Account {
    const account = budget.account(spent);
    accounts.delete(account.id);
    accounts.set(account.id, account);
    const [oldest] = accounts.keys();
    if (accounts.size > MOST_ACCOUNTS && oldest !== undefined) accounts.delete(oldest);
    return account;
  }

  function asStored(account: Account, { limits, raised }: Spent): Account {
    const same = isDeepStrictEqual(account.limits(), limits);
    return same ? account : opened({ ...account.spent(), limits, raised });
  }

  function find(run: Run, stored: Spent | undefined) {
    const live = liveOf(run as never);
    const own = stored && accounts.get(stored.id);
    return {
      agent: live?.agent ?? name,
      shared: live?.account !== undefined,
      account: live?.account ?? own ?? opened(stored),
    };
  }

  const middleware = createMiddleware({
    name: "budget",
    stateSchema: budgetState,

    beforeAgent({ _budget: before }, runtime) {
      if (liveOf(runtime as never)?.account !== undefined) return undefined;
      if (budget.onLimit === "ask") checkCanAsk();
      if (budget.scope === "run" || before === undefined) return stored(opened());
      // A run that failed stored nothing of its last step.
      const all = mergeSpent(before, accounts.get(before.id)?.spent()) ?? before;
      // What came before this question is settled, so its messages need not be told apart any more.
      return stored(opened({ ...all, seen: [] }));
    },

    async wrapModelCall(request, handler) {
      const { _budget: before } = request.state;
      const { agent, shared, ...found } = find(request.runtime, before);
      // A node that asked runs again from its beginning: what a person allowed in between is allowed once.
      const account = shared || before === undefined ? found.account : asStored(found.account, before);
      for (;;) {
        try {
          const response = await askWithin({ account, agent }, budget.maxOutputTokens, request, handler);
          if (shared || !AIMessage.isInstance(response)) return response;
          return new Command({ update: stored(account) });
        } catch (error) {
          if (!isOver(error, account)) throw error;
          const more = budget.onLimit === "ask" && !shared ? askForMore(account, budget, error) : undefined;
          if (more === undefined) return stopped(account, request.messages);
          account.raise(more);
        }
      }
    },

    async wrapToolCall(request, handler) {
      const { account, agent } = find(request.runtime, (request.state as { _budget?: Spent })._budget);
      return runToolWithin({ account, agent }, request, handler);
    },

    afterAgent({ _budget: before }, runtime) {
      const { account, shared } = find(runtime, before);
      if (shared) return undefined;
      accounts.delete(account.id);
      return stored(account);
    },
  });
  return middleware as unknown as AgentMiddleware;
}

function stored(account: Account): { readonly _budget: Spent; readonly spent: Spent } {
  const spent = account.spent();
  return { _budget: spent, spent };
}

/** The messages that an agent could not finish for want of budget say so. */
export function isOverBudget(message: BaseMessage): boolean {
  const { budget } = message.response_metadata as { budget?: { code?: unknown } };
  return budget?.code === "BUDGET_EXCEEDED";
}
