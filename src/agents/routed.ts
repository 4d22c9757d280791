import { type AgentMiddleware, createMiddleware } from "langchain";
import { estimateInput } from "../models/budget/estimate.js";
import type { Spent } from "../models/budget.js";
import { budgetReport } from "../models/budget.js";
import { checkTask } from "../models/router/options.js";
import type { RoutedTask, Router } from "../models/router.js";
import { budgetState } from "./budget.js";
import { chooseModel } from "./choose-model.js";
import { liveOf } from "./live.js";

/**
 * Asks for each call of an agent the cheapest model of a router that fits it: its prompt, its tools, and what the run's
 * budget has left. The agent needs a model object of its own, which is then never asked.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a task that cannot be used; runs throw it when no model fits a call. When the
 *   budget covers none that does, the cheapest is taken, and the budget ends the run.
 * @example
 * ```ts
 * const agent = createReact({ model: offline(), tools, middleware: [routed(router, { kind: "extract" })] });
 * ```
 */
export function routed(
  router: Router,
  task: Pick<RoutedTask, "kind" | "minQuality" | "outputTokens"> = {},
): AgentMiddleware {
  checkTask("routed()", task, false);
  const middleware = createMiddleware({
    name: "routed",
    stateSchema: budgetState,
    async wrapModelCall(request, handler) {
      const tools = [...request.tools];
      const account = liveOf(request.runtime as never)?.account;
      const needed = {
        ...task,
        tokens: estimateInput([request.systemMessage, ...request.messages], tools),
        tools: tools.length > 0 || request.responseFormat !== undefined,
      };
      const remaining = account?.remaining() ?? remainingOf(request.state._budget);
      return handler({ ...request, model: await chooseModel(router, needed, remaining) });
    },
  });
  return middleware as unknown as AgentMiddleware;
}

/** Between the calls of an agent nothing is held back. */
function remainingOf(spent: Spent | undefined): { readonly tokens?: number; readonly usd?: number } {
  const { maxTokens, maxUsd } = spent?.limits ?? {};
  const { totalTokens, costUsd } = budgetReport(spent).totals;
  return {
    ...(maxTokens !== undefined && { tokens: Math.max(0, maxTokens - totalTokens) }),
    ...(maxUsd !== undefined && { usd: Math.max(0, maxUsd - (costUsd ?? 0)) }),
  };
}
