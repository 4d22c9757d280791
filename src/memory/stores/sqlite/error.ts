import { BatonError, reasonOf } from "../../../core/errors.js";

/** What to do, by the start of SQLite's or the system's code. */
const ADVICE: readonly (readonly [codes: RegExp, advice: string])[] = [
  [
    /^SQLITE_(BUSY|LOCKED)/,
    "another process keeps it locked: wait until that one has finished, or raise busyMs",
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    "it is damaged, or no SQLite database: put a copy back, or move it away to begin anew",
  ],
  [/^SQLITE_FULL/, "the disk is full: make room"],
  [/^SQLITE_READONLY/, "it is read-only: allow this user to write to the file and its folder"],
  [
    /^(SQLITE_(CANTOPEN|PERM)|E[A-Z]+$)/,
    "it cannot be opened: check the path, and that this user may write there",
  ],
  [/^SQLITE_/, "SQLite failed"],
];

/** What SQLite or the file system threw, as a `STORE` error that says what to do; anything else as it is. */
export function toStoreError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const advice = ADVICE.find(([codes]) => codes.test(code))?.[1];
  if (advice === undefined || error instanceof BatonError) return error;
  return new BatonError("STORE", `SQLite store '${path}': ${advice} (${reasonOf(error)})`, {
    cause: error,
    retryable: /^SQLITE_(BUSY|LOCKED)/.test(code),
    data: { store: "sqlite", file: path },
  });
}

export function closedError(path: string): BatonError {
  return new BatonError("STORE", `SQLite store '${path}' is closed: make another, or call start()`, {
    data: { store: "sqlite", file: path },
  });
}
