import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createMiddleware } from "langchain";

/** So that an agent that goes in circles ends with what it has: at its last step it is given no tools to call. */
export function mostSteps(count: number): AgentMiddleware {
  return createMiddleware({
    name: "mostSteps",
    async wrapModelCall(request, handler) {
      const { messages } = request.state;
      const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message));
      const steps = messages.slice(asked + 1).filter((message) => AIMessage.isInstance(message)).length;
      if (steps < count - 1) return handler(request);
      const systemMessage = request.systemMessage.concat(
        `\n\nThis was your step ${count - 1} of ${count}: answer now with what you have, and say what is missing.`,
      );
      const response = await handler({ ...request, tools: [], systemMessage });
      // A model that calls what it was not given would go on forever.
      if (!AIMessage.isInstance(response) || (response.tool_calls ?? []).length === 0) return response;
      const { id, usage_metadata, response_metadata } = response;
      return new AIMessage({
        content: response.text || `No answer after ${count} steps.`,
        response_metadata,
        ...(id === undefined ? {} : { id }),
        ...(usage_metadata === undefined ? {} : { usage_metadata }),
      });
    },
  });
}
