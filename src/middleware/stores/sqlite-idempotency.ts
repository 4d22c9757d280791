import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import type { IdempotencyRecord, IdempotencyStore } from "../idempotency/store.js";

/** Others hold the file for a few milliseconds; this process stands still while it waits for them. */
const BUSY_MS = 2000;
/** Expired records go at every so manieth new one, at most so many at once. */
const SWEEP_EVERY = 100;
const SWEEP_MOST = 1000;

const TABLE = `
CREATE TABLE IF NOT EXISTS langbaton_idempotency (
  key TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  expires_at REAL NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS langbaton_idempotency_expires_at ON langbaton_idempotency (expires_at);`;

/** One that can be closed; used again, it is opened again. */
export interface SqliteIdempotency extends IdempotencyStore {
  close(): Promise<void>;
}

/**
 * Idempotency keys in a SQLite file, which several processes of one machine may share. Every change is on the disk
 * before the call goes on: it survives a crash of the machine too, and costs two flushes a call. Opened, and its
 * folder made, at first use.
 *
 * @param file on a local disk: SQLite's locks do not hold on a network's
 * @example
 * ```ts
 * const use = [idempotency({ store: sqliteIdempotency("data/keys.db"), derive: "tool-call" })];
 * ```
 */
export function sqliteIdempotency(file: string): SqliteIdempotency {
  let opening: Promise<Statements> | undefined;

  function statements(): Promise<Statements> {
    opening ??= open(file).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    name: "sqlite",
    async begin(key, record) {
      return (await statements()).begin(key, record);
    },
    async finish(key, record) {
      (await statements()).finish(key, record);
    },
    async forget(key, owner) {
      (await statements()).forget(key, owner);
    },
    async close() {
      const opened = opening;
      opening = undefined;
      (await opened)?.close();
    },
  };
}

interface Statements {
  begin(key: string, record: IdempotencyRecord): IdempotencyRecord | undefined;
  finish(key: string, record: IdempotencyRecord): void;
  forget(key: string, owner: string | undefined): void;
  close(): void;
}

/** The native module is loaded here, so that who never uses the store does not pay for it. */
async function open(file: string): Promise<Statements> {
  const { default: Sqlite } = await import("better-sqlite3");
  mkdirSync(dirname(file), { recursive: true });
  const database = new Sqlite(file, { timeout: BUSY_MS });
  try {
    database.pragma("journal_mode = WAL");
    // In WAL mode the usual NORMAL may lose the last changes when the machine loses power: keys of calls that were sent.
    database.pragma("synchronous = FULL");
    database.exec(TABLE);
    return prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: Database): Statements {
  // One statement, and so one step for all processes: it changes nothing when a record is there that counts.
  const insert = database.prepare<[string, string, number, string, number]>(
    `INSERT INTO langbaton_idempotency (key, owner, expires_at, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at, record = excluded.record
     WHERE langbaton_idempotency.expires_at <= ?`,
  );
  const select = database
    .prepare<[string], string>("SELECT record FROM langbaton_idempotency WHERE key = ?")
    .pluck();
  const update = database.prepare<[number, string, string, string]>(
    "UPDATE langbaton_idempotency SET expires_at = ?, record = ? WHERE key = ? AND owner = ?",
  );
  const remove = database.prepare<[string, string | null]>(
    "DELETE FROM langbaton_idempotency WHERE key = ? AND owner = coalesce(?, owner)",
  );
  const sweep = database.prepare<[number, number]>(
    `DELETE FROM langbaton_idempotency WHERE key IN
     (SELECT key FROM langbaton_idempotency WHERE expires_at <= ? LIMIT ?)`,
  );
  let begun = 0;
  return {
    begin(key, record) {
      if (begun++ % SWEEP_EVERY === 0) sweep.run(record.at, SWEEP_MOST);
      for (;;) {
        const { changes } = insert.run(
          key,
          record.owner,
          record.expiresAt,
          JSON.stringify(record),
          record.at,
        );
        if (changes === 1) return undefined;
        const found = select.get(key);
        // Else another process removed it in between.
        if (found !== undefined) return JSON.parse(found) as IdempotencyRecord;
      }
    },
    finish(key, record) {
      update.run(record.expiresAt, JSON.stringify(record), key, record.owner);
    },
    forget(key, owner) {
      remove.run(key, owner ?? null);
    },
    close() {
      database.close();
    },
  };
}
