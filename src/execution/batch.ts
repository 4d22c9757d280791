import type { Clock } from "../core/clock.js";
import type { BatonError } from "../core/errors.js";
import { checkOptions, oneOf, RULE } from "./check-options.js";
import { runBatch } from "./run-batch.js";
import { inScope } from "./scope.js";

export interface BatchOptions {
  /** Most items at the same time. @default 8 */
  readonly concurrency?: number;
  /** Most items begun in a second, evenly apart. @default no limit */
  readonly perSecond?: number;
  /** Whether a failure is one of the outcomes, or ends the batch. @default "keep" */
  readonly onError?: "keep" | "stop";
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** What came of one item. */
export type Outcome<Item, T> =
  | { readonly status: "done"; readonly item: Item; readonly value: T }
  | { readonly status: "failed"; readonly item: Item; readonly error: BatonError };

/** For the work on one item. */
export interface ItemContext {
  /** Fires when the result is no longer wanted. */
  readonly signal: AbortSignal;
  /** The place of the item in its source, from 0. */
  readonly index: number;
}

export type Items<Item> = Iterable<Item> | AsyncIterable<Item>;

const RULES = {
  concurrency: RULE.count,
  perSecond: RULE.perSecond,
  onError: oneOf("keep", "stop"),
  signal: RULE.signal,
  clock: RULE.clock,
};

/**
 * Works on many items, a few at a time. An item is read from the source when there is a place for it, so that the source may
 * be longer than memory, and one that is read no further is told so (`return()`). The outcomes are in the order of the
 * items; of what failed there is the error.
 *
 * @throws {BatonError} with `onError: "stop"` the first failure, under its code, with `data.index` and the `data.outcomes`
 *   until then; `UPSTREAM` when the source fails, with the same; `CANCELLED`, also with the outcomes; `CONFIG_INVALID`
 * @example
 * ```ts
 * const outcomes = await batch(files, (file, { signal }) => upload(file, signal), { concurrency: 4 });
 * ```
 */
export async function batch<Item, T>(
  items: Items<Item>,
  run: (item: Item, context: ItemContext) => T | Promise<T>,
  options: BatchOptions = {},
): Promise<readonly Outcome<Item, T>[]> {
  checkOptions("batch()", options, RULES);
  return inScope("batch()", options.signal, (scope) =>
    runBatch("batch()", items, run, { ...options, scope }),
  );
}
