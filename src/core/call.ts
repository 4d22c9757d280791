import { randomFillSync } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { Result } from "./result.js";
import type { Part, Settings } from "./settings.js";

/** Who makes a call. Policies, limits and audit read it; nothing here is sent to the server. */
export interface Caller {
  /** The graph or specialist that calls. */
  readonly agent?: string;
  readonly user?: string;
  readonly tenant?: string;
  /** Names of what the caller may do; their meaning belongs to the policy that reads them. */
  readonly permissions?: readonly string[];
}

/**
 * What a server says about a tool's effects. A server may lie, so nothing that protects may rely on a hint
 * that configuration did not confirm. A missing hint counts as false, except `destructive`, which
 * counts as true unless `readOnly` is set (MCP, ToolAnnotations).
 */
export interface Hints {
  readonly readOnly?: boolean | undefined;
  readonly idempotent?: boolean | undefined;
  readonly destructive?: boolean | undefined;
  /** The tool reaches beyond its server, to the web for example. */
  readonly openWorld?: boolean | undefined;
}

/** A progress report of a running call: `progress` grows; `total` is there when the server knows it. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/**
 * One use of one tool. Read-only: a middleware that wants another call copies it, `next({ ...call, args })`. Every
 * call has every key, if only as undefined: copies of objects of one shape cost next to nothing.
 */
export interface Call {
  /** Unique per call (UUIDv7), the same over all attempts. */
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly hints: Hints;
  readonly caller?: Caller | undefined;
  /**
   * `server.tool` patterns: all that the agent that calls may use, whatever else allows more. Undefined: no list. Never
   * changed once it is given, as it is compiled once.
   */
  readonly allowlist?: readonly string[] | undefined;
  /** The model's own id of this tool call: the same when a graph resumes and runs it again. */
  readonly toolCallId?: string | undefined;
  /** The LangGraph thread in which the call is made. */
  readonly threadId?: string | undefined;
  /** Known to the tool, which does nothing twice under one key; sent to the server in `_meta`. */
  readonly idempotencyKey?: string | undefined;
  /** Milliseconds since the epoch, shared by all attempts. */
  readonly deadline?: number | undefined;
  /** Limit of one attempt in milliseconds; wins over the server's own. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives each progress report of the server. Must not throw. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Sent to the server as `_meta` of the request. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** What the configuration file says for this tool, by part of the standard stack. */
  readonly settings?: Settings | undefined;
  /** What holds for another tool of the same servers, for a part that hands the call on to it. */
  readonly policyOf?: PolicyOf | undefined;
}

/** What holds for every call of one tool. */
export interface ToolPolicy {
  /** What the server says, corrected by the configuration. */
  readonly hints: Hints;
  /** The entry's own limit of one attempt. */
  readonly timeoutMs?: number | undefined;
  /** Undefined when the configuration says nothing for this tool. */
  readonly settings?: Settings | undefined;
}

/** Undefined for a tool that is not known. */
export type PolicyOf = (server: string, tool: string) => ToolPolicy | undefined;

/** Which tool, for whom: all that a rule may look at before there are arguments. */
export type ToolUse = Pick<Call, "server" | "tool" | "caller" | "allowlist" | "settings">;

/** Runs one call. Throws {@link BatonError} for everything but a tool that ran and said that it failed. */
export type Handler = (call: Call) => Promise<Result>;

/**
 * What protects, limits, remembers or watches calls. `next` may run zero, one or many times.
 * A middleware never mutates the call, hands on `call.signal`, and lets errors that it does not know pass
 * as they are: a LangGraph interrupt travels as an exception.
 */
export interface Middleware {
  (call: Call, next: Handler): Promise<Result>;
  /** False for a tool that every call would be refused: it is not shown to the model. Must not throw. */
  readonly allows?: (use: ToolUse) => boolean;
  /** The part that a tool's own settings can change here. */
  readonly part?: Part;
  /** Refuses what a call's `allowlist` leaves out, before anything inside of it runs. `permit` does. */
  readonly checksAllowlist?: true;
}

/** A call from its parts, with a fresh id and no hints unless given. */
export function createCall(parts: Omit<Call, "id" | "hints"> & Partial<Pick<Call, "id" | "hints">>): Call {
  return {
    id: parts.id ?? createId(),
    server: parts.server,
    tool: parts.tool,
    args: parts.args,
    hints: parts.hints ?? NO_HINTS,
    caller: parts.caller,
    allowlist: parts.allowlist,
    toolCallId: parts.toolCallId,
    threadId: parts.threadId,
    idempotencyKey: parts.idempotencyKey,
    deadline: parts.deadline,
    timeoutMs: parts.timeoutMs,
    signal: parts.signal,
    onProgress: parts.onProgress,
    meta: parts.meta,
    settings: parts.settings,
    policyOf: parts.policyOf,
  };
}

const NO_HINTS: Hints = Object.freeze({});
const RANDOM_BYTES_OF_AN_ID = 16;
const pool = new Uint8Array(RANDOM_BYTES_OF_AN_ID * 256);
let used = pool.length;

/** A UUIDv7. Randomness comes from a pool, as asking the system for it each time costs 1.5 microseconds a call. */
function createId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES_OF_AN_ID;
  return uuidv7({ random: pool.subarray(used - RANDOM_BYTES_OF_AN_ID, used) });
}
