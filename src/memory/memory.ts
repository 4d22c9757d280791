import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { BaseMessage, BaseMessageLike } from "@langchain/core/messages";
import type { BaseStore } from "@langchain/langgraph-checkpoint";
import type { Clock } from "../core/clock.js";
import type { RememberOptions } from "./compose-items.js";
import { buildContext, type ContextOptions, type MemoryContext } from "./context.js";
import { type Forgetting, forget } from "./forget.js";
import type { KnownItem, MemoryItem } from "./item.js";
import { type MapOptions, type MemoryMap, mapOf } from "./map.js";
import { toParts } from "./parts.js";
import { readItems } from "./read-items.js";
import { type Recalled, type RecallOptions, recall } from "./recall-items.js";
import { recentMessages } from "./recent.js";
import { remember } from "./remember.js";
import type { ShortTermLimits } from "./short-term.js";
import { type MemoryStats, statsOf } from "./stats.js";
import type { Turn } from "./turn.js";

export type { RememberOptions } from "./compose-items.js";
export type { ContextOptions, ContextReport, LeftOut, MemoryContext } from "./context.js";
export type { Forgetting } from "./forget.js";
export type { KnownItem, MemoryItem } from "./item.js";
export type { Recalled, RecallFilter, RecallOptions } from "./recall-items.js";
export type { ShortTermLimits } from "./short-term.js";
export type { MemoryStats } from "./stats.js";
export type { Turn } from "./turn.js";

export interface MemoryOptions {
  /** Any LangGraph store: `sqliteStore(file)`, `chromaStore(...)`, LangChain's `PostgresStore`, `InMemoryStore`. */
  readonly store: BaseStore;
  /** Whose memory it is, such as `["users", "alice"]`. Any text will do as a label; nobody sees what lies elsewhere. */
  readonly namespace: readonly string[];
  /** How much of a thread stays in view word for word. @default 40 messages, 4,000 tokens */
  readonly shortTerm?: ShortTermLimits;
  /** Adds one feature to recall. Without it no model is needed. @default none */
  readonly embeddings?: EmbeddingsInterface;
  /** How long what is remembered may be found, in milliseconds. @default for ever */
  readonly ttlMs?: number;
  /** Tokens of a text, as your model counts. @default an estimate, within 5 % of OpenAI's for English */
  readonly countTokens?: (text: string) => number;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** What an agent, a user or a team knows. */
export interface Memory {
  /**
   * Keeps messages of a conversation, or a fact when it is given as text. Written at once; the same thing again stays
   * one item. Returns what memory now has of each, in order.
   */
  remember(
    what: string | Turn | BaseMessage | readonly (BaseMessageLike | Turn)[],
    options?: RememberOptions,
  ): Promise<MemoryItem[]>;
  /** What fits a question best, best first, with reasons. */
  recall(query: string, options?: RecallOptions): Promise<Recalled[]>;
  /** What a model should know for a question, within a budget of tokens, and a report on what was left out. */
  context(query: string, options?: ContextOptions): Promise<MemoryContext>;
  /** Short-term memory: the recent messages of a thread, oldest first, tool calls with their results. */
  recent(threadId?: string): Promise<BaseMessage[]>;
  /** An item and all that it corrected and was corrected by, oldest first; empty for an unknown id. */
  history(id: string): Promise<KnownItem[]>;
  /** Removes for good; returns how many items went. A correction takes what it corrected along. */
  forget(what: Forgetting): Promise<number>;
  stats(): Promise<MemoryStats>;
  /** What it holds now, as plain data: threads with their window, facts, corrections. `drawMemory` makes a picture of it. */
  map(options?: MapOptions): Promise<MemoryMap>;
}

/**
 * Memory in three levels over any LangGraph store. Short-term: the recent messages of a thread. Long-term: every word
 * ever said and each fact, found without a model. Working memory, what a task needs while it runs, lies in the state
 * of a graph: see `langbaton/memory/working`.
 *
 * @throws BatonError `CONFIG_INVALID` for a namespace or limit that cannot be used. Its methods throw `STORE` when the
 *   store fails and `INVALID_ARGUMENTS` for what they cannot read.
 * @example
 * ```ts
 * const memory = createMemory({ store: sqliteStore("memory.db"), namespace: ["users", "alice"] });
 * await memory.remember("I am allergic to peanuts");
 * const [found] = await memory.recall("What must Alice not eat?");
 * ```
 */
export function createMemory(options: MemoryOptions): Memory {
  const parts = toParts(options);
  return {
    remember: (what, how = {}) => remember(parts, what, how),
    recall: (query, how = {}) => recall(parts, query, how),
    context: (query, how = {}) => buildContext(parts, query, how),
    recent: (threadId = "default") => recentMessages(parts, threadId),
    async history(id) {
      const view = await parts.view();
      return readItems(parts, view, view.versions(id));
    },
    forget: (what) => forget(parts, what),
    stats: () => statsOf(parts),
    map: (options = {}) => mapOf(parts, options),
  };
}
