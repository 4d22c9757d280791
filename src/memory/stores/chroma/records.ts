import { createHash } from "node:crypto";
import type { Item } from "@langchain/langgraph-checkpoint";
import type { Collection, Where } from "chromadb";
import { decodeNamespace, encodeAddress, encodeNamespace } from "../namespaces.js";
import type { ChromaCollection } from "./collections.js";

/** So many records in one answer. */
const READ_PAGE = 500;
/** The server counts with 32 bits. */
const MOST = 2 ** 31 - 1;
/** Prefixes of a namespace that the server can look for; what is deeper is found by looking at each. */
const DEEPEST = 8;

/** All of an item but its value. */
export interface Head {
  readonly namespace: readonly string[];
  readonly key: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Order of first puts, over all collections. */
  readonly sequence: number;
  /** Of this write: vectors of any other are not this item's. */
  readonly version: string;
  /** How many vectors it has. */
  readonly vectors: number;
}

export interface StoredItem extends Head {
  readonly id: string;
  readonly json: string;
}

/** Not the address itself, as that may be longer than a server likes. */
export function idOf(namespace: readonly string[], key: string): string {
  return createHash("sha256").update(encodeAddress(namespace, key)).digest("base64url");
}

export function vectorId(id: string, version: string, at: number): string {
  return `${id} ${version} ${at}`;
}

export function fromVectorId(text: string): { readonly id: string; readonly version: string } {
  const [id = "", version = ""] = text.split(" ");
  return { id, version };
}

export function toHead(text: unknown): Head {
  const { namespace, ...rest } = JSON.parse(String(text)) as Omit<Head, "namespace"> & { namespace: string };
  return { namespace: decodeNamespace(namespace), ...rest };
}

/**
 * The metadata of an item's record: always the same names for the same item, as a server that replaces a record keeps
 * those that the new one lacks.
 */
export function toMetadata(head: Head): Record<string, string> {
  const namespace = encodeNamespace(head.namespace);
  return { head: JSON.stringify({ ...head, namespace }), ...prefixesOf(head.namespace) };
}

/** A hash for each prefix, so that whatever the prefix the server has one thing to compare. */
export function prefixesOf(namespace: readonly string[]): Record<string, string> {
  const depths = Array.from({ length: Math.min(namespace.length, DEEPEST) - 1 }, (_, at) => at + 2);
  return Object.fromEntries(depths.map((depth) => [`prefix${depth}`, hashOf(namespace.slice(0, depth))]));
}

/** Whether {@link whereBelow} finds what is below a prefix and nothing else. */
export function isNarrow(prefix: readonly string[]): boolean {
  return prefix.length <= DEEPEST;
}

/** What the server can narrow a prefix down to. The first label is the collection itself. */
export function whereBelow(prefix: readonly string[]): Where | undefined {
  const depth = Math.min(prefix.length, DEEPEST);
  return depth < 2 ? undefined : { [`prefix${depth}`]: hashOf(prefix.slice(0, depth)) };
}

function hashOf(namespace: readonly string[]): string {
  return createHash("sha256").update(encodeNamespace(namespace)).digest("base64url").slice(0, 22);
}

export function toItem({ namespace, key, json, createdAt, updatedAt }: StoredItem): Item {
  return {
    value: JSON.parse(json) as Record<string, unknown>,
    key,
    namespace: [...namespace],
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  };
}

/** Heads of those ids that there are. */
export async function readHeads(items: ChromaCollection, ids: readonly string[]): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>();
  for (const some of pages(ids)) {
    await items.read("read items", async (records) => {
      const { ids: found, metadatas } = await records.get({ ids: some, include: ["metadatas"] });
      for (const [at, id] of found.entries()) heads.set(id, toHead(metadatas[at]?.head));
    });
  }
  return heads;
}

/** Items of those ids that there are. */
export async function readItems(
  items: ChromaCollection,
  ids: readonly string[],
): Promise<Map<string, StoredItem>> {
  const found = new Map<string, StoredItem>();
  for (const some of pages(ids))
    for (const item of await getItems(items, { ids: some })) found.set(item.id, item);
  return found;
}

/**
 * Items in the order in which they were first put, which is the order that the server keeps. Beyond the first page the
 * ids are read at once, so that what is deleted meanwhile moves nothing out of sight.
 */
export async function* walkItems(
  items: ChromaCollection,
  where: Where | undefined,
  offset: number,
  limit: number,
): AsyncGenerator<StoredItem> {
  if (limit === 0) return;
  const selection = { ...(where && { where }), offset };
  const first = await getItems(items, { ...selection, limit: Math.min(limit, READ_PAGE) });
  yield* first;
  if (first.length < READ_PAGE || first.length === limit) return;
  const seen = new Set(first.map(({ id }) => id));
  const rest = (await readIds(items, { ...selection, ...(limit <= MOST && { limit }) })).filter(
    (id) => !seen.has(id),
  );
  for (const some of pages(rest)) {
    const found = await readItems(items, some);
    for (const id of some) {
      const item = found.get(id);
      if (item) yield item;
    }
  }
}

/** Namespaces of all items, some of them often. */
export async function* walkNamespaces(
  items: ChromaCollection,
  where: Where | undefined,
): AsyncGenerator<readonly string[]> {
  const ids = await readIds(items, where ? { where } : {});
  for (const some of pages(ids)) {
    for (const head of (await readHeads(items, some)).values()) yield head.namespace;
  }
}

type Selection = Parameters<Collection["get"]>[0];

async function readIds(items: ChromaCollection, selection: Selection): Promise<readonly string[]> {
  const ids = await items.read("list items", async (records) => [
    ...(await records.get({ ...selection, include: [] })).ids,
  ]);
  return ids ?? [];
}

async function getItems(items: ChromaCollection, selection: Selection): Promise<readonly StoredItem[]> {
  const found = await items.read("read items", async (records) => {
    const { ids, metadatas, documents } = await records.get({
      ...selection,
      include: ["metadatas", "documents"],
    });
    return ids.map((id, at): StoredItem => {
      const json = documents[at];
      if (typeof json !== "string") throw new TypeError(`record '${id}' has no document`);
      return { ...toHead(metadatas[at]?.head), id, json };
    });
  });
  return found ?? [];
}

export function pages<T>(list: readonly T[], size = READ_PAGE): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}
