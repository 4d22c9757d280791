import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describeSpent } from "../../models/budget/spent.js";
import type { Account } from "../../models/budget.js";

const LONGEST_RESULT = 300;

/**
 * The answer of an agent whose budget is used up: that it is, and what its tools returned in this turn, so that nothing
 * that was done is lost. A program reads it from `response_metadata.budget`.
 */
export function stopped(account: Account, messages: readonly BaseMessage[]): AIMessage {
  const spent = describeSpent(account.spent());
  const lines = [
    `The budget does not cover the next step (${spent} are used), so this answer is not finished.`,
    resultsSoFar(messages) ?? "No tool returned anything yet.",
  ];
  return new AIMessage({ content: lines.join("\n"), response_metadata: budgetSign(account) });
}

/** What the tools returned since the last message of a user; undefined when that is nothing. */
export function resultsSoFar(messages: readonly BaseMessage[]): string | undefined {
  const question = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  const results = messages.slice(question + 1).filter((message) => ToolMessage.isInstance(message));
  if (results.length === 0) return undefined;
  const listed = results.map(({ name, text, status }) => {
    const short = text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}...` : text;
    return `- ${name ?? "a tool"}${status === "error" ? " (failed)" : ""}: ${short}`;
  });
  return ["What the tools returned so far:", ...listed].join("\n");
}

/** For the `response_metadata` of an answer that the budget cut short: where programs read that it did. */
export function budgetSign(account: Account) {
  return { budget: { code: "BUDGET_EXCEEDED", spent: account.report().totals, limits: account.limits() } };
}
