import type { Operation } from "@langchain/langgraph-checkpoint";
import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import type { Parts } from "./parts.js";
import { type Usage, usageNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import type { View } from "./view.js";

/** So many items with new hits are written together: a recall should not pay for a write. */
const MOST_PENDING = 256;

/** Counts that items were found. */
export async function countHits(parts: Parts, view: View, ids: Iterable<string>): Promise<void> {
  for (const id of ids) view.pendingHits.set(id, (view.pendingHits.get(id) ?? 0) + 1);
  if (view.pendingHits.size < MOST_PENDING) return;
  // What was found is found, whether it can be counted or not.
  await flushUsage(parts, view).catch((error) => emitWarning(`memory: ${reasonOf(error)}`, "STORE"));
}

/** Writes the counts that the store does not have yet. A crash before loses counts, never what was said. */
export async function flushUsage({ store, root, clock }: Parts, view: View): Promise<void> {
  if (view.pendingHits.size === 0) return;
  const savedAt = clock.now();
  const lastHitAt = new Date(savedAt).toISOString();
  const pending = [...view.pendingHits].filter(([id]) => view.entries.has(id));
  const records = pending.map(([id, hits]) => {
    const value: Usage = { hits: hits + (view.usage.get(id)?.hits ?? 0), lastHitAt, savedAt };
    return { kind: "usage", key: id, value } as const;
  });
  const namespace = usageNamespace(root);
  const puts = records.map(
    ({ key, value }): Operation => ({ namespace, key, value: { ...value }, index: false }),
  );
  await store.batch(puts).catch((error: unknown) => {
    throw storeFailure(store, "write to", error);
  });
  view.pendingHits.clear();
  view.take(records);
}
