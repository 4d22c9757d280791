import { isPrefix } from "../namespaces.js";
import type { Search } from "../operations.js";
import type { ChromaCollection, ChromaCollections } from "./collections.js";
import {
  fromVectorId,
  isNarrow,
  pages,
  readItems,
  type StoredItem,
  walkItems,
  whereBelow,
} from "./records.js";

/** How many more to ask for when too many of the nearest do not count, and the least to begin with. */
const GROWTH = 4;
const LEAST = 20;
/** Roots that are asked at the same time. */
const AT_ONCE = 16;
/** The server counts with 32 bits. */
const MOST = 2 ** 31 - 1;

export interface Found extends StoredItem {
  readonly score?: number;
}

/** One page of a search. @param query its vector */
export async function searchItems(
  collections: ChromaCollections,
  search: Search,
  query: Float32Array | undefined,
): Promise<readonly Found[]> {
  const { prefix, offset, limit, isUnfiltered } = search;
  if (limit === 0) return [];
  const [root] = prefix;
  const roots = root === undefined ? await collections.roots() : [root];
  const counts = (item: StoredItem): boolean =>
    isPrefix(prefix, item.namespace) &&
    (isUnfiltered || search.passes(JSON.parse(item.json) as Record<string, unknown>));
  const walk = (some: readonly string[], skip: number, most: number) =>
    merge(some.map((each) => walkItems(collections.items(each), whereBelow(prefix), skip, most)));

  const wanted = offset + limit;
  if (!query) {
    // The server can count off alone only what it can tell apart alone.
    const isAll = isUnfiltered && isNarrow(prefix);
    if (isAll && roots.length === 1) return take(walk(roots, offset, limit), counts, limit);
    const found = await take(walk(roots, 0, isAll ? wanted : Number.POSITIVE_INFINITY), counts, wanted);
    return found.slice(offset);
  }

  const scored: Found[] = [];
  for (const each of roots) scored.push(...(await nearest(collections, each, query, prefix, counts, wanted)));
  scored.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  if (scored.length < wanted) {
    // Then all with a vector are there, and those without one follow.
    const seen = new Set(scored.map(({ id }) => id));
    const items = walk(roots, 0, Number.POSITIVE_INFINITY);
    scored.push(...(await take(items, (item) => !seen.has(item.id) && counts(item), wanted - scored.length)));
  }
  return scored.slice(offset, wanted);
}

async function take(
  items: AsyncIterable<StoredItem>,
  counts: (item: StoredItem) => boolean,
  most: number,
): Promise<StoredItem[]> {
  const taken: StoredItem[] = [];
  for await (const item of items) {
    if (counts(item)) taken.push(item);
    if (taken.length >= most) break;
  }
  return taken;
}

/** Those of several collections in the order of their first puts, without a change of the order within one. */
async function* merge(sources: readonly AsyncGenerator<StoredItem>[]): AsyncGenerator<StoredItem> {
  const heads: (StoredItem | undefined)[] = [];
  for (const some of pages(sources, AT_ONCE))
    heads.push(...(await Promise.all(some.map(async (source) => (await source.next()).value ?? undefined))));
  for (;;) {
    let first: number | undefined;
    for (const [at, head] of heads.entries())
      if (head && head.sequence < (heads[first ?? -1]?.sequence ?? Number.POSITIVE_INFINITY)) first = at;
    if (first === undefined) return;
    yield heads[first] as StoredItem;
    heads[first] = (await sources[first]?.next())?.value ?? undefined;
  }
}

/**
 * The items of one root nearest to a vector: as many as are wanted, or all. Asks for more and more, as an item may have
 * several vectors, and some may be of writes that were never finished.
 */
async function nearest(
  collections: ChromaCollections,
  root: string,
  query: Float32Array,
  prefix: readonly string[],
  counts: (item: StoredItem) => boolean,
  wanted: number,
): Promise<readonly Found[]> {
  const vectors = collections.vectors(root, query.length);
  const items = collections.items(root);
  const read = new Map<string, StoredItem>();
  for (let most = Math.max(LEAST, wanted); ; most *= GROWTH) {
    const hits = await readNearest(vectors, query, prefix, most);
    const unread = new Set(hits.map(({ id }) => id).filter((id) => !read.has(id)));
    for (const [id, item] of await readItems(items, [...unread])) read.set(id, item);
    const found = new Map<string, Found>();
    for (const { id, version, score } of hits) {
      const item = read.get(id);
      // The first one is the nearest.
      if (item?.version === version && !found.has(id) && counts(item)) found.set(id, { ...item, score });
    }
    if (found.size >= wanted || hits.length < most) return [...found.values()].slice(0, wanted);
  }
}

async function readNearest(
  vectors: ChromaCollection,
  query: Float32Array,
  prefix: readonly string[],
  most: number,
) {
  const where = whereBelow(prefix);
  const hits = await vectors.read("search", async (records) => {
    const { ids, distances } = await records.query({
      queryEmbeddings: [Array.from(query)],
      nResults: Math.min(most, MOST),
      include: ["distances"],
      ...(where && { where }),
    });
    return (ids[0] ?? []).map((id, at) => ({ ...fromVectorId(id), score: 1 - Number(distances[0]?.[at]) }));
  });
  return hits ?? [];
}
