import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { isRecord } from "./schema.js";

/** One tool call made since the last question, with its result once there is one. */
export interface PastCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly result?: { readonly text: string; readonly failed: boolean };
}

/** A text that came with the conversation: a section of a system message in a tag, or the body of a long question. */
export interface Resource {
  readonly uri: string;
  readonly text: string;
}

export interface Conversation {
  readonly question: string;
  /** The questions before, in order; "and in Sales?" leans on one of them. */
  readonly earlierQuestions: readonly string[];
  /** Calls since the question, in order. */
  readonly calls: readonly PastCall[];
  /** How often the model has answered with calls since the question. */
  readonly rounds: number;
  readonly resources: readonly Resource[];
}

/** A tagged section; those that tell a model how to behave, and whom to ask, are no source for an answer. */
const SECTION =
  /<(?!(?:examples?|format|instructions?|persona|plan|question|remarks|role|rules?|specialists?|system|tasks?|team|tools?|write)\b)([a-z][\w-]*)\b([^>]*)>([\s\S]*?)<\/\1>/gi;
/** A question is short; what is longer brings the text along that it is about. */
const LONG_QUESTION = 400;

/** What this model needs from the messages: the latest question and all that happened since. */
export function readConversation(messages: readonly BaseMessage[]): Conversation {
  const questionAt = findQuestion(messages);
  const since = messages.slice(questionAt + 1);
  const asked = messages
    .slice(0, Math.max(questionAt, 0))
    .filter((message) => HumanMessage.isInstance(message));
  const results = new Map<string, ToolMessage>();
  for (const message of since)
    if (ToolMessage.isInstance(message)) results.set(message.tool_call_id, message);

  const calling = since.filter(
    (message): message is AIMessage => AIMessage.isInstance(message) && (message.tool_calls ?? []).length > 0,
  );
  const calls = calling.flatMap((message) =>
    (message.tool_calls ?? []).map(({ id = "", name, args }): PastCall => {
      const result = results.get(id);
      if (!result) return { id, name, args };
      return { id, name, args, result: { text: textOf(result), failed: result.status === "error" } };
    }),
  );
  const asking = messages[questionAt];
  const question = asking ? textOf(asking).trim() : "";
  const resources = messages.filter((message) => SystemMessage.isInstance(message)).flatMap(resourcesOf);
  if (question.length > LONG_QUESTION) resources.push({ uri: "the question", text: question });
  return {
    question,
    earlierQuestions: asked.map((message) => textOf(message).trim()),
    calls,
    rounds: calling.length,
    resources,
  };
}

/** The latest human message; in a conversation of agents alone, the latest message with text that is no result. */
function findQuestion(messages: readonly BaseMessage[]): number {
  const human = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  if (human !== -1) return human;
  return messages.findLastIndex(
    (message) =>
      !ToolMessage.isInstance(message) &&
      !SystemMessage.isInstance(message) &&
      !(AIMessage.isInstance(message) && (message.tool_calls ?? []).length > 0) &&
      textOf(message).trim() !== "",
  );
}

/** `<resource uri="...">` and any other tagged section: documents, memories, context. */
function resourcesOf(message: BaseMessage): Resource[] {
  return [...textOf(message).matchAll(SECTION)].map(([, tag = "", attributes = "", text = ""]) => ({
    uri: /\b(?:uri|source|title|name)="([^"]*)"/.exec(attributes)?.[1] ?? tag,
    text: text.trim(),
  }));
}

/** All text of a message: strings and text blocks, embedded resources too; images and the like are skipped. */
export function textOf(message: BaseMessage): string {
  return contentText(message.content);
}

function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content))
    return content
      .map(contentText)
      .filter((text) => text !== "")
      .join("\n");
  if (!isRecord(content)) return "";
  if (typeof content.text === "string") return content.text;
  if (isRecord(content.resource)) return contentText(content.resource);
  return content.type === "resource_link" ? `${content.name ?? ""} ${content.uri ?? ""}`.trim() : "";
}
