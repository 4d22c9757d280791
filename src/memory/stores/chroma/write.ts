import { randomUUID } from "node:crypto";
import type { Clock } from "../../../core/clock.js";
import type { Write } from "../operations.js";
import type { ChromaCollection, ChromaCollections } from "./collections.js";
import { type Head, idOf, pages, prefixesOf, readHeads, toMetadata, vectorId } from "./records.js";

/** One request: small enough that a server under load answers within its time, and that its limit is far. */
const MOST_RECORDS = 250;
const MOST_BYTES = 1_000_000;
const FLOAT_BYTES = 4;
/** Removals carry ids alone. */
const MOST_IDS = 500;

interface ChromaRecord {
  readonly id: string;
  readonly vector: readonly number[];
  readonly metadata: Record<string, string>;
  readonly document?: string;
}

/** What of a batch has reached the server. */
export interface Progress {
  hasWritten: boolean;
}

export interface Writer {
  /** All of one root. Whoever reads meanwhile finds each item as it was or as it will be, with its own vectors. */
  write(
    root: string,
    writes: readonly Write[],
    vectors: ReadonlyMap<Write, readonly Float32Array[]>,
    progress: Progress,
  ): Promise<void>;
}

/** @param mostRecords how many the server takes at once */
export function createWriter(
  collections: ChromaCollections,
  mostRecords: () => Promise<number>,
  clock: Clock,
): Writer {
  let last = 0;
  /** Rises with time, so that it also orders the writes of several processes as well as their clocks agree. */
  function nextSequence(): number {
    last = Math.max(last + 1, Math.round(clock.now() * 1000));
    return last;
  }

  function toRecords(write: Write, old: Head | undefined, own: readonly Float32Array[]) {
    const { namespace, key, json } = write;
    const id = idOf(namespace, key);
    const now = clock.now();
    const version = randomUUID();
    const head: Head = {
      namespace,
      key,
      createdAt: old?.createdAt ?? now,
      updatedAt: now,
      sequence: old?.sequence ?? nextSequence(),
      version,
      vectors: own.length,
    };
    const vectors = own.map((vector, at): ChromaRecord => {
      const metadata = { item: id, ...prefixesOf(namespace) };
      return { id: vectorId(id, version, at), vector: Array.from(vector), metadata };
    });
    // The server wants a vector for everything; nobody asks for this one.
    const item: ChromaRecord = { id, vector: [0], metadata: toMetadata(head), document: json ?? "" };
    return { item, vectors };
  }

  return {
    async write(root, writes, vectors, progress) {
      const items = collections.items(root);
      const ids = writes.map(({ namespace, key }) => idOf(namespace, key));
      const before = await readHeads(items, ids);
      const removed = ids.filter((id, at) => writes[at]?.json === null && before.has(id));
      const made = writes.flatMap((write, at) =>
        write.json === null ? [] : [toRecords(write, before.get(ids[at] ?? ""), vectors.get(write) ?? [])],
      );
      const newVectors = made.flatMap((each) => each.vectors);
      const most = made.length === 0 ? 0 : await mostRecords();
      // The record of the item says which vectors are its own: with it everything changes at once.
      const [sample] = newVectors;
      if (sample) await upsert(collections.vectors(root, sample.vector.length), newVectors, most, progress);
      await upsert(
        items,
        made.map((each) => each.item),
        most,
        progress,
      );
      await remove(items, removed, progress);
      const stale = [...before].flatMap(([id, { version, vectors: count }]) =>
        Array.from({ length: count }, (_, at) => vectorId(id, version, at)),
      );
      await remove(collections.vectors(root, undefined), stale, progress);
    },
  };
}

async function upsert(
  to: ChromaCollection,
  records: readonly ChromaRecord[],
  most: number,
  progress: Progress,
): Promise<void> {
  for (const some of portions(records, Math.min(most, MOST_RECORDS))) {
    const documents = some.flatMap(({ document }) => document ?? []);
    await to.write("write items", (target) =>
      target.upsert({
        ids: some.map(({ id }) => id),
        embeddings: some.map(({ vector }) => [...vector]),
        metadatas: some.map(({ metadata }) => metadata),
        ...(documents.length > 0 && { documents }),
      }),
    );
    progress.hasWritten = true;
  }
}

async function remove(from: ChromaCollection, ids: readonly string[], progress: Progress): Promise<void> {
  for (const some of pages(ids, MOST_IDS)) {
    await from.remove("delete items", (target) => target.delete({ ids: some }));
    progress.hasWritten = true;
  }
}

function portions(records: readonly ChromaRecord[], most: number): ChromaRecord[][] {
  const all: ChromaRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const own = record.vector.length * FLOAT_BYTES + (record.document?.length ?? 0);
    const current = all.at(-1);
    if (current && current.length < most && bytes + own <= MOST_BYTES) {
      current.push(record);
      bytes += own;
    } else {
      all.push([record]);
      bytes = own;
    }
  }
  return all;
}
