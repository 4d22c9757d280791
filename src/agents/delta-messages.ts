import { randomUUID } from "node:crypto";
import { type BaseMessage, type BaseMessageLike, coerceMessageLikeToMessage } from "@langchain/core/messages";
import { DeltaValue, MessagesDeltaValue, messagesDeltaReducer } from "@langchain/langgraph";
import { z } from "zod";

/**
 * The `messages` of a state, stored as what each step adds. LangGraph's plain channel stores the whole list at every
 * step: a thread of 800 short messages takes 4 MB in this form, where it takes 135 MB in that.
 *
 * LangGraph's own `MessagesDeltaValue` gives no id to what is not yet a message, a plain text for example: each read
 * would make another message of it. Here whatever enters the state is a message with an id.
 */
export const deltaMessages = new DeltaValue(MessagesDeltaValue.valueSchema, {
  inputSchema: z
    .custom<MessagesUpdate>()
    .transform(toMessages) as unknown as typeof MessagesDeltaValue.inputSchema,
  reducer: messagesDeltaReducer,
  // Reading a thread goes back to the last whole list: 200 updates are 100 turns without tools.
  snapshotFrequency: 200,
  jsonSchemaExtra: {
    langgraph_type: "messages",
    title: "Messages",
    description: "A list of chat messages",
  },
});

type MessagesUpdate = BaseMessageLike | readonly BaseMessageLike[];

function toMessages(update: MessagesUpdate): BaseMessage[] {
  const list = (Array.isArray(update) ? update : [update]) as readonly BaseMessageLike[];
  return list.map((one) => {
    const message = coerceMessageLikeToMessage(one);
    if (message.id === undefined || message.id === null) {
      message.id = randomUUID();
      message.lc_kwargs.id = message.id;
    }
    return message;
  });
}
