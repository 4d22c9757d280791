import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { isOver } from "../budget/over.js";
import { askWithin, runToolWithin } from "../budget/spending.js";
import { stopped } from "../budget/stopped.js";
import { liveOf } from "../live.js";

export interface OnTaskOptions {
  /** Most model calls for a task. */
  readonly maxSteps: number;
  /** Of a call whose model does not say how much it may write. */
  readonly maxOutputTokens: number;
}

/**
 * What makes an agent one that does tasks: it is told what it has to know beside its task, ends after so many steps, and
 * spends from the account of the run, of which it ends with what it has when it is used up. One middleware for all of
 * it, as each costs every step.
 */
export function onTask({ maxSteps, maxOutputTokens }: OnTaskOptions): AgentMiddleware {
  return createMiddleware({
    name: "onTask",
    async wrapModelCall(request, handler) {
      const { account, agent = "", brief = "" } = liveOf(request.runtime) ?? {};
      const isLast = stepsIn(request.state.messages) >= maxSteps - 1;
      const notes = [brief, ...(isLast ? [lastStep(maxSteps)] : [])].filter((note) => note !== "");
      const told = {
        ...request,
        // A model that goes in circles has nothing left to call.
        tools: isLast ? [] : request.tools,
        systemMessage: notes.reduce((message, note) => message.concat(`\n\n${note}`), request.systemMessage),
      };
      try {
        const response =
          account === undefined
            ? await handler(told)
            : await askWithin({ account, agent }, maxOutputTokens, told, handler);
        return isLast && AIMessage.isInstance(response) ? withoutCalls(response, maxSteps) : response;
      } catch (error) {
        if (account === undefined || !isOver(error, account)) throw error;
        return stopped(account, request.messages);
      }
    },
    wrapToolCall(request, handler) {
      const { account, agent = "" } = liveOf(request.runtime) ?? {};
      return account === undefined ? handler(request) : runToolWithin({ account, agent }, request, handler);
    },
  }) as unknown as AgentMiddleware;
}

function stepsIn(messages: readonly BaseMessage[]): number {
  const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  return messages.slice(asked + 1).filter((message) => AIMessage.isInstance(message)).length;
}

function lastStep(count: number): string {
  return `This is your last step of ${count}: answer now with what you have, and say what is missing.`;
}

/** A model that calls what it was not given would go on forever. */
function withoutCalls(response: AIMessage, count: number): AIMessage {
  if ((response.tool_calls ?? []).length === 0) return response;
  const { id, usage_metadata, response_metadata } = response;
  return new AIMessage({
    content: response.text || `No answer after ${count} steps.`,
    response_metadata,
    ...(id === undefined ? {} : { id }),
    ...(usage_metadata === undefined ? {} : { usage_metadata }),
  });
}
