import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { BatonError } from "../../core/errors.js";
import { APPLICATION_ID, DATA_VERSION, generate } from "./generate.js";

/** `$XDG_CACHE_HOME/langbaton/enterprise.db`, or the same below `~/.cache`. */
export function defaultDatabasePath(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "langbaton", "enterprise.db");
}

/**
 * Opens the company's database for reading, and generates it first when the file is missing or of another
 * version. Any number of processes may do so at once: each writes a file of its own and renames it.
 *
 * @param path A file, or `:memory:`.
 * @throws BatonError `CONFIG_INVALID` when the file is something else, `STORE` when it cannot be read or written.
 */
export function openDatabase(path: string): Database {
  if (path === ":memory:") {
    const database = new Sqlite(path);
    generate(database);
    database.pragma("query_only = ON");
    return database;
  }
  try {
    return openCurrent(path) ?? create(path);
  } catch (error) {
    if (error instanceof BatonError) throw error;
    throw new BatonError("STORE", `cannot open or create the database '${path}': ${reason(error)}`, {
      cause: error,
      data: { store: path },
    });
  }
}

/** The database in the file; undefined when the file has to be written first. */
function openCurrent(path: string): Database | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return undefined;
  const database = new Sqlite(path, { readonly: true });
  try {
    if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) throw notOurs(path);
    if (database.pragma("user_version", { simple: true }) === DATA_VERSION) return database;
  } catch (error) {
    database.close();
    throw error instanceof Sqlite.SqliteError && error.code === "SQLITE_NOTADB" ? notOurs(path) : error;
  }
  database.close();
  return undefined;
}

function create(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const database = new Sqlite(temporary);
    try {
      // A crash leaves a temporary file and never a broken database, so there is nothing to recover.
      database.pragma("journal_mode = OFF");
      database.pragma("synchronous = OFF");
      generate(database);
    } finally {
      database.close();
    }
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  return new Sqlite(path, { readonly: true });
}

function notOurs(path: string): BatonError {
  return new BatonError(
    "CONFIG_INVALID",
    `'${path}' exists and is not a database of this server: choose another path or remove the file`,
    { data: { store: path } },
  );
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));
