import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { BatonError } from "../../core/errors.js";
import { lockFile } from "./lock.js";
import { AuditLog, type Sink, type Terms } from "./log.js";
import { type AuditHead, GENESIS, type RepairedEntry, seal, unseal } from "./record.js";
import { readTail, tailOf } from "./tail.js";

export interface AuditFileOptions {
  /**
   * Whether a record is on the disk itself before its call returns. Without, it is with the operating system:
   * that outlives the process, by `kill -9` too, but not a loss of power. Costs milliseconds for each batch.
   *
   * @default false
   */
  readonly fsync?: boolean;
}

/** What a log does to its file; a test makes each step fail. */
export interface Disk {
  /** Returns how many bytes went through. */
  write(fd: number, bytes: Buffer): number;
  truncate(fd: number, size: number): void;
  sync(fd: number): Promise<void>;
}

const systemDisk: Disk = {
  write: (fd, bytes) => writeSync(fd, bytes),
  truncate: (fd, size) => ftruncateSync(fd, size),
  sync: promisify(fsync),
};

const MOST_IN_A_BATCH = 1000;
/** How often the file itself is looked at, in milliseconds: that costs as much as the write. */
const CHECK_MS = 100;
/** How the lines of each kind of record begin. */
const STARTS = ['{"answeredBy":', '{"approvedBy":', '{"argsHash":', '{"bytes":', '{"event":'];
const LONGEST_START = Math.max(...STARTS.map((start) => start.length));

/**
 * An audit log as one JSON line per record in a file that only its owner may read, made with its folder when
 * missing. One process writes it at a time, kept by `<path>.lock`; see `auditSqlite()` for more. A record that a
 * crash had cut is moved to `<path>.torn`, and the log says so.
 *
 * @example
 * ```ts
 * await using log = auditFile("audit/calls.jsonl");
 * const tools = await loadTools(servers, { use: [audit({ to: log, key: process.env.AUDIT_KEY })] });
 * ```
 */
export function auditFile(path: string, options: AuditFileOptions = {}): AuditLog {
  return new AuditLog(createFileSink(path, options));
}

/** The file under an {@link AuditLog}. */
export function createFileSink(
  path: string,
  { fsync: isDurable = false }: AuditFileOptions,
  disk: Disk = systemDisk,
): Sink {
  const file = resolve(path);
  let fd = -1;
  let unlock = (): void => {};
  let terms: Terms | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let head: AuditHead = GENESIS;
  let size = 0;
  /** Bytes after `size` that a failed write left behind. */
  let rest = 0;

  /** What is in the file must be what was written: it may have been deleted, cut or written to by another. */
  const checkFile = (): void => {
    const now = terms?.clock.now() ?? 0;
    if (rest === 0 && now - checkedAt < CHECK_MS) return;
    const stats = fstatSync(fd);
    if (stats.nlink === 0 || stats.size !== size + rest) {
      const what = stats.nlink === 0 ? "was deleted" : "was changed by another program";
      throw new Error(`the file ${what} while it was open: find out why, then start the process anew`);
    }
    checkedAt = now;
    if (rest > 0) takeBack();
  };
  const takeBack = (): void => {
    disk.truncate(fd, size);
    rest = 0;
  };
  const writeAll = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; ) {
      const written = disk.write(fd, at === 0 ? bytes : bytes.subarray(at));
      if (written === 0) throw new Error("the system took no bytes");
      at += written;
    }
  };
  const undo = (): void => {
    try {
      rest = Math.max(0, fstatSync(fd).size - size);
      if (rest > 0) takeBack();
    } catch {
      // The next write tries again, before it adds anything.
    }
  };

  return {
    name: path,
    maxBatch: MOST_IN_A_BATCH,
    waits: isDurable,
    repeats: false,
    open(given) {
      terms = given;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const release = lockFile(file);
      let opened = -1;
      try {
        opened = openSync(file, "a+", 0o600);
        if (isDurable) syncFolder(dirname(file));
        const tail = readTail(opened);
        const last = tail.line === undefined ? GENESIS : unseal(tail.line, given.key);
        if (last === undefined) throw foreign(path);
        const repairs = tail.torn.length === 0 ? [] : [moveAside(file, opened, tail.whole, tail.torn, given)];
        [fd, unlock, head, size, rest] = [opened, release, last, tail.whole, 0];
        return repairs;
      } catch (error) {
        if (opened !== -1) closeSync(opened);
        release();
        throw error;
      }
    },
    write(batch) {
      checkFile();
      let lines = "";
      let end = head;
      for (const entry of batch) {
        const sealed = seal(entry, end, terms?.key);
        lines += `${sealed.line}\n`;
        end = sealed.head;
      }
      const bytes = Buffer.from(lines);
      const done = (): void => {
        [head, size] = [end, size + bytes.length];
      };
      try {
        writeAll(bytes);
        if (!isDurable) return done();
      } catch (error) {
        undo();
        throw error;
      }
      return disk.sync(fd).then(done, (error: unknown) => {
        undo();
        throw error;
      });
    },
    head: () => (fd === -1 ? tailOf(file) : head),
    close() {
      if (fd === -1) return;
      closeSync(fd);
      fd = -1;
      unlock();
    },
  };
}

/** Takes the rest of a record that a crash had cut out of the log. It stays: it tells of a call that may have run. */
function moveAside(
  file: string,
  fd: number,
  whole: number,
  torn: Buffer,
  { clock, warn }: Terms,
): RepairedEntry {
  // What does not begin like a record, or like a block that never reached the disk, is somebody else's text.
  if (torn[0] !== 0 && !isStart(torn.toString("latin1", 0, LONGEST_START))) throw foreign(file);
  appendFileSync(`${file}.torn`, Buffer.concat([torn, Buffer.from("\n")]), { mode: 0o600 });
  ftruncateSync(fd, whole);
  warn(
    `the audit log '${file}' ended in a record that a crash had cut: its ${torn.length} bytes are now in ` +
      `'${file}.torn'`,
  );
  const time = new Date(clock.now()).toISOString();
  return { bytes: torn.length, event: "repaired", previous: "", sequence: 0, time };
}

function isStart(text: string): boolean {
  return STARTS.some((start) => text.startsWith(start) || start.startsWith(text));
}

function foreign(path: string): BatonError {
  return new BatonError(
    "STORE",
    `'${path}' does not end in a record of this audit log: it was changed, has another key, or is another file. ` +
      "verifyAudit() tells which record; give another path to start a new log",
    { data: { store: path } },
  );
}

/** Without this the name of a new file may be lost with the power. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
