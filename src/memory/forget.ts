import type { Operation } from "@langchain/langgraph-checkpoint";
import { invalidArgument } from "./check.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { itemNamespace, kindOf, usageNamespace, vectorNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import type { Entry, View } from "./view.js";

/** What to forget. Nothing is forgotten by a call that names nothing. */
export type Forgetting =
  | { readonly id: string }
  | { readonly ids: readonly string[] }
  | { readonly threadId: string }
  /** Everything of this memory's namespace. */
  | { readonly all: true };

const ONE_OF = "one of { id }, { ids }, { threadId } and { all: true }";

/** Expired items that one write removes. Others are hidden all the same. */
const SWEEP = 1000;
/** Records that are removed together. */
const BATCH = 1000;

/** See `Memory.forget`. */
export async function forget(parts: Parts, what: Forgetting): Promise<number> {
  const keys = typeof what === "object" && what !== null ? Object.keys(what) : [];
  if (keys.length !== 1) throw invalidArgument("forget", "what to forget", what, ONE_OF);
  const view = await parts.view();
  return await view.exclusive(async () => {
    if ("all" in what && what.all === true) return await forgetAll(parts, view);
    return await removeItems(parts, view, named(view, what));
  });
}

function named(view: View, what: Forgetting): readonly Entry[] {
  if ("threadId" in what && typeof what.threadId === "string") return view.thread(what.threadId);
  const ids = "ids" in what ? what.ids : "id" in what ? [what.id] : undefined;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) {
    throw invalidArgument("forget", "what to forget", what, ONE_OF);
  }
  return ids.flatMap((id) => view.entries.get(id) ?? []);
}

/** Removes what is no longer found, so that the store does not grow for ever. */
export async function removeExpired(parts: Parts, view: View): Promise<void> {
  const now = parts.clock.now();
  const expired: Entry[] = [];
  for (const entry of view.expiring()) {
    if (entry.expiresAtMs <= now) expired.push(entry);
    if (expired.length === SWEEP) break;
  }
  if (expired.length === 0) return;
  // Another process may have said it again in the meantime.
  const held = await readItems(
    parts,
    view,
    expired.map(({ id }) => id),
  );
  const ends = new Set(
    held.flatMap(({ id, expiresAt }) => (expiresAt && Date.parse(expiresAt) <= now ? [id] : [])),
  );
  await removeItems(
    parts,
    view,
    expired.filter(({ id }) => ends.has(id)),
  );
}

/**
 * Removes items with all that hangs on them: the other messages of a tool call, as half of it is of no use to a model;
 * and what an item corrected, or what was wrong would be believed again.
 */
async function removeItems(parts: Parts, view: View, entries: readonly Entry[]): Promise<number> {
  const gone = new Map<string, Entry>();
  for (const entry of withGroups(view, entries)) {
    for (
      let each: Entry | undefined = entry;
      each && !gone.has(each.id);
      each = view.entries.get(each.supersedes ?? "")
    ) {
      gone.set(each.id, each);
    }
  }
  const { root } = parts;
  const addresses = [...gone.values()].flatMap((entry) => [
    { namespace: itemNamespace(root, entry), key: entry.id },
    ...(view.usage.has(entry.id) ? [{ namespace: usageNamespace(root), key: entry.id }] : []),
    ...(view.vectors.has(entry.id) ? [{ namespace: vectorNamespace(root), key: entry.id }] : []),
  ]);
  await remove(parts, addresses);
  view.take([...gone.keys()].map((key) => ({ kind: "item", key, value: undefined })));
  return gone.size;
}

function withGroups(view: View, entries: readonly Entry[]): Iterable<Entry> {
  const all = new Set(entries);
  const groups = new Set(entries.flatMap(({ group }) => group ?? []));
  if (groups.size === 0) return all;
  for (const threadId of new Set(entries.map((entry) => entry.threadId))) {
    for (const entry of view.thread(threadId))
      if (entry.group !== undefined && groups.has(entry.group)) all.add(entry);
  }
  return all;
}

/** All that is memory's own below the namespace; a memory of a longer namespace is another's. */
async function forgetAll(parts: Parts, view: View): Promise<number> {
  const { store, root } = parts;
  const found = await store.search([...root], { limit: Number.MAX_SAFE_INTEGER }).catch((error: unknown) => {
    throw storeFailure(store, "read from", error);
  });
  const own = found.filter(({ namespace }) => kindOf(root, namespace) !== undefined);
  await remove(parts, own);
  view.take([...view.entries.keys()].map((key) => ({ kind: "item", key, value: undefined })));
  return own.filter(({ namespace }) => kindOf(root, namespace) === "item").length;
}

async function remove(
  { store }: Parts,
  addresses: readonly { readonly namespace: string[]; readonly key: string }[],
): Promise<void> {
  for (let start = 0; start < addresses.length; start += BATCH) {
    const deletes = addresses
      .slice(start, start + BATCH)
      .map(({ namespace, key }): Operation => ({ namespace, key, value: null }));
    await store.batch(deletes).catch((error: unknown) => {
      throw storeFailure(store, "remove items from", error);
    });
  }
}
