import { closeSync, openSync } from "node:fs";

/**
 * Makes an empty file for its owner alone, where there is none. One that is there is never opened: to close it again would
 * give back every lock that SQLite holds on it in this process.
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}
