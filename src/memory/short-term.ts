import type { Role } from "./item.js";

/** How much of a conversation stays in view, word for word. */
export interface ShortTermLimits {
  /** @default 40 */
  readonly maxMessages?: number;
  /** @default 4000 */
  readonly maxTokens?: number;
}

/** What the window needs to know of a message. */
export interface WindowedMessage {
  readonly role: Role;
  readonly tokens: number;
  /** A tool call and its results share one. */
  readonly group?: string | undefined;
}

/**
 * Where the recent part of a conversation begins: an index into `messages`, which are in order of time. Short-term
 * memory is a window and no place: what it leaves behind is in long-term memory already, so nothing can get lost on
 * the way. A tool call and its results are inside or outside together, and the window starts where a user speaks, as
 * some providers refuse a history that starts otherwise. The newest turn, from its user's words on, is kept at any size.
 */
export function startOfWindow(messages: readonly WindowedMessage[], limits: ShortTermLimits = {}): number {
  const { maxMessages = 40, maxTokens = 4000 } = limits;
  const firstOf = new Map<string, number>();
  messages.forEach(({ group }, position) => {
    if (group !== undefined && !firstOf.has(group)) firstOf.set(group, position);
  });
  const firstUser = messages.findIndex(({ role }) => role === "user");
  let start = messages.length;
  let startAtUser: number | undefined;
  let tokens = 0;
  let reach = messages.length;
  for (let position = messages.length - 1; position >= 0; position--) {
    const message = messages[position] as WindowedMessage;
    tokens += message.tokens;
    const fits = messages.length - position <= maxMessages && tokens <= maxTokens;
    const mayEnd = startAtUser !== undefined || position < firstUser || firstUser === -1;
    if (!fits && mayEnd && start < messages.length) break;
    // How far back the groups of the window go: no start is allowed inside one.
    if (message.group !== undefined) reach = Math.min(reach, firstOf.get(message.group) ?? position);
    if (reach < position) continue;
    start = position;
    if (message.role === "user") startAtUser = position;
  }
  return startAtUser ?? start;
}
