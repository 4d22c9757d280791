import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AuditHead, Entry } from "./record.js";
import { GENESIS } from "./record.js";

const NEWLINE = 10;
const WINDOW = 64 * 1024;

/** How a log's file ends. */
export interface Tail {
  /** Size of the whole lines. */
  readonly whole: number;
  /** The last whole line. */
  readonly line: Buffer | undefined;
  /** What comes after it. */
  readonly torn: Buffer;
}

/** Reads from the end, more and more until a whole line is in sight. */
export function readTail(fd: number): Tail {
  const { size } = fstatSync(fd);
  for (let length = Math.min(WINDOW, size); ; length = Math.min(length * 2, size)) {
    const bytes = Buffer.alloc(length);
    for (let read = 0; read < length; ) {
      const count = readSync(fd, bytes, read, length - read, size - length + read);
      if (count === 0) throw new Error("the file became shorter while it was read");
      read += count;
    }
    const end = bytes.lastIndexOf(NEWLINE);
    const start = end < 1 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
    if (start === -1 && length < size) continue;
    return {
      whole: end === -1 ? 0 : size - length + end + 1,
      line: end === -1 ? undefined : bytes.subarray(start + 1, end),
      torn: bytes.subarray(end + 1),
    };
  }
}

/** The head of a log that nobody has open, or that another process writes. */
export function tailOf(file: string): AuditHead {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return GENESIS;
    throw error;
  }
  try {
    const { line } = readTail(fd);
    if (line === undefined) return GENESIS;
    const { sequence, hash } = JSON.parse(line.toString("utf8")) as Entry & AuditHead;
    return { sequence, hash };
  } finally {
    closeSync(fd);
  }
}
