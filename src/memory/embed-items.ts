import type { Operation } from "@langchain/langgraph-checkpoint";
import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import type { MemoryItem } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import type { RankOptions } from "./recall/ranked.js";
import { vectorNamespace } from "./records.js";
import { packVector } from "./vectors.js";
import type { View } from "./view.js";

/** Items that are found by meaning alone, beside those that share a word with the query. */
const NEAREST = 200;
/** Older items without a vector, for example from a time before there was a model, that one write takes along. */
const BACKLOG = 256;

/** Characters of an item that are embedded: models take 8,192 tokens and refuse more. */
const MOST_CHARACTERS = 8000;

/**
 * Gives new items their vectors, and then some of those that have none. The items are in the store already: when the
 * model fails they are found by their words, a warning says so, and the next write tries again.
 */
export async function embedMissing(parts: Parts, view: View, added: readonly MemoryItem[]): Promise<void> {
  if (!parts.embeddings) return;
  try {
    await embed(
      parts,
      view,
      added.filter(({ id }) => !view.vectors.has(id)),
    );
    if (view.vectors.size >= view.entries.size) return;
    const backlog: string[] = [];
    for (const id of view.entries.keys()) {
      if (backlog.length === BACKLOG) break;
      if (!view.vectors.has(id)) backlog.push(id);
    }
    await embed(parts, view, await readItems(parts, view, backlog));
  } catch (error) {
    emitWarning(`memory: items were kept without vectors, as embedding failed: ${reasonOf(error)}`, "STORE");
  }
}

async function embed(parts: Parts, view: View, items: readonly MemoryItem[]): Promise<void> {
  const { embeddings, model, store, root, clock } = parts;
  if (!embeddings || model === undefined || items.length === 0) return;
  const vectors = await embeddings.embedDocuments(items.map(({ text }) => text.slice(0, MOST_CHARACTERS)));
  await view.exclusive(async () => {
    // A model takes its time: what was forgotten meanwhile must not leave its vector behind.
    await view.refresh();
    const savedAt = clock.now();
    const records = items.flatMap(({ id }, position) => {
      const vector = vectors[position];
      if (!vector || vector.length === 0 || !view.entries.has(id)) return [];
      return [{ kind: "vector", key: id, value: { vector: packVector(vector), model, savedAt } } as const];
    });
    const namespace = vectorNamespace(root);
    await store.batch(
      records.map(({ key, value }): Operation => ({ namespace, key, value: { ...value }, index: false })),
    );
    view.take(records);
  });
}

/** What the embedding model thinks of a query; nothing without a model, or when it fails. */
export async function semanticFor(
  { embeddings }: Parts,
  view: View,
  query: string,
  accept: (id: string) => boolean,
): Promise<RankOptions["semantic"]> {
  if (!embeddings || view.vectors.size === 0 || query.trim() === "") return undefined;
  try {
    return view.vectors.search(await embeddings.embedQuery(query), NEAREST, accept);
  } catch (error) {
    emitWarning(`memory: recalled by words alone, as embedding failed: ${reasonOf(error)}`, "STORE");
    return undefined;
  }
}
