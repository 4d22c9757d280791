import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { BatonError } from "../../../core/errors.js";
import { prepare, type Statements } from "./statements.js";

/** One higher whenever a file of before cannot be read as it is. In a table of its own, as others may share the file. */
const VERSION = 1;
/** Room for the inner pages of a file with a million items. */
const CACHE_KIB = 16_384;

const TABLES = `
CREATE TABLE IF NOT EXISTS langbaton_store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  forgotten_seq INTEGER NOT NULL,
  tombstones INTEGER NOT NULL,
  dims INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS langbaton_store_namespaces (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS langbaton_store_items (
  id INTEGER PRIMARY KEY,
  namespace_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  UNIQUE (namespace_id, key)
) STRICT;
CREATE INDEX IF NOT EXISTS langbaton_store_items_id ON langbaton_store_items (namespace_id, id);
CREATE INDEX IF NOT EXISTS langbaton_store_items_seq ON langbaton_store_items (seq, namespace_id);
CREATE TABLE IF NOT EXISTS langbaton_store_tombstones (
  seq INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS langbaton_store_vectors (
  item_id INTEGER PRIMARY KEY,
  vectors BLOB NOT NULL
) STRICT;
INSERT OR IGNORE INTO langbaton_store VALUES (1, ${VERSION}, 0, 0, 0, NULL);`;

/** A file that is open. */
export interface SqliteFile extends Statements {
  readonly database: Database;
  /** Reads see one state of the file, whatever other processes write meanwhile. */
  read<T>(work: () => T): T;
  /** All that is written, or nothing. */
  write<T>(work: () => T): T;
}

/** The native module is loaded here, so that who never uses the store does not pay for it. */
export async function openFile(path: string, busyMs: number, dims: number | undefined): Promise<SqliteFile> {
  if (path === "" || path.includes("\0") || path.startsWith("~")) {
    const problem =
      "must be the path of a file, without NUL, and with the home folder written out in place of ~";
    throw new BatonError("CONFIG_INVALID", `SQLite store ${JSON.stringify(path)}: it ${problem}`, {
      data: { faults: [{ path, problem }] },
    });
  }
  const { default: Sqlite } = await import("better-sqlite3");
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  const database = new Sqlite(path, { timeout: busyMs });
  try {
    database.pragma("journal_mode = WAL");
    // Survives the end of the process. FULL would survive a loss of power too, for a flush with every batch.
    database.pragma("synchronous = NORMAL");
    database.pragma(`cache_size = -${CACHE_KIB}`);
    makeTables(database, path);
    checkDims(database, path, dims);
    const transaction = database.transaction((work: () => unknown) => work());
    return {
      ...prepare(database),
      database,
      read: <T>(work: () => T) => transaction.deferred(work) as T,
      write: <T>(work: () => T) => transaction.immediate(work) as T,
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function makeTables(database: Database, path: string): void {
  const hasTables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'langbaton_store'").get();
  // Only then, as it waits for whoever writes.
  if (!hasTables) database.transaction(() => database.exec(TABLES)).immediate();
  const version = database.prepare<[], number>("SELECT version FROM langbaton_store").pluck().get() ?? 0;
  if (version === VERSION) return;
  throw new BatonError(
    "STORE",
    `SQLite store '${path}' has version ${version}, and this langbaton knows version ${VERSION}: ${version > VERSION ? "update langbaton" : "the file was changed by something else"}`,
    { data: { store: "sqlite", file: path } },
  );
}

function checkDims(database: Database, path: string, dims: number | undefined): void {
  const own = database.prepare<[], number | null>("SELECT dims FROM langbaton_store").pluck().get() ?? dims;
  if (dims !== undefined && own !== dims) throw wrongDims(path, own, dims);
}

export function wrongDims(path: string, own: number | undefined, dims: number): BatonError {
  const message = `SQLite store '${path}' has vectors of ${own} numbers, index.dims says ${dims}: use the model that made them, or another file`;
  return new BatonError("CONFIG_INVALID", message, { data: { faults: [message] } });
}
