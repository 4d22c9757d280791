import type { SearchItem } from "@langchain/langgraph-checkpoint";
import { bestScore, byScore, type UnitVector } from "../embedding.js";
import { decodeNamespace, encodeNamespace } from "../namespaces.js";
import type { Search } from "../operations.js";
import type { SqliteFile } from "./file.js";
import type { Range, Row } from "./statements.js";

const ALL = -1;

/** The paths at and below a namespace, which one index has side by side. */
export function rangeOf(prefix: readonly string[]): Range {
  const path = encodeNamespace(prefix);
  // A path ends with a comma, and the next character behind the comma is the hyphen; each begins with a quote.
  return path === "" ? ["", "#"] : [path, `${path.slice(0, -1)}-`];
}

export function search(file: SqliteFile, asked: Search, query: UnitVector | undefined): SearchItem[] {
  const found = query ? nearest(file, asked, query) : inOrder(file, asked);
  return found.map(({ id, score }) => {
    const item = toItem(file.itemById.get(id) as Row);
    return score === undefined ? item : { ...item, score };
  });
}

export function toItem({ path, key, value, created_at, updated_at }: Row): SearchItem {
  return {
    namespace: decodeNamespace(path),
    key: JSON.parse(key) as string,
    value: JSON.parse(value),
    createdAt: new Date(created_at),
    updatedAt: new Date(updated_at),
  };
}

interface Found {
  readonly id: number;
  readonly score?: number | undefined;
}

/** First put first. */
function inOrder(file: SqliteFile, { prefix, passes, isUnfiltered, limit, offset }: Search): Found[] {
  const range = rangeOf(prefix);
  const [own, another] = file.namespaceIds.all(...range);
  if (own === undefined) return [];
  const page = isUnfiltered ? ([Number.isFinite(limit) ? limit : ALL, offset] as const) : ([ALL, 0] as const);
  const ids =
    another === undefined ? file.idsOfOne.iterate(own, ...page) : file.idsOfMany.iterate(...range, ...page);
  let toSkip = isUnfiltered ? 0 : offset;
  const found: Found[] = [];
  for (const id of ids) {
    if (found.length === limit) break;
    if (!isUnfiltered && !passes(readValue(file, id))) continue;
    if (toSkip-- > 0) continue;
    found.push({ id });
  }
  return found;
}

/** Compares every vector: exact, and quick enough for the number of items that one file is meant for. */
function nearest(
  file: SqliteFile,
  { prefix, passes, isUnfiltered, limit, offset }: Search,
  query: UnitVector,
): Found[] {
  const found: Found[] = [];
  for (const { id, vectors } of file.vectorsIn.iterate(...rangeOf(prefix))) {
    if (!isUnfiltered && !passes(readValue(file, id))) continue;
    found.push({ id, score: vectors ? bestScore(query, fromBlob(vectors, query.length)) : undefined });
  }
  return byScore(found.sort((a, b) => a.id - b.id)).slice(offset, offset + limit);
}

function readValue(file: SqliteFile, id: number): Record<string, unknown> {
  return JSON.parse(file.value.get(id) as string) as Record<string, unknown>;
}

/** In the machine's own byte order, like the file that does not leave it. */
export function toBlob(vectors: readonly UnitVector[]): Buffer {
  return Buffer.concat(
    vectors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

function fromBlob(blob: Buffer, dims: number): UnitVector[] {
  // A copy where the bytes do not begin at a multiple of four.
  const { buffer, byteOffset, byteLength } = blob.byteOffset % 4 === 0 ? blob : Uint8Array.from(blob);
  const all = new Float32Array(buffer, byteOffset, byteLength / 4);
  return Array.from({ length: all.length / dims }, (_, at) => all.subarray(at * dims, (at + 1) * dims));
}
