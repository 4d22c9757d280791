import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import type { ErrorCode } from "../../core/errors.js";

/** The end of a log: kept elsewhere, it shows later whether records were cut off. Sequence 0 is an empty log. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

/** What every record has. Lines in a log have their keys in this order of the alphabet, and `hash` last. */
interface Chained {
  /** The hash of the record before. */
  readonly previous: string;
  /** Counts from 1 without gaps, in the order in which calls ended. */
  readonly sequence: number;
  /** When it happened, for a call when it ended: ISO 8601 in UTC. */
  readonly time: string;
  /** SHA-256, or HMAC-SHA-256 under the key, of the record's canonical JSON without this. */
  readonly hash: string;
}

/** Who called; what they may do is left out. */
interface CallerRecord {
  readonly agent?: string | undefined;
  readonly tenant?: string | undefined;
  readonly user?: string | undefined;
}

/** One call. Arguments and results stand in it as hashes of their canonical JSON alone. */
export interface CallRecord extends Chained {
  readonly event: "call";
  readonly callId: string;
  readonly threadId?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly server: string;
  readonly tool: string;
  readonly caller?: CallerRecord | undefined;
  /** Of the arguments that were asked for. */
  readonly argsHash: string;
  /** Of the arguments that ran, when a person edited them. */
  readonly ranArgsHash?: string | undefined;
  /** Who approved it, as far as the decision said. */
  readonly approvedBy?: string | undefined;
  /** Of `{ content, structuredContent }`; absent when there was no result. */
  readonly resultHash?: string | undefined;
  /** `error` stands for a thrown value that is no BatonError. */
  readonly outcome: "ok" | "tool_error" | "interrupted" | "error" | ErrorCode;
  /** Of a call that failed: whether the tool may have had its effect. */
  readonly effect?: "none" | "possible" | undefined;
  readonly durationMs: number;
  readonly attempts?: number | undefined;
  readonly cache?: "hit" | "miss" | undefined;
  /** `server.tool`, when that was not the one asked first. */
  readonly answeredBy?: string | undefined;
}

/** A record that a crash had cut was found, and its `bytes` moved aside, when the log was opened. */
export interface RepairedRecord extends Chained {
  readonly event: "repaired";
  readonly bytes: number;
}

/** The log could not be written for a while. */
export interface RecoveredRecord extends Chained {
  readonly event: "recovered";
  readonly since: string;
  /** Records before this one that were written late. */
  readonly late: number;
  /** Records that found no room in memory and are missing. */
  readonly lost: number;
  /** Calls that were refused meanwhile; they have no records. */
  readonly refused: number;
}

export type AuditRecord = CallRecord | RepairedRecord | RecoveredRecord;

type Open<T> = { -readonly [K in keyof Omit<T, "hash">]: T[K] };
export type CallEntry = Open<CallRecord>;
export type RepairedEntry = Open<RepairedRecord>;
export type RecoveredEntry = Open<RecoveredRecord>;
/** A record whose place in the chain is not yet known. Its keys are in order, so that JSON.stringify() is canonical. */
export type Entry = CallEntry | RepairedEntry | RecoveredEntry;

export const GENESIS: AuditHead = Object.freeze({ sequence: 0, hash: "0".repeat(64) });

const SHORTEST_KEY = 16;
const HASH_LENGTH = ',"hash":""}'.length + 64;
const HASH_END = /^,"hash":"([0-9a-f]{64})"\}$/;

/** Undefined when it is too short for a secret. */
export function toKey(secret: string | Uint8Array): KeyObject | undefined {
  const bytes = Buffer.from(secret);
  return bytes.length < SHORTEST_KEY ? undefined : createSecretKey(bytes);
}

/** Gives an entry its place after `head`. */
export function seal(entry: Entry, head: AuditHead, key: KeyObject | undefined) {
  entry.sequence = head.sequence + 1;
  entry.previous = head.hash;
  const body = JSON.stringify(entry);
  const sealed: AuditHead = { sequence: entry.sequence, hash: hashOf(body, key) };
  return { line: lineOf(body, sealed.hash), head: sealed };
}

/** A line out of its JSON without the hash, and the hash. */
export function lineOf(body: string, hashed: string): string {
  return `${body.slice(0, -1)},"hash":"${hashed}"}`;
}

/** What a line says of its place; nothing when it is no record, or its hash is not that of its bytes. */
export function unseal(
  line: Buffer,
  key: KeyObject | undefined,
): (AuditHead & { previous: string }) | undefined {
  const at = line.length - HASH_LENGTH;
  const hashed = at > 0 ? HASH_END.exec(line.toString("latin1", at))?.[1] : undefined;
  if (hashed === undefined) return undefined;
  const body = Buffer.concat([line.subarray(0, at), Buffer.from("}")]);
  if (hashOf(body, key) !== hashed) return undefined;
  try {
    const { sequence, previous } = JSON.parse(body.toString("utf8")) as Entry;
    return { sequence, previous, hash: hashed };
  } catch {
    return undefined;
  }
}

function hashOf(body: string | Buffer, key: KeyObject | undefined): string {
  return key === undefined
    ? hash("sha256", body, "hex")
    : createHmac("sha256", key).update(body).digest("hex");
}
