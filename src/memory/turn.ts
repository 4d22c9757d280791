import {
  AIMessage,
  type BaseMessage,
  type BaseMessageLike,
  coerceMessageLikeToMessage,
  isBaseMessage,
  mapChatMessagesToStoredMessages,
  RemoveMessage,
  type StoredMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { BatonError } from "../core/errors.js";
import { checkKeys, checkMetadata, checkText, invalidArgument } from "./check.js";
import type { Role } from "./item.js";

/** Something said, for memory that is not fed by LangChain messages: a chat log, notes, a transcript. */
export interface Turn {
  readonly text: string;
  /** @default "user" */
  readonly role?: "user" | "assistant";
  /** Who said it, by name. */
  readonly speaker?: string;
  /** When it was said: a date, ISO 8601 text or milliseconds since the epoch. @default now */
  readonly time?: Date | string | number;
  /** The source's own id. With it, the same words said twice are two items. */
  readonly id?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/** A turn, read: the role is known, and how tool calls belong together. */
export interface ReadTurn extends Omit<Turn, "role"> {
  readonly role: Role;
  /** Ids of the tool calls that an assistant asks for. */
  readonly calls: readonly string[];
  /** The id of the call that this answers. */
  readonly answers?: string;
  readonly message?: StoredMessage;
}

/**
 * A message or turn as memory keeps it; `undefined` for what it does not keep: instructions to the model, removals and
 * messages that say nothing.
 *
 * @throws BatonError `INVALID_ARGUMENTS` for what is neither, with its position
 */
export function readTurn(input: BaseMessageLike | Turn, position: number): ReadTurn | undefined {
  if (isTurn(input)) {
    checkTurn(input, position);
    return input.text.trim() === "" ? undefined : { role: "user", ...input, calls: [] };
  }
  let message: BaseMessage;
  try {
    message = isBaseMessage(input) ? input : coerceMessageLikeToMessage(input);
  } catch (cause) {
    throw unreadable(position, "it is neither a LangChain message nor { text }", cause);
  }
  if (SystemMessage.isInstance(message) || RemoveMessage.isInstance(message)) return undefined;
  return fromMessage(message);
}

function fromMessage(message: BaseMessage): ReadTurn | undefined {
  const said = textOf(message);
  const asked = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  if (said.trim() === "" && asked.length === 0) return undefined;
  const answers = ToolMessage.isInstance(message) ? message.tool_call_id : undefined;
  // Plain words need no second copy. Anything else is kept whole, to be given back as it was.
  const whole = typeof message.content !== "string" || asked.length > 0 || answers !== undefined;
  const stored = whole ? mapChatMessagesToStoredMessages([message])[0] : undefined;
  return {
    text: [said, ...asked.map(({ name, args }) => `${name}(${JSON.stringify(args)})`)]
      .filter((part) => part.trim() !== "")
      .join("\n"),
    role: roleOf(message),
    calls: asked.flatMap(({ id }) => (id === undefined ? [] : [id])),
    ...(answers !== undefined && { answers }),
    ...(message.name !== undefined && { speaker: message.name }),
    ...(message.id !== undefined && { id: message.id }),
    ...(stored !== undefined && { message: stored }),
  };
}

/** The words of a message. Blocks of other kinds leave their mark, as a picture was shown even if it is not kept. */
function textOf({ content }: BaseMessage): string {
  if (typeof content === "string") return content;
  return content
    .flatMap((block) => {
      if (block.type === "text") return [String(block.text)];
      return block.type === "tool_use" || block.type === "reasoning" || block.type === "thinking"
        ? []
        : [`[${String(block.type ?? "block").replace(/_url$/, "")}]`];
    })
    .join("\n");
}

export function roleOf(message: BaseMessage): Role {
  if (ToolMessage.isInstance(message)) return "tool";
  return AIMessage.isInstance(message) ? "assistant" : "user";
}

const KEYS = ["text", "role", "speaker", "time", "id", "metadata"];

/** What is kept once is read for ever: nothing of another form may come in. */
function checkTurn(turn: Turn, position: number): void {
  const at = `item ${position}`;
  checkKeys("remember", at, turn, KEYS);
  if (typeof turn.text !== "string") throw unreadable(position, "its text is no text");
  if (turn.role !== undefined && turn.role !== "user" && turn.role !== "assistant") {
    throw invalidArgument("remember", `the role of ${at}`, turn.role, '"user" or "assistant"');
  }
  checkText("remember", `the speaker of ${at}`, turn.speaker);
  checkText("remember", `the id of ${at}`, turn.id);
  checkMetadata("remember", `the metadata of ${at}`, turn.metadata);
}

function isTurn(input: BaseMessageLike | Turn): input is Turn {
  return typeof input === "object" && input !== null && "text" in input && !isBaseMessage(input);
}

function unreadable(position: number, problem: string, cause?: unknown): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `remember(): item ${position} cannot be read: ${problem}`, {
    data: { issues: [{ path: `[${position}]`, problem }] },
    ...(cause !== undefined && { cause }),
  });
}
