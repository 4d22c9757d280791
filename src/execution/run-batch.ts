import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isInterrupt } from "../core/errors.js";
import { configInvalid } from "../core/faults.js";
import type { BatchOptions, ItemContext, Items, Outcome } from "./batch.js";
import { toBatonError } from "./failure.js";
import { createPace } from "./pace.js";
import { createPlaces } from "./places.js";
import type { Scope } from "./scope.js";

/** Timers and signals wait no longer for work and a source that never wait themselves. */
const LONGEST_TURN_MS = 50;

/** The work of {@link batch}, in the scope of whoever calls. `what` is for messages. */
export async function runBatch<Item, T>(
  what: string,
  items: Items<Item>,
  run: (item: Item, context: ItemContext) => T | Promise<T>,
  options: Omit<BatchOptions, "signal"> & { readonly scope: Scope },
): Promise<readonly Outcome<Item, T>[]> {
  const { concurrency = 8, perSecond, onError = "keep", clock = systemClock, scope } = options;
  const { signal } = scope;
  const iterator = iteratorOf(what, items);
  const places = createPlaces(concurrency);
  const pace = createPace(perSecond, clock);
  const outcomes: Outcome<Item, T>[] = [];
  const running = new Set<Promise<void>>();
  let isAtEnd = false;
  let begun = 0;
  // What is not over yet is a hole in the list.
  const told = () => ({ outcomes: outcomes.filter(() => true) });

  return new Promise((resolve, reject) => {
    const stop = (): void => {
      if (!isAtEnd) close(iterator);
      isAtEnd = true;
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    // Also at the end of the scope, when there is nothing to be stopped any more.
    signal.addEventListener("abort", stop, { once: true });

    async function work(item: Item, index: number): Promise<void> {
      try {
        const value = await run(item, { signal, index });
        outcomes[index] = { status: "done", item, value };
      } catch (error) {
        if (isInterrupt(error)) return fail(error);
        outcomes[index] = { status: "failed", item, error: toBatonError(`item ${index}`, error) };
        if (onError === "stop") fail(stopped(what, index, error, told()));
      }
    }

    async function readAll(): Promise<void> {
      const isLong = createTurn(clock);
      for (;;) {
        if (isLong()) await clock.sleep(0, signal);
        const release = await places.take(signal);
        const waitMs = pace.waitMs();
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        if (isAtEnd) return;
        const next = await iterator.next();
        if (isAtEnd) return;
        if (next.done) {
          isAtEnd = true;
          return;
        }
        pace.start();
        scope.told = { effect: "possible", data: told };
        const one = work(next.value, begun++).finally(() => {
          running.delete(one);
          release();
        });
        running.add(one);
      }
    }

    readAll().then(
      async () => {
        await Promise.all(running);
        resolve(outcomes);
      },
      (error: unknown) => {
        // It need not be told: it has ended by itself.
        isAtEnd = true;
        reject(isInterrupt(error) || signal.aborted ? error : sourceFailed(what, begun, error, told()));
      },
    );
  });
}

function stopped(
  what: string,
  index: number,
  error: unknown,
  data: Readonly<Record<string, unknown>>,
): BatonError {
  const cause = toBatonError(`item ${index}`, error);
  return new BatonError(
    cause.code,
    `${what}: item ${index} failed, and the rest was left: ${cause.message}`,
    {
      cause: error,
      retryable: cause.retryable,
      effect: "possible",
      data: { ...cause.data, index, ...data },
    },
  );
}

function sourceFailed(
  what: string,
  index: number,
  error: unknown,
  data: Readonly<Record<string, unknown>>,
): BatonError {
  const cause = toBatonError(`the source, asked for item ${index},`, error);
  return new BatonError(cause.code, `${what}: ${cause.message}`, {
    cause: error,
    retryable: cause.retryable,
    effect: index > 0 ? "possible" : cause.effect,
    data: { ...cause.data, index, ...data },
  });
}

/** Whether the event loop has stood still for too long. */
function createTurn(clock: Clock): () => boolean {
  let beganAt: number | undefined;
  return () => {
    if (beganAt !== undefined) return Math.abs(clock.now() - beganAt) >= LONGEST_TURN_MS;
    beganAt = clock.now();
    setImmediate(() => {
      beganAt = undefined;
    });
    return false;
  };
}

/** Not waited for: a source that hangs would hold up the end. What it fails with is of no account any more. */
function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {}
}

function iteratorOf<Item>(what: string, items: Items<Item>): Iterator<Item> | AsyncIterator<Item> {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = (items ?? {}) as Partial<
    Iterable<Item> & AsyncIterable<Item>
  >;
  if (async) return async.call(items);
  if (sync) return sync.call(items);
  throw configInvalid(what, [{ path: "items", problem: "must be iterable, or asynchronously so" }]);
}
