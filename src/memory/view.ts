import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { LRUCache } from "lru-cache";
import type { Clock } from "../core/clock.js";
import { follow } from "./follow.js";
import type { MemoryItem, Role } from "./item.js";
import { createLateIndex } from "./late-index.js";
import type { RecallIndex } from "./recall/recall-index.js";
import type { StoredRecord, Usage } from "./records.js";
import { createVectors, unpackVector, type Vectors } from "./vectors.js";

/** What the process keeps of an item beside the index; its words stay in the store. */
export interface Entry {
  readonly id: string;
  readonly kind: MemoryItem["kind"];
  readonly role: Role;
  readonly speaker: string | undefined;
  readonly threadId: string;
  readonly sequence: number;
  readonly tokens: number;
  readonly group: string | undefined;
  readonly supersedes: string | undefined;
  readonly metadata: MemoryItem["metadata"] | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expiresAtMs: number;
  readonly messageId: string | undefined;
  readonly savedAt: number;
}

/**
 * What one process knows of one namespace of one store: filled at first use, then kept in step with what this and
 * other processes write. Everything in it can be rebuilt from the store.
 */
export interface View {
  readonly entries: ReadonlyMap<string, Entry>;
  /** What recall asks, with all entries in it. */
  index(): Promise<RecallIndex>;
  /** Those of the view's model. */
  readonly vectors: Vectors;
  readonly usage: ReadonlyMap<string, Usage>;
  /** Hits that the store does not have yet. */
  readonly pendingHits: Map<string, number>;
  /** Items of a thread in order of time. */
  thread(threadId: string): readonly Entry[];
  threadIds(): Iterable<string>;
  /** The `sequence` of the next message of a thread. */
  nextSequence(threadId: string): number;
  /** Items that have an end. */
  expiring(): Iterable<Entry>;
  /** Nothing was corrected, and nothing has an end. */
  holdsAll(): boolean;
  /** The item that corrects this one. */
  supersededBy(id: string): string | undefined;
  /** An item's versions, oldest first: what it corrected, itself, and what corrected it. Empty for an unknown id. */
  versions(id: string): readonly string[];
  /** The group that a tool call of a thread belongs to. */
  groupOf(threadId: string, toolCallId: string): string | undefined;
  /** What this process has just written. */
  take(records: readonly StoredRecord[]): void;
  /** Reads what is new in the store; at once when there is nothing. */
  refresh(): Promise<void>;
  /** Runs one piece of work after the other, so that what is decided on the view still holds when it is written. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

/** Views that a process keeps: those of the namespaces used last. Others are read again when they are needed. */
const MOST_VIEWS = 500;

const views = new WeakMap<BaseStore, LRUCache<string, View>>();

/** The view of a namespace, one for all that use the store in this process with the same embedding model, or none. */
export function viewOf(
  store: BaseStore,
  root: readonly string[],
  model: string | undefined,
  clock: Clock,
): View {
  let ofStore = views.get(store);
  if (!ofStore) {
    ofStore = new LRUCache({ max: MOST_VIEWS });
    views.set(store, ofStore);
  }
  const key = JSON.stringify([root, model]);
  let view = ofStore.get(key);
  if (!view) {
    view = createView(store, root, model, clock);
    ofStore.set(key, view);
  }
  return view;
}

function createView(
  store: BaseStore,
  root: readonly string[],
  model: string | undefined,
  clock: Clock,
): View {
  const entries = new Map<string, Entry>();
  const threads = new Map<string, Entry[]>();
  const supersededBy = new Map<string, string>();
  const groups = new Map<string, string>();
  const usage = new Map<string, Usage>();
  const pendingHits = new Map<string, number>();
  const expiring = new Map<string, Entry>();
  const index = createLateIndex(clock);
  const vectors = createVectors();
  // Threads to bring in order when they are asked for next: doing so at every change would cost a pass each.
  const unsorted = new Set<string>();
  const thinned = new Set<string>();
  const sequences = new Map<string, number>();
  let work: Promise<unknown> = Promise.resolve();
  const { refresh } = follow({ store, root, clock, take, known: entries });

  function takeItem(item: MemoryItem): boolean {
    const before = entries.get(item.id);
    if (before?.savedAt === item.savedAt) return false;
    // It was removed and said again since.
    if (before) dropItem(item.id);
    const { id, supersedes, threadId, group } = item;
    const entry: Entry = {
      id,
      kind: item.kind,
      role: item.role,
      speaker: item.speaker,
      threadId,
      sequence: item.sequence,
      tokens: item.tokens,
      group,
      supersedes,
      metadata: item.metadata,
      at: Date.parse(item.time),
      expiresAtMs: item.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(item.expiresAt),
      messageId: item.origin.messageId,
      savedAt: item.savedAt,
    };
    entries.set(id, entry);
    if (item.expiresAt !== undefined) expiring.set(id, entry);
    if (supersedes !== undefined) supersededBy.set(supersedes, id);
    for (const call of item.calls ?? []) groups.set(callKey(threadId, call), group ?? id);
    if (item.kind === "fact") return true;
    sequences.set(threadId, Math.max(sequences.get(threadId) ?? 0, item.sequence + 1));
    const others = threads.get(threadId);
    if (!others) threads.set(threadId, [entry]);
    else {
      const last = others.at(-1);
      if (last !== undefined && inOrder(last, entry) > 0) unsorted.add(threadId);
      others.push(entry);
    }
    return true;
  }

  function dropItem(id: string): void {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    expiring.delete(id);
    index.remove(id);
    vectors.remove(id);
    usage.delete(id);
    pendingHits.delete(id);
    if (entry.supersedes !== undefined && supersededBy.get(entry.supersedes) === id) {
      supersededBy.delete(entry.supersedes);
    }
    thinned.add(entry.threadId);
  }

  function take(records: readonly StoredRecord[]): void {
    const items: MemoryItem[] = [];
    for (const { kind, key, value } of records) {
      if (kind === "item") {
        if (value === undefined) dropItem(key);
        else if (takeItem(value)) items.push(value);
      } else if (kind === "usage") {
        if (value === undefined) usage.delete(key);
        else usage.set(key, value);
      } else if (value === undefined) vectors.remove(key);
      else if (value.model === model) vectors.add(key, unpackVector(value.vector));
    }
    index.add(items);
  }

  function thread(threadId: string): readonly Entry[] {
    if (thinned.delete(threadId)) {
      const rest = threads.get(threadId)?.filter((entry) => entries.get(entry.id) === entry) ?? [];
      if (rest.length > 0) threads.set(threadId, rest);
      else threads.delete(threadId);
    }
    const found = threads.get(threadId) ?? [];
    if (unsorted.delete(threadId)) found.sort(inOrder);
    return found;
  }

  return {
    entries,
    index: () => index.whole(),
    vectors,
    usage,
    pendingHits,
    thread,
    threadIds: () => [...threads.keys()].filter((id) => thread(id).length > 0),
    nextSequence: (threadId) => sequences.get(threadId) ?? 0,
    expiring: () => expiring.values(),
    holdsAll: () => supersededBy.size === 0 && expiring.size === 0,
    supersededBy: (id) => supersededBy.get(id),
    versions(id) {
      if (!entries.has(id)) return [];
      const versions = [id];
      // Two processes that correct each other at the same moment can make a circle.
      const seen = new Set(versions);
      const follow = (next: (from: string) => string | undefined, put: (found: string) => void): void => {
        for (let at = next(id); at !== undefined && !seen.has(at); at = next(at)) {
          seen.add(at);
          if (entries.has(at)) put(at);
        }
      };
      follow(
        (from) => entries.get(from)?.supersedes,
        (older) => versions.unshift(older),
      );
      follow(
        (from) => supersededBy.get(from),
        (newer) => versions.push(newer),
      );
      return versions;
    },
    groupOf: (threadId, toolCallId) => groups.get(callKey(threadId, toolCallId)),
    take,
    refresh,
    exclusive(next) {
      const done = work.then(next);
      work = done.catch(() => undefined);
      return done;
    },
  };
}

/** Order of time in a thread, the same in every process. */
export function inOrder(a: Entry, b: Entry): number {
  return a.at - b.at || a.sequence - b.sequence || (a.id < b.id ? -1 : 1);
}

function callKey(threadId: string, toolCallId: string): string {
  return JSON.stringify([threadId, toolCallId]);
}
