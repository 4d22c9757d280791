import type { Database } from "better-sqlite3";

/** How long a write waits for another process's; it holds up the whole process meanwhile. */
const BUSY_MS = 5000;

/** One row of a log. */
export interface Row {
  readonly sequence: number;
  readonly line: string;
}

/** Loaded at the first use: it is a native module. */
export async function openDatabase(path: string, readonly = false): Promise<Database> {
  const { default: Sqlite } = await import("better-sqlite3");
  return new Sqlite(path, { readonly, timeout: BUSY_MS });
}
