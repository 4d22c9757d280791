import type { Clock } from "../core/clock.js";
import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import type { IndexedItem } from "./recall/ranked.js";
import { createRecallIndex, type RecallIndex } from "./recall/recall-index.js";

/** Quiet for so long, items are taken in. */
const QUIET_MS = 100;
/** Taken in before others get a turn: a few milliseconds of work. */
const SLICE = 100;
/** Characters that may wait; beyond it writers do their share. */
const MOST_WAITING = 32_000_000;

/** A recall index that writers need not wait for. */
export interface LateIndex {
  add(items: readonly IndexedItem[]): void;
  remove(id: string): void;
  /** The index, with all in it. */
  whole(): Promise<RecallIndex>;
}

/**
 * Takes items in when it is asked something, or when nobody has written for a moment. Many agents write far more often
 * than they ask, and indexing costs more than writing.
 */
export function createLateIndex(clock: Clock): LateIndex {
  const index = createRecallIndex();
  const waiting = new Map<string, IndexedItem>();
  let characters = 0;
  let addedAt = 0;
  let isWatching = false;

  function takeSlice(): void {
    const slice: IndexedItem[] = [];
    for (const [id, item] of waiting) {
      slice.push(item);
      waiting.delete(id);
      characters -= item.text.length;
      if (slice.length === SLICE) break;
    }
    index.add(slice);
  }

  function watch(): void {
    isWatching = waiting.size > 0;
    if (!isWatching) return;
    if (clock.now() - addedAt < QUIET_MS) clock.after(QUIET_MS, watch);
    else {
      try {
        takeSlice();
      } catch (error) {
        // Nobody could catch it here; the next recall says it again.
        emitWarning(`memory: an item cannot be indexed: ${reasonOf(error)}`, "STORE");
      }
      // A program that has come to its end need not wait for this.
      setImmediate(watch).unref();
    }
  }

  return {
    add(items) {
      if (items.length === 0) return;
      // Of an item only this: the rest would be kept from the garbage collector for nothing.
      for (const { id, text, kind, role, speaker, threadId, time, sequence } of items) {
        const item = { id, text, kind, role, threadId, time, sequence };
        waiting.set(id, speaker === undefined ? item : { ...item, speaker });
        characters += text.length;
      }
      while (characters > MOST_WAITING) takeSlice();
      addedAt = clock.now();
      if (isWatching) return;
      isWatching = true;
      clock.after(QUIET_MS, watch);
    },
    remove(id) {
      const item = waiting.get(id);
      if (item === undefined) index.remove(id);
      else {
        waiting.delete(id);
        characters -= item.text.length;
      }
    },
    async whole() {
      while (waiting.size > 0) {
        takeSlice();
        if (waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return index;
    },
  };
}
