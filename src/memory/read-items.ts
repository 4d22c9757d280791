import type { GetOperation, Item } from "@langchain/langgraph-checkpoint";
import type { KnownItem, MemoryItem } from "./item.js";
import type { Parts } from "./parts.js";
import { itemNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import { type Entry, inOrder, type View } from "./view.js";

/**
 * Items by id, in the order asked for, as the store has them now. Those that another process removed are left out, and
 * the view forgets them.
 */
export async function readItems(
  { store, root }: Parts,
  view: View,
  ids: readonly string[],
): Promise<KnownItem[]> {
  const entries = ids.flatMap((id) => view.entries.get(id) ?? []);
  if (entries.length === 0) return [];
  const gets = entries.map(
    (entry): GetOperation => ({ namespace: itemNamespace(root, entry), key: entry.id }),
  );
  const found = (await store.batch(gets).catch((error: unknown) => {
    throw storeFailure(store, "read items from", error);
  })) as (Item | null)[];
  const gone = entries.filter((_, position) => !found[position]);
  view.take(gone.map(({ id }) => ({ kind: "item", key: id, value: undefined })));
  return found.flatMap((item) => (item ? [toKnown(item.value as unknown as MemoryItem, view)] : []));
}

/** An item with what the view knows of its place among the others. */
export function toKnown(item: MemoryItem, view: View): KnownItem {
  const thread = item.kind === "fact" ? [] : view.thread(item.threadId);
  const position = positionIn(thread, view.entries.get(item.id));
  const previous = thread[position - 1]?.id;
  const next = position === -1 ? undefined : thread[position + 1]?.id;
  const supersededBy = view.supersededBy(item.id);
  return {
    ...item,
    ...(previous !== undefined && { previous }),
    ...(next !== undefined && { next }),
    ...(supersededBy !== undefined && { supersededBy }),
    hits: (view.usage.get(item.id)?.hits ?? 0) + (view.pendingHits.get(item.id) ?? 0),
  };
}

/** -1 when it is not there. */
function positionIn(thread: readonly Entry[], entry: Entry | undefined): number {
  if (!entry) return -1;
  let low = 0;
  let high = thread.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const other = thread[middle] as Entry;
    if (other.id === entry.id) return middle;
    if (inOrder(other, entry) < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
