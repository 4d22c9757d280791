import type { KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { canonicalJson } from "../../core/canonical.js";
import { BatonError, reasonOf } from "../../core/errors.js";
import { openDatabase, type Row } from "./open-database.js";
import { type AuditHead, type AuditRecord, GENESIS, lineOf, toKey, unseal } from "./record.js";

/** A file or SQLite database by its path, or what a function was given. */
export type AuditSource = string | Iterable<AuditRecord> | AsyncIterable<AuditRecord>;

export interface VerifyOptions {
  /** The secret that it was written with. @default none */
  readonly key?: string | Uint8Array;
  /** What `head()` once gave. Without it nothing can tell that whole records are missing at the end. @default none */
  readonly head?: AuditHead;
}

export interface AuditReport {
  readonly ok: boolean;
  /** Records that are in order, up to the first fault. */
  readonly records: number;
  /** The last of them. */
  readonly head: AuditHead;
  /** `at` counts records from 1. */
  readonly fault?: { readonly at: number; readonly reason: string };
}

const SQLITE_MAGIC = "SQLite format 3\0";
const NEWLINE = 10;
const LONGEST_LINE = 1024 * 1024;

/**
 * Walks a log from its start and tells the first place where it is not what was written: a changed, missing, added or
 * moved record. With `head`, also records that were cut off.
 *
 * @throws {BatonError} `STORE` when the source cannot be read; `CONFIG_INVALID` for a key that is too short
 * @example
 * ```ts
 * const { ok, fault } = await verifyAudit("audit/calls.jsonl", { key: process.env.AUDIT_KEY, head });
 * ```
 */
export async function verifyAudit(source: AuditSource, options: VerifyOptions = {}): Promise<AuditReport> {
  const key = options.key === undefined ? undefined : toKey(options.key);
  if (options.key !== undefined && key === undefined) {
    throw new BatonError("CONFIG_INVALID", "verifyAudit(): the key is shorter than 16 bytes");
  }
  try {
    return await walk(linesOf(source), key, options.head);
  } catch (cause) {
    const name = typeof source === "string" ? source : "the source";
    const problem = `the audit log '${name}' cannot be read: ${reasonOf(cause)}`;
    throw new BatonError("STORE", problem, { cause, data: { store: name } });
  }
}

async function walk(
  lines: AsyncIterable<Buffer | Fault>,
  key: KeyObject | undefined,
  known: AuditHead | undefined,
): Promise<AuditReport> {
  let head = GENESIS;
  const faulty = (reason: string, at = head.sequence + 1): AuditReport => ({
    ok: false,
    records: head.sequence,
    head,
    fault: { at, reason },
  });
  for await (const line of lines) {
    if (line instanceof Fault) return faulty(line.reason);
    const found = unseal(line, key);
    if (found === undefined) {
      return faulty("it does not fit its hash: it was changed, or the log was written with another key");
    }
    if (found.sequence !== head.sequence + 1) {
      return faulty(`the record here has the number ${found.sequence}: records are missing, added or moved`);
    }
    if (found.previous !== head.hash) return faulty("it does not follow the record before: one was replaced");
    head = { sequence: found.sequence, hash: found.hash };
    if (head.sequence === known?.sequence && head.hash !== known.hash) {
      return faulty("it is another record than the one that was kept as the head", head.sequence);
    }
  }
  if (known !== undefined && known.sequence > head.sequence) {
    const missing = known.sequence - head.sequence;
    return faulty(`the last ${missing} records before the head that was kept are missing`);
  }
  return { ok: true, records: head.sequence, head };
}

/** Something that is no line of a log. */
class Fault {
  constructor(readonly reason: string) {}
}

async function* linesOf(source: AuditSource): AsyncGenerator<Buffer | Fault> {
  if (typeof source === "string") {
    yield* (await isSqlite(source)) ? rowsOf(source) : fileLines(source);
    return;
  }
  for await (const { hash, ...rest } of source) yield Buffer.from(lineOf(canonicalJson(rest), hash));
}

async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(SQLITE_MAGIC.length),
      0,
      SQLITE_MAGIC.length,
      0,
    );
    return buffer.toString("latin1", 0, bytesRead) === SQLITE_MAGIC;
  } finally {
    await file.close();
  }
}

async function* rowsOf(path: string): AsyncGenerator<Buffer | Fault> {
  const database = await openDatabase(path, true);
  try {
    const rows = database.prepare<[], Row>("SELECT sequence, line FROM audit ORDER BY sequence").iterate();
    let expected = 1;
    for (const { sequence, line } of rows) {
      if (sequence !== expected++) yield new Fault(`the row here has the number ${sequence}`);
      yield Buffer.from(line);
    }
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) throw error;
    yield new Fault(`the database is damaged: ${reasonOf(error)}`);
  } finally {
    database.close();
  }
}

async function* fileLines(path: string): AsyncGenerator<Buffer | Fault> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE) return yield new Fault("it is longer than any record");
  }
  if (rest.length > 0) yield new Fault("it is cut: opening the log will move its rest aside");
}
