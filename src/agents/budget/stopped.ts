import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describeSpent } from "../../models/budget/spent.js";
import type { Account } from "../../models/budget.js";

const LONGEST_RESULT = 300;

/**
 * The answer of an agent whose budget is used up: that it is, and what its tools returned in this turn, so that nothing
 * that was done is lost. A program reads it from `response_metadata.budget`.
 */
export function stopped(account: Account, messages: readonly BaseMessage[]): AIMessage {
  const question = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  const results = messages.slice(question + 1).filter((message) => ToolMessage.isInstance(message));
  const listed = results.map(({ name, text, status }) => {
    const short = text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}...` : text;
    return `- ${name ?? "a tool"}${status === "error" ? " (failed)" : ""}: ${short}`;
  });
  const spent = account.spent();
  const lines = [
    `The budget is used up (${describeSpent(spent)}), so this answer is not finished.`,
    ...(listed.length === 0
      ? ["No tool returned anything yet."]
      : ["What the tools returned so far:", ...listed]),
  ];
  return new AIMessage({
    content: lines.join("\n"),
    response_metadata: {
      budget: { code: "BUDGET_EXCEEDED", spent: account.report().totals, limits: spent.limits },
    },
  });
}
