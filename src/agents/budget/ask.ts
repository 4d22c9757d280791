import { interrupt } from "@langchain/langgraph";
import { limitsProblem } from "../../models/budget/options.js";
import { describeSpent } from "../../models/budget/spent.js";
import type { Account, Budget, Limits } from "../../models/budget.js";

const ACTION = "continue_over_budget";

/**
 * Asks a person, in the form of LangChain's human-in-the-loop request, whether the run may go on: `approve` allows as much
 * again as the budget does, `edit` sets the limits, `reject` ends it. An answer that cannot be read is asked for again.
 */
export function askForMore(account: Account, budget: Budget): Limits | undefined {
  let note = "";
  for (;;) {
    const args = asMuchAgain(account.limits(), budget.limits);
    const response: unknown = interrupt({
      actionRequests: [{ name: ACTION, args, description: `${describe(account)}${note}` }],
      reviewConfigs: [{ actionName: ACTION, allowedDecisions: ["approve", "edit", "reject"] }],
    });
    const decision = read(response);
    if (decision === "approve") return args;
    if (decision === "reject") return undefined;
    if (typeof decision === "object") return decision;
    note = ` The last decision could not be read: ${decision}.`;
  }
}

function asMuchAgain(now: Limits, more: Limits): Limits {
  return {
    ...(now.maxTokens !== undefined && { maxTokens: now.maxTokens + (more.maxTokens ?? 0) }),
    ...(now.maxUsd !== undefined && { maxUsd: now.maxUsd + (more.maxUsd ?? 0) }),
  };
}

function describe(account: Account): string {
  return `The budget is used up: ${describeSpent(account.spent())}. Approve to allow the limits shown here, edit them, or reject to end with what there is.`;
}

/** What was decided, or what is wrong with it. */
function read(response: unknown): "approve" | "reject" | Limits | string {
  const { decisions } = (response ?? {}) as { decisions?: unknown };
  const [decision] = Array.isArray(decisions) ? (decisions as readonly unknown[]) : [];
  const { type, editedAction } = (decision ?? {}) as { type?: unknown; editedAction?: { args?: unknown } };
  if (type === "approve" || type === "reject") return type;
  if (type !== "edit") return 'it needs decisions: [{ type: "approve" | "edit" | "reject" }]';
  const { maxTokens, maxUsd } = (editedAction?.args ?? {}) as Limits;
  const limits = { ...(maxTokens !== undefined && { maxTokens }), ...(maxUsd !== undefined && { maxUsd }) };
  if (Object.keys(limits).length === 0) return "an edit needs editedAction.args with maxTokens or maxUsd";
  return limitsProblem(limits) ?? limits;
}
