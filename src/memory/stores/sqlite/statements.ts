import type { Database } from "better-sqlite3";

/** An item as the file has it: texts are JSON, times are milliseconds since the epoch. */
export interface Row {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface ChangedRow extends Pick<Row, "path" | "key" | "value"> {
  readonly seq: number;
}

/** Counts of the file as a whole. Every put and deletion takes the next `last_seq`. */
export interface Feed {
  readonly last_seq: number;
  /** Deletions up to here are no longer known. */
  readonly forgotten_seq: number;
  readonly tombstones: number;
  readonly dims: number | null;
}

export interface VectorRow {
  readonly id: number;
  /** All of the item's vectors, one behind the other. */
  readonly vectors: Buffer | null;
}

/** The paths from the first to before the second. */
export type Range = [from: string, to: string];

/** A prepared statement. */
export interface Query<Bound extends unknown[], Result> {
  get(...bound: Bound): Result | undefined;
  all(...bound: Bound): Result[];
  iterate(...bound: Bound): IterableIterator<Result>;
  run(...bound: Bound): { readonly changes: number };
}

/** All SQL that reads and writes. */
export type Statements = ReturnType<typeof prepare>;

export function prepare(database: Database) {
  const IN_RANGE = "namespace_id IN (SELECT id FROM langbaton_store_namespaces WHERE path >= ? AND path < ?)";
  const ROW = `SELECT path, key, value, created_at, updated_at FROM langbaton_store_items items
    JOIN langbaton_store_namespaces namespaces ON namespaces.id = namespace_id`;
  const VECTORS = `SELECT items.id, vectors FROM langbaton_store_items items
    LEFT JOIN langbaton_store_vectors ON item_id = items.id`;
  const sql = <Bound extends unknown[], Result = unknown>(text: string): Query<Bound, Result> =>
    database.prepare<Bound, Result>(text);
  /** Of which one column is wanted, without an object around it. */
  const one = <Bound extends unknown[], Result>(text: string): Query<Bound, Result> =>
    database.prepare<Bound, Result>(text).pluck();
  return {
    feed: sql<[], Feed>("SELECT last_seq, forgotten_seq, tombstones, dims FROM langbaton_store"),
    setFeed: sql<[number, number, number, number | null]>(
      "UPDATE langbaton_store SET last_seq = ?, forgotten_seq = ?, tombstones = ?, dims = ?",
    ),

    namespaceId: one<[string], number>("SELECT id FROM langbaton_store_namespaces WHERE path = ?"),
    /** At most two, which tells one from many. */
    namespaceIds: one<Range, number>(
      "SELECT id FROM langbaton_store_namespaces WHERE path >= ? AND path < ? LIMIT 2",
    ),
    paths: one<Range, string>("SELECT path FROM langbaton_store_namespaces WHERE path >= ? AND path < ?"),
    addNamespace: one<[string], number>(
      "INSERT INTO langbaton_store_namespaces (path) VALUES (?) RETURNING id",
    ),
    removeEmptyNamespace: sql<[number]>(
      `DELETE FROM langbaton_store_namespaces WHERE id = ?
       AND NOT EXISTS (SELECT 1 FROM langbaton_store_items WHERE namespace_id = langbaton_store_namespaces.id)`,
    ),

    item: sql<[string, string], Row>(`${ROW} WHERE path = ? AND key = ?`),
    itemById: sql<[number], Row>(`${ROW} WHERE items.id = ?`),
    value: one<[number], string>("SELECT value FROM langbaton_store_items WHERE id = ?"),
    put: one<[number, string, string, number, number, number], number>(
      `INSERT INTO langbaton_store_items (namespace_id, key, value, created_at, updated_at, seq) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (namespace_id, key)
       DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, seq = excluded.seq RETURNING id`,
    ),
    remove: one<[number, string], number>(
      "DELETE FROM langbaton_store_items WHERE namespace_id = ? AND key = ? RETURNING id",
    ),

    /** An index holds these in order, so that the first ones come at once. */
    idsOfOne: one<[number, number, number], number>(
      "SELECT id FROM langbaton_store_items WHERE namespace_id = ? ORDER BY id LIMIT ? OFFSET ?",
    ),
    idsOfMany: one<[string, string, number, number], number>(
      `SELECT id FROM langbaton_store_items WHERE ${IN_RANGE} ORDER BY id LIMIT ? OFFSET ?`,
    ),

    vectorsIn: sql<[string, string], VectorRow>(`${VECTORS} WHERE ${IN_RANGE}`),
    putVectors: sql<[number, Buffer]>(
      "INSERT OR REPLACE INTO langbaton_store_vectors (item_id, vectors) VALUES (?, ?)",
    ),
    removeVectors: sql<[number]>("DELETE FROM langbaton_store_vectors WHERE item_id = ?"),

    itemsAfter: sql<
      [string, number, number],
      Pick<ChangedRow, "key" | "value" | "seq"> & { readonly id: number }
    >(
      `SELECT items.id AS id, seq, key, value FROM langbaton_store_items items
       WHERE namespace_id = (SELECT id FROM langbaton_store_namespaces WHERE path = ?) AND items.id > ?
       ORDER BY items.id LIMIT ?`,
    ),
    seqAfter: one<[number, number], number>(
      "SELECT seq FROM langbaton_store_items WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?",
    ),
    // CROSS keeps SQLite from starting with the namespaces, and sorting.
    changed: sql<[number, number, string, string], ChangedRow>(
      `SELECT seq, path, key, value FROM langbaton_store_items items
       CROSS JOIN langbaton_store_namespaces namespaces ON namespaces.id = namespace_id
       WHERE seq > ? AND seq <= ? AND path >= ? AND path < ? ORDER BY seq`,
    ),
    bury: sql<[number, string, string]>(
      "INSERT INTO langbaton_store_tombstones (seq, path, key) VALUES (?, ?, ?)",
    ),
    /** Deletions since, also of what was put again. */
    buried: sql<[number, string, string], Pick<ChangedRow, "path" | "key" | "seq">>(
      `SELECT path, key, max(seq) AS seq FROM langbaton_store_tombstones WHERE seq > ? AND path >= ? AND path < ?
       GROUP BY path, key`,
    ),
    tombstoneAt: one<[number], number>(
      "SELECT seq FROM langbaton_store_tombstones ORDER BY seq LIMIT 1 OFFSET ?",
    ),
    forget: sql<[number]>("DELETE FROM langbaton_store_tombstones WHERE seq <= ?"),
  };
}
