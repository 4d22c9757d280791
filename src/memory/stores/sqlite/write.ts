import { systemClock } from "../../../core/clock.js";
import type { Embedded } from "../embedding.js";
import { encodeNamespace } from "../namespaces.js";
import type { Write } from "../operations.js";
import { type SqliteFile, wrongDims } from "./file.js";
import { toBlob } from "./search.js";
import type { Feed } from "./statements.js";

/** So many deletions are kept for those who read changes, before the older half of them is forgotten. */
const MOST_TOMBSTONES = 20_000;

/** To be called in a transaction. */
export function write(file: SqliteFile, writes: readonly Write[], { vectors }: Embedded): void {
  const feed = file.feed.get() as Feed;
  const dims = checkDims(file, vectors, feed.dims);
  const namespaceIds = new Map<string, number>();
  const shrunk = new Set<number>();
  const now = systemClock.now();
  let seq = feed.last_seq;
  let { tombstones, forgotten_seq } = feed;
  for (const each of writes) {
    const path = encodeNamespace(each.namespace);
    const key = JSON.stringify(each.key);
    let namespaceId = namespaceIds.get(path) ?? file.namespaceId.get(path);
    if (each.json !== null) {
      namespaceId ??= file.addNamespace.get(path) as number;
      namespaceIds.set(path, namespaceId);
      const id = file.put.get(namespaceId, key, each.json, now, now, ++seq) as number;
      const own = vectors.get(each) ?? [];
      if (own.length > 0) file.putVectors.run(id, toBlob(own));
      else if (dims !== null) file.removeVectors.run(id);
      continue;
    }
    const id = namespaceId === undefined ? undefined : file.remove.get(namespaceId, key);
    if (namespaceId === undefined || id === undefined) continue;
    if (dims !== null) file.removeVectors.run(id);
    file.bury.run(++seq, path, key);
    tombstones++;
    shrunk.add(namespaceId);
  }
  for (const id of shrunk) file.removeEmptyNamespace.run(id);
  if (tombstones > MOST_TOMBSTONES) {
    forgotten_seq = file.tombstoneAt.get(tombstones - MOST_TOMBSTONES / 2 - 1) as number;
    tombstones -= file.forget.run(forgotten_seq).changes;
  }
  file.setFeed.run(seq, forgotten_seq, tombstones, dims);
}

/** How long the file's vectors are, once this is written. */
function checkDims(file: SqliteFile, vectors: Embedded["vectors"], own: number | null): number | null {
  const [first] = [...vectors.values()].flat();
  if (first === undefined) return own;
  if (own !== null && own !== first.length) throw wrongDims(file.database.name, own, first.length);
  return first.length;
}
