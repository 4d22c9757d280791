import type { ErrorCode } from "../../core/errors.js";

const CODES: readonly ErrorCode[] = [
  "DENIED",
  "REJECTED",
  "CANCELLED",
  "RATE_LIMITED",
  "CIRCUIT_OPEN",
  "OVERLOADED",
  "BUDGET_EXCEEDED",
];

/** Whether a failure of this code says nothing of the tool: rules, people, limits and budgets decided. */
export function saysNothing(code: unknown): boolean {
  return CODES.includes(code as ErrorCode);
}
