import type { StoredMessage } from "@langchain/core/messages";

/** Who said it, in LangChain's terms. */
export type Role = "user" | "assistant" | "tool";

/**
 * One thing that memory keeps, verbatim. Never changed once it is written: a correction is a new item that
 * `supersedes` the old one, so that two processes cannot overwrite each other and the history stays.
 */
export interface MemoryItem {
  /** Stable: 32 hexadecimal digits of the SHA-256 of namespace, normalised text and source. */
  readonly id: string;
  /** Word for word as it was said. Content blocks that are no text leave a mark such as `[image]`. */
  readonly text: string;
  /** A message of a conversation, or a fact that was stated on purpose. */
  readonly kind: "message" | "fact";
  readonly role: Role;
  /** A person's or agent's name, where it is known. */
  readonly speaker?: string;
  /** The conversation, or one session of it; `""` for a fact, which belongs to none. */
  readonly threadId: string;
  /** When it was said, ISO 8601 in UTC. */
  readonly time: string;
  /** When it was written, in milliseconds since the epoch. */
  readonly savedAt: number;
  /** Order within the thread among items of the same `time`. */
  readonly sequence: number;
  /** Length of `text` in tokens, as estimated when it was written. */
  readonly tokens: number;
  /** A tool call and its results share one, and are kept, shown and left out together. */
  readonly group?: string;
  /** Ids of the tool calls that it asks for. */
  readonly calls?: readonly string[];
  /** The item that this one corrects. */
  readonly supersedes?: string;
  /** ISO 8601; from then on it is hidden, and later removed. */
  readonly expiresAt?: string;
  /** Where it comes from, for example `{ messageId }` or `{ tool: "remember" }`. */
  readonly origin: Readonly<Record<string, string>>;
  /** What the caller wants to filter by. Flat: text, numbers and booleans. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  /** The whole LangChain message, where `text` does not say it all: tool calls, content blocks. */
  readonly message?: StoredMessage;
}

/** An item with what depends on the others, as it is now. */
export interface KnownItem extends MemoryItem {
  /** The message before it in its thread, and the one after it. */
  readonly previous?: string;
  readonly next?: string;
  /** The item that corrects this one. */
  readonly supersededBy?: string;
  /** How often it was found. */
  readonly hits: number;
}
