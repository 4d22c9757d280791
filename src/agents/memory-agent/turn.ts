import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { MEMORY_TOOLS } from "./tools.js";

/** The message that the current turn began with. */
export function questionOf(messages: readonly BaseMessage[]): BaseMessage | undefined {
  return messages.findLast((message) => HumanMessage.isInstance(message));
}

/**
 * The messages that long-term memory does not have yet: all after the last one it took, so that a turn which failed or
 * could not be written is taken along by the next. When that one was removed, the current turn alone: what a user has
 * made the agent forget must not come back from the rest of the conversation.
 */
export function newMessages(messages: readonly BaseMessage[], remembered: string | undefined): BaseMessage[] {
  if (remembered === undefined) return [...messages];
  const last = messages.findLastIndex(({ id }) => id === remembered);
  if (last !== -1) return messages.slice(last + 1);
  const question = questionOf(messages);
  return question === undefined ? [] : messages.slice(messages.indexOf(question));
}

/** What of a turn is worth remembering: not what memory's own tools were asked and said, which is in it already. */
export function withoutMemoryCalls(messages: readonly BaseMessage[]): BaseMessage[] {
  const own = new Set(
    messages.flatMap((message) =>
      AIMessage.isInstance(message)
        ? (message.tool_calls ?? []).filter(({ name }) => MEMORY_TOOLS.has(name)).map(({ id }) => id)
        : [],
    ),
  );
  if (own.size === 0) return [...messages];
  return messages.flatMap((message) => {
    if (ToolMessage.isInstance(message)) return own.has(message.tool_call_id) ? [] : [message];
    if (!AIMessage.isInstance(message)) return [message];
    const { tool_calls: calls = [], id, name, text } = message;
    const rest = calls.filter((call) => !own.has(call.id));
    if (rest.length === calls.length) return [message];
    if (rest.length === 0 && text.trim() === "") return [];
    return [
      new AIMessage({
        content: text,
        tool_calls: rest,
        ...(id !== undefined && { id }),
        ...(name !== undefined && { name }),
      }),
    ];
  });
}
