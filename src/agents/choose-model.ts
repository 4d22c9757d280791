import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { isBatonError } from "../core/errors.js";
import { resolveModel } from "../models/resolve.js";
import type { RoutedTask, Router } from "../models/router.js";

/** The model for a call. What the budget does not cover, the budget refuses: it ends the run with what there is. */
export function chooseModel(
  router: Router,
  task: RoutedTask,
  remaining: NonNullable<RoutedTask["remaining"]>,
): Promise<BaseChatModel> {
  try {
    return resolveModel(router.choose({ ...task, remaining }).model);
  } catch (error) {
    if (!isBatonError(error, "BUDGET_EXCEEDED")) throw error;
    return resolveModel(router.choose(task).model);
  }
}

/** Where a model is expected, whether there is one that chooses it. */
export function isRouter(given: string | BaseChatModel | Router): given is Router {
  return typeof given === "object" && "choose" in given;
}
