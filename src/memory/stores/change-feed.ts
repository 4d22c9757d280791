import type { BaseStore } from "@langchain/langgraph-checkpoint";

/** A put that a feed tells of, as it is now: one that was overwritten or deleted since is not told. */
export interface ChangedItem {
  readonly namespace: readonly string[];
  readonly key: string;
  readonly value: Record<string, unknown>;
}

export interface Changes {
  /** Hand it in next time. It means something to this store's file only. */
  readonly cursor: number;
  /**
   * `false`: the store no longer knows all that was deleted since. What is told is then everything that there is, and
   * what the reader has beside it is gone.
   */
  readonly complete: boolean;
  /** In any order. */
  readonly puts: readonly ChangedItem[];
  readonly deletes: readonly { readonly namespace: readonly string[]; readonly key: string }[];
}

/** A store that can say what has changed, so that an index over it need not read everything again. */
export interface ChangeFeed {
  /**
   * What was put and deleted below a namespace since the cursor of an earlier answer, by whatever process; without
   * one, everything that there is. Apply the deletes first: what was deleted and put again is in both.
   */
  changes(prefix: readonly string[], since?: number): Promise<Changes>;
}

export function hasChangeFeed<Store extends BaseStore>(store: Store): store is Store & ChangeFeed {
  return "changes" in store && typeof store.changes === "function";
}
