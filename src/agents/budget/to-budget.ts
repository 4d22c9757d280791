import { type Budget, type BudgetOptions, createBudget } from "../../models/budget.js";

/** A budget as agents take it: made already, its options, or none, which counts only. */
export function toBudget(given: Budget | BudgetOptions = {}): Budget {
  return "account" in given ? given : createBudget(given);
}
