import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** Whether a step that another process runs has written these words to the threads that SQLite keeps in the folder. */
export function isStored(folder: string, words: string): boolean {
  const file = join(folder, "threads.db");
  if (!existsSync(file)) return false;
  const database = new Database(file, { readonly: true });
  try {
    const found = database.prepare("SELECT 1 FROM writes WHERE CAST(value AS TEXT) LIKE ?");
    return found.get(`%${words}%`) !== undefined;
  } catch {
    // It has no tables yet.
    return false;
  } finally {
    database.close();
  }
}
