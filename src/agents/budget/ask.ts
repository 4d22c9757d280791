import { getConfig, interrupt } from "@langchain/langgraph";
import { isBatonError } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import { describeNeeded, type Needed } from "../../models/budget/exceeded.js";
import { limitsProblem } from "../../models/budget/options.js";
import { describeSpent } from "../../models/budget/spent.js";
import type { Account, Budget, Limits } from "../../models/budget.js";

const ACTION = "continue_over_budget";

/**
 * Asks a person, in the form of LangChain's human-in-the-loop request, whether the run may go on: `approve` allows as much
 * again as the budget does, `edit` sets the limits, `reject` ends it. What cannot be taken is asked for again. `refused` is
 * the error of the call that is not covered.
 */
export function askForMore(account: Account, budget: Budget, refused: unknown): Limits | undefined {
  let note = "";
  for (;;) {
    const args = asMuchAgain(account.limits(), budget.limits);
    const response: unknown = interrupt({
      actionRequests: [{ name: ACTION, args, description: `${describe(account, refused)}${note}` }],
      reviewConfigs: [{ actionName: ACTION, allowedDecisions: ["approve", "edit", "reject"] }],
    });
    const decision = read(response, account);
    if (decision === "approve") return args;
    if (decision === "reject") return undefined;
    if (typeof decision === "object") return decision;
    note = ` The last decision could not be taken: ${decision}.`;
  }
}

function asMuchAgain(now: Limits, more: Limits): Limits {
  return {
    ...(now.maxTokens !== undefined && { maxTokens: now.maxTokens + (more.maxTokens ?? 0) }),
    ...(now.maxUsd !== undefined && { maxUsd: now.maxUsd + (more.maxUsd ?? 0) }),
  };
}

function describe(account: Account, refused: unknown): string {
  const needed = neededBy(refused);
  const needs = needed === undefined ? "" : `; it needs about ${describeNeeded(needed)}`;
  const spent = describeSpent(account.spent());
  return `The budget does not cover the next call: ${spent} are used${needs}. Approve to allow the limits shown here, edit them, or reject to end with what there is.`;
}

/** What was decided, or what is wrong with it. */
function read(response: unknown, account: Account): "approve" | "reject" | Limits | string {
  const { decisions } = (response ?? {}) as { decisions?: unknown };
  const [decision] = Array.isArray(decisions) ? (decisions as readonly unknown[]) : [];
  const { type, editedAction } = (decision ?? {}) as { type?: unknown; editedAction?: { args?: unknown } };
  if (type === "approve" || type === "reject") return type;
  if (type !== "edit") return 'it needs decisions: [{ type: "approve" | "edit" | "reject" }]';
  const { maxTokens, maxUsd } = (editedAction?.args ?? {}) as Limits;
  const limits = { ...(maxTokens !== undefined && { maxTokens }), ...(maxUsd !== undefined && { maxUsd }) };
  if (Object.keys(limits).length === 0) return "an edit needs editedAction.args with maxTokens or maxUsd";
  return limitsProblem(limits) ?? limitFault(limits, account) ?? limits;
}

/** A limit that the budget does not have would need prices that nobody gave; one below what is spent allows nothing. */
function limitFault(limits: Limits, account: Account): string | undefined {
  const now = account.limits();
  const { totalTokens, costUsd } = account.report().totals;
  const spent = { maxTokens: totalTokens, maxUsd: costUsd ?? 0 };
  for (const key of ["maxTokens", "maxUsd"] as const) {
    const limit = limits[key];
    if (limit === undefined) continue;
    if (now[key] === undefined) return `the budget has no ${key}`;
    if (limit <= spent[key]) return `${key} must be above the ${spent[key]} that are spent`;
  }
  return undefined;
}

/** Middleware around the call may have wrapped its error. */
function neededBy(refused: unknown): Needed | undefined {
  for (let inner = refused; inner instanceof Error; inner = inner.cause)
    if (isBatonError(inner, "BUDGET_EXCEEDED")) return inner.data.needed as Needed | undefined;
  return undefined;
}

/** @throws {BatonError} `CONFIG_INVALID` where nobody could be asked, before anything is paid for */
export function checkCanAsk(): void {
  if (getConfig().configurable?.__pregel_checkpointer !== undefined) return;
  const problem = 'is "ask", which needs a graph with a checkpointer, such as new MemorySaver()';
  throw configInvalid("createBudget()", [{ path: "onLimit", problem }]);
}
