import { realpathSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { createPrivateFile } from "./private-file.js";

/**
 * Makes this process the one that works a journal, by an exclusive lock on a file beside it. The system gives the lock
 * back when the process ends, however it ends, and never before: no lease that a slow process could outlive.
 */
export interface WorkerLock {
  /** False while another process has it. */
  take(): boolean;
  release(): void;
}

/** Of a journal that is there. */
export async function createWorkerLock(path: string): Promise<WorkerLock> {
  const { default: Sqlite } = await import("better-sqlite3");
  // Whatever name the journal was given by, it has one lock.
  const file = `${realpathSync(path)}.worker`;
  let held: Database | undefined;
  return {
    take() {
      if (held !== undefined) return true;
      createPrivateFile(file);
      const database = new Sqlite(file, { timeout: 0 });
      try {
        database.exec("BEGIN EXCLUSIVE");
      } catch (error) {
        database.close();
        if (String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY")) return false;
        throw error;
      }
      held = database;
      return true;
    },
    release() {
      held?.close();
      held = undefined;
    },
  };
}
