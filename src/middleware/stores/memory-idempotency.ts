import type { IdempotencyRecord, IdempotencyStore } from "../idempotency/store.js";

export interface MemoryIdempotencyOptions {
  /** Most keys; beyond it the result that was kept for longest is forgotten. @default 100_000 */
  readonly maxEntries?: number;
}

/** Results together, in characters. */
const MOST_CHARACTERS = 128 * 1024 * 1024;

/**
 * Idempotency keys of one process, for as long as it runs. What it forgets when it is full are the oldest results,
 * never a run that has not ended or whose outcome is unknown: then it refuses new keys.
 */
export function memoryIdempotency({ maxEntries = 100_000 }: MemoryIdempotencyOptions = {}): IdempotencyStore {
  /** Apart, as these stay far longer and would stand in the way of those that have expired. */
  const unfinished = new Map<string, IdempotencyRecord>();
  const finished = new Map<string, IdempotencyRecord>();
  let characters = 0;

  function remove(key: string): void {
    unfinished.delete(key);
    characters -= finished.get(key)?.result?.length ?? 0;
    finished.delete(key);
  }

  /** Oldest first, so it stops at the first that counts. */
  function removeExpired(records: ReadonlyMap<string, IdempotencyRecord>, now: number): void {
    for (const [key, { expiresAt }] of records) {
      if (expiresAt > now) return;
      remove(key);
    }
  }

  return {
    name: "memory",
    begin(key, record) {
      const found = finished.get(key) ?? unfinished.get(key);
      if (found !== undefined && found.expiresAt > record.at) return found;
      remove(key);
      removeExpired(finished, record.at);
      removeExpired(unfinished, record.at);
      for (const oldest of finished.keys()) {
        if (unfinished.size + finished.size < maxEntries && characters < MOST_CHARACTERS) break;
        remove(oldest);
      }
      if (unfinished.size >= maxEntries)
        throw new Error(
          `it is full with ${unfinished.size} keys whose runs have not ended well: see \`forget\``,
        );
      unfinished.set(key, record);
      return undefined;
    },
    finish(key, record) {
      if ((unfinished.get(key) ?? finished.get(key))?.owner !== record.owner) return;
      remove(key);
      (record.state === "finished" ? finished : unfinished).set(key, record);
      characters += record.result?.length ?? 0;
    },
    forget(key, owner) {
      const found = unfinished.get(key) ?? finished.get(key);
      if (owner === undefined || found?.owner === owner) remove(key);
    },
  };
}
