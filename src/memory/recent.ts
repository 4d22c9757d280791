import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  mapStoredMessagesToChatMessages,
} from "@langchain/core/messages";
import type { MemoryItem } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { startOfWindow } from "./short-term.js";
import type { Entry, View } from "./view.js";

/** See `Memory.recent`. */
export async function recentMessages(parts: Parts, threadId: string): Promise<BaseMessage[]> {
  const view = await parts.view();
  const window = windowOf(parts, view, threadId);
  return (
    await readItems(
      parts,
      view,
      window.map(({ id }) => id),
    )
  ).map(toMessage);
}

/** What of a thread is short-term memory now. */
export function windowOf(
  { clock, limits }: Pick<Parts, "clock" | "limits">,
  view: View,
  threadId: string,
): readonly Entry[] {
  const now = clock.now();
  const holding = view.thread(threadId).filter((entry) => entry.expiresAtMs > now);
  return holding.slice(startOfWindow(holding, limits));
}

/** An item as the message that it was. */
export function toMessage(item: MemoryItem): BaseMessage {
  if (item.message) {
    const [message] = mapStoredMessagesToChatMessages([item.message]);
    if (message) return message;
  }
  const fields = {
    content: item.text,
    ...(item.origin.messageId !== undefined && { id: item.origin.messageId }),
    ...(item.speaker !== undefined && { name: item.speaker }),
  };
  return item.role === "assistant" ? new AIMessage(fields) : new HumanMessage(fields);
}
