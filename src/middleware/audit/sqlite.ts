import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Database, Statement } from "better-sqlite3";
import { BatonError } from "../../core/errors.js";
import type { AuditFileOptions } from "./file.js";
import { AuditLog, type Sink, type Terms } from "./log.js";
import { openDatabase, type Row } from "./open-database.js";
import { type AuditHead, type Entry, GENESIS, seal, unseal } from "./record.js";

const MOST_IN_A_BATCH = 1000;

const LAST_ROW = "SELECT sequence, line FROM audit ORDER BY sequence DESC LIMIT 1";

/**
 * An audit log as a table of a SQLite database, which several processes of one machine may write at once: each
 * takes its place in the one chain. Costs some ten times as much as a file. Made with its folder when missing,
 * for its owner alone.
 */
export function auditSqlite(path: string, options: AuditFileOptions = {}): AuditLog {
  return new AuditLog(createSqliteSink(path, options));
}

function createSqliteSink(path: string, { fsync = false }: AuditFileOptions): Sink {
  let database: Database | undefined;
  let append = (_batch: readonly Entry[]): void => {};

  return {
    name: path,
    maxBatch: MOST_IN_A_BATCH,
    waits: false,
    repeats: false,
    async open({ key }) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Made here, as SQLite would make it for everybody to read; its other files take after this one.
      createPrivateFile(path);
      const opened = await openDatabase(path);
      try {
        opened.pragma("journal_mode = WAL");
        opened.pragma(`synchronous = ${fsync ? "FULL" : "NORMAL"}`);
        opened.exec(
          "CREATE TABLE IF NOT EXISTS audit (sequence INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT",
        );
        const last = opened.prepare<[], Row>(LAST_ROW);
        const row = last.get();
        if (row !== undefined && unseal(Buffer.from(row.line), key) === undefined) throw foreign(path);
        append = appender(opened, last, key);
        database = opened;
        return [];
      } catch (error) {
        opened.close();
        throw error;
      }
    },
    write: (batch) => append(batch),
    async head() {
      if (database !== undefined) return headOf(database.prepare<[], Row>(LAST_ROW).get());
      if (!existsSync(path)) return GENESIS;
      const opened = await openDatabase(path, true);
      try {
        return headOf(opened.prepare<[], Row>(LAST_ROW).get());
      } finally {
        opened.close();
      }
    },
    close() {
      database?.close();
      database = undefined;
    },
  };
}

/** One that is there is never opened: to close it again would give back SQLite's locks on it in this process. */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}

function appender(database: Database, last: Statement<[], Row>, key: Terms["key"]) {
  const insert = database.prepare<[number, string]>("INSERT INTO audit (sequence, line) VALUES (?, ?)");
  const transaction = database.transaction((batch: readonly Entry[]): void => {
    // Read inside: since the last time another process may have written.
    let head = headOf(last.get());
    for (const entry of batch) {
      const sealed = seal(entry, head, key);
      insert.run(sealed.head.sequence, sealed.line);
      head = sealed.head;
    }
  });
  return transaction.immediate;
}

function headOf(row: Row | undefined): AuditHead {
  if (row === undefined) return GENESIS;
  return { sequence: row.sequence, hash: row.line.slice(-66, -2) };
}

function foreign(path: string): BatonError {
  return new BatonError(
    "STORE",
    `the last record in '${path}' was changed or written with another key: verifyAudit() tells where; give another ` +
      "path to start a new log",
    { data: { store: path } },
  );
}
