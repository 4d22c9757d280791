import { AssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import type { BaseStore } from "@langchain/langgraph-checkpoint";

/** Cases by name: what a store has to do, given one that is empty. */
export type Cases = Readonly<Record<string, (store: BaseStore) => Promise<void>>>;

/** @throws AssertionError that says what was wanted and what came */
export function same(actual: unknown, expected: unknown, claim: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const message = `${claim}: expected ${show(expected)}, got ${show(actual)}`;
  throw new AssertionError({ message, actual, expected, operator: "deepStrictEqual" });
}

/** @throws AssertionError when it does not hold */
export function holds(condition: boolean, claim: string): void {
  if (!condition) throw new AssertionError({ message: claim, actual: false, expected: true, operator: "==" });
}

/** @throws AssertionError when the work succeeds */
export async function fails(work: () => Promise<unknown>, claim: string): Promise<void> {
  const failed = await work().then(
    () => false,
    () => true,
  );
  holds(failed, `${claim}: expected it to reject, it resolved`);
}

/** Until the clock shows another millisecond, so that two dates can differ. */
export async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() <= now + 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The keys that a search finds, sorted, as the order of a search without a query is the store's own choice. */
export async function keysOf(
  store: BaseStore,
  prefix: string[],
  options: NonNullable<Parameters<BaseStore["search"]>[1]> = {},
): Promise<string[]> {
  return (await store.search(prefix, { limit: 1000, ...options })).map(({ key }) => key).sort();
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 100, maxStringLength: 200, maxArrayLength: 20 });
}
