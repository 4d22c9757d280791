import { isBatonError } from "../../core/errors.js";
import type { Account } from "../../models/budget.js";

/** Whether this account refused a call. Middleware around it may have wrapped the error. */
export function isOver(error: unknown, { id }: Account): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (isBatonError(inner, "BUDGET_EXCEEDED") && inner.data.account === id) return true;
  return false;
}
