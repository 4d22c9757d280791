import type { BaseStore } from "@langchain/langgraph-checkpoint";
import type { Clock } from "../core/clock.js";
import { emitWarning } from "../core/warning.js";
import { kindOf, type StoredRecord, toRecord } from "./records.js";
import { storeFailure } from "./store-failure.js";
import { type ChangeFeed, hasChangeFeed } from "./stores/change-feed.js";

interface FollowOptions {
  readonly store: BaseStore;
  readonly root: readonly string[];
  readonly clock: Clock;
  take(records: readonly StoredRecord[]): void;
  /** The items that the view has, by key. They never change. */
  readonly known: ReadonlyMap<string, unknown>;
}

/** How often a store without a change feed is asked for what other processes wrote, */
const ASK_AGAIN_MS = 5000;
/** and at most in so small a share of the time, */
const SHARE = 20;
/** and nobody waits for one that is slower than this. */
const PATIENCE_MS = 100;
/** Taken in before others get a turn. */
const SLICE = 1000;
/** Clocks of machines that share a store may differ by so much. */
const SLACK_MS = 10_000;

/**
 * Keeps a view in step with its store. A store with a change feed is followed exactly and at every refresh. Any other
 * is read whole once, and asked for newer items every five seconds, less often when it is slow; what other processes
 * removed there is noticed when it is fetched.
 */
export function follow(options: FollowOptions): { refresh(): Promise<void> } {
  const { store } = options;
  const read = hasChangeFeed(store) ? followFeed(store, options) : followByTime(options);
  let reading: Promise<void> | undefined;
  return {
    refresh() {
      reading ??= read()
        .catch((error: unknown) => {
          throw storeFailure(store, "read memory from", error);
        })
        .finally(() => {
          reading = undefined;
        });
      return reading;
    },
  };
}

function followFeed(store: ChangeFeed, { root, take, known }: FollowOptions): () => Promise<void> {
  let cursor: number | undefined;
  return async () => {
    const { puts, deletes, complete, ...changes } = await store.changes(root, cursor);
    if (!complete && cursor !== undefined) {
      const told = new Set(puts.map(({ key }) => key));
      const gone = [...known.keys()].filter((key) => !told.has(key));
      take(gone.map((key) => ({ kind: "item", key, value: undefined })));
    }
    cursor = changes.cursor;
    if (puts.length + deletes.length === 0) return;
    take(deletes.flatMap((record) => toRecord(root, record) ?? []));
    // Most of the rest is what this process has just written.
    const news = puts.filter(({ namespace, key }) => !known.has(key) || kindOf(root, namespace) !== "item");
    for (let start = 0; start < news.length; start += SLICE) {
      take(news.slice(start, start + SLICE).flatMap((record) => toRecord(root, record) ?? []));
      if (start + SLICE < news.length) await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

function followByTime({ store, root, clock, take }: FollowOptions): () => Promise<void> {
  let newest: number | undefined;
  let askedAt = 0;
  let tookMs = 0;
  let asking = false;

  async function ask(): Promise<void> {
    const filter = newest === undefined ? {} : { filter: { savedAt: { $gte: newest - SLACK_MS } } };
    asking = true;
    askedAt = clock.now();
    try {
      const found = await store.search([...root], { ...filter, limit: Number.MAX_SAFE_INTEGER });
      newest ??= 0;
      for (const { value } of found) newest = Math.max(newest, Number(value.savedAt) || 0);
      take(found.flatMap((item) => toRecord(root, item) ?? []));
    } finally {
      asking = false;
      tookMs = clock.now() - askedAt;
    }
  }

  return async () => {
    if (newest === undefined) return await ask();
    if (asking || clock.now() - askedAt < Math.max(ASK_AGAIN_MS, SHARE * tookMs)) return;
    if (tookMs <= PATIENCE_MS) return await ask();
    void ask().catch((error) =>
      emitWarning(`memory: ${storeFailure(store, "read", error).message}`, "STORE"),
    );
  };
}
