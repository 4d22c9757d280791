import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { estimateTokenCount } from "tokenx";
import { type ShortTermLimits, startOfWindow } from "./short-term.js";
import { roleOf } from "./turn.js";

/** The recent part of a conversation that lies in the state of a graph: short-term memory without a store. */
export function recentWindow(
  messages: readonly BaseMessage[],
  limits: ShortTermLimits = {},
  countTokens: (text: string) => number = estimateTokenCount,
): BaseMessage[] {
  const groups = new Map<string, string>();
  const windowed = messages.map((message) => ({
    role: roleOf(message),
    group: groupOf(message, groups),
    // Counted when it is asked for: the window ends long before an old conversation begins.
    get tokens() {
      return countTokens(wordsOf(message));
    },
  }));
  return messages.slice(startOfWindow(windowed, limits));
}

/** A call stands for its group: the id of the first call of a message stands for all of them. */
function groupOf(message: BaseMessage, groups: Map<string, string>): string | undefined {
  if (ToolMessage.isInstance(message)) return groups.get(message.tool_call_id);
  if (!AIMessage.isInstance(message)) return undefined;
  const [first, ...rest] = (message.tool_calls ?? []).flatMap(({ id }) => id ?? []);
  if (first === undefined) return undefined;
  for (const id of [first, ...rest]) groups.set(id, first);
  return first;
}

function wordsOf(message: BaseMessage): string {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return [message.text, ...calls.map(({ name, args }) => `${name} ${JSON.stringify(args)}`)].join("\n");
}
