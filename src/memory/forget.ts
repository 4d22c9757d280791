import type { Operation } from "@langchain/langgraph-checkpoint";
import { BatonError } from "../core/errors.js";
import { below } from "./namespace.js";
import type { Parts } from "./parts.js";
import { itemNamespace, usageNamespace, vectorNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import type { Entry, View } from "./view.js";

/** What to forget. Nothing is forgotten by a call that names nothing. */
export type Forgetting =
  | { readonly id: string }
  | { readonly ids: readonly string[] }
  | { readonly threadId: string }
  /** Everything of this memory's namespace. */
  | { readonly all: true };

/** Expired items that one write removes. Others are hidden all the same. */
const SWEEP = 1000;
/** Records that are removed together. */
const BATCH = 1000;

/** See `Memory.forget`. */
export async function forget(parts: Parts, what: Forgetting): Promise<number> {
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
    const problem = "must be one of { id }, { ids }, { threadId } and { all: true }";
    throw new BatonError("INVALID_ARGUMENTS", `forget(): what to forget ${problem}`, {
      data: { issues: [{ path: "", problem }] },
    });
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
  await removeItems(parts, view, expired);
}

/**
 * Removes items with all that hangs on them: the other messages of a tool call, as half of it is of no use to a model;
 * and what an item corrected, or what was wrong would be believed again.
 */
async function removeItems(parts: Parts, view: View, entries: readonly Entry[]): Promise<number> {
  const gone = new Map<string, Entry>();
  const pending = [...entries];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    if (gone.has(entry.id)) continue;
    gone.set(entry.id, entry);
    const { group, supersedes } = entry;
    if (group !== undefined)
      pending.push(...view.thread(entry.threadId).filter((other) => other.group === group));
    const corrected = supersedes === undefined ? undefined : view.entries.get(supersedes);
    if (corrected) pending.push(corrected);
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

/** Also what this version of memory does not know: the namespace is empty afterwards. */
async function forgetAll(parts: Parts, view: View): Promise<number> {
  const { store, root } = parts;
  const found = await store.search([...root], { limit: Number.MAX_SAFE_INTEGER }).catch((error: unknown) => {
    throw storeFailure(store, "read from", error);
  });
  const own = found.filter(({ namespace }) => below(root, namespace));
  await remove(parts, own);
  const ids = [...view.entries.keys()];
  view.take(ids.map((key) => ({ kind: "item", key, value: undefined })));
  return ids.length;
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
