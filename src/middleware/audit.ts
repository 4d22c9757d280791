import { resolve } from "node:path";
import type { Call, Caller, Middleware } from "../core/call.js";
import { hashJson } from "../core/canonical.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError, isInterrupt, reasonOf } from "../core/errors.js";
import type { Obtained, Result } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { emitWarning } from "../core/warning.js";
import { auditFile } from "./audit/file.js";
import { type AuditFunction, auditFunction } from "./audit/function.js";
import { AuditLog } from "./audit/log.js";
import { type CallEntry, type CallRecord, toKey } from "./audit/record.js";
import { cancelled } from "./shared/cancelled.js";

export { type AuditFileOptions, auditFile } from "./audit/file.js";
export type { AuditFunction } from "./audit/function.js";
export type { AuditLog } from "./audit/log.js";
export type {
  AuditHead,
  AuditRecord,
  CallRecord,
  RecoveredRecord,
  RepairedRecord,
} from "./audit/record.js";
export { auditSqlite } from "./audit/sqlite.js";
export { type AuditReport, type AuditSource, type VerifyOptions, verifyAudit } from "./audit/verify.js";

export interface AuditOptions {
  /** The log: `auditFile()`, `auditSqlite()`, a function, or a path for short, which is a file. */
  readonly to: string | AuditLog | AuditFunction;
  /**
   * A secret of at least 16 bytes. With it nobody can write records that pass for real ones; without, who can write
   * the log can make a new chain. One per log. @default none
   */
  readonly key?: string | Uint8Array;
  /** Calls while the log cannot be written: `"refuse"` them, or `"warn"` and let them run. @default "refuse" */
  readonly whenBroken?: "refuse" | "warn";
  /** Hears when the log breaks or was repaired. Must not throw. @default a Node warning with the code AUDIT */
  readonly onWarning?: (warning: string) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** Logs that were named by a path alone: who names one twice means one. */
const logsByPath = new Map<string, AuditLog>();

/**
 * Writes one record of every call, however it ended, into a log in which each record is chained to the one before.
 * Never what was asked or answered, only hashes of it. A call returns when its record is written; one whose record
 * could not be written, within ten seconds at the most, returns its result all the same, and the calls after it are
 * refused. Nobody waits for a record past their own deadline.
 *
 * @throws {BatonError} `CONFIG_INVALID` for an option that cannot be used; a call throws `STORE`, with nothing
 *   sent, while the log cannot be written
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [audit({ to: "audit/calls.jsonl" })] });
 * ```
 */
export function audit(options: AuditOptions): Middleware {
  checkOptions("audit", options);
  const { whenBroken = "refuse", clock = systemClock } = options;
  const log = logFor(options);

  return async function auditing(call, next) {
    if (!log.isReady) await waitForLog(log, call, whenBroken, clock);
    const argsHash = hashJson(call.args);
    const startedAt = clock.now();
    let result: Result;
    try {
      result = await next(call);
    } catch (error) {
      await write(log, call, { argsHash, ...failureOf(error) }, startedAt, clock);
      throw error;
    }
    const outcome = result.isError ? "tool_error" : "ok";
    await write(log, call, { argsHash, outcome, result }, startedAt, clock);
    return result;
  };
}

function logFor({ to, key: secret, onWarning, clock = systemClock }: AuditOptions): AuditLog {
  const invalid = (problem: string): BatonError =>
    new BatonError("CONFIG_INVALID", `audit(): ${problem}`, { data: { part: "audit" } });
  const key = secret === undefined ? undefined : toKey(secret);
  if (secret !== undefined && key === undefined) throw invalid("the key is shorter than 16 bytes");
  let log: AuditLog | undefined;
  if (typeof to === "string") {
    const path = resolve(to);
    log = logsByPath.get(path) ?? auditFile(to);
    logsByPath.set(path, log);
  } else if (typeof to === "function") {
    log = auditFunction(to);
  } else if (to instanceof AuditLog) {
    log = to;
  }
  if (log === undefined) throw invalid("`to` is missing: give the path of a file, a log or a function");
  log.join({ key, clock, warn: onWarning ?? ((warning) => emitWarning(warning, "AUDIT")) });
  return log;
}

/** Opens the log or tries it once more, before anything runs. */
async function waitForLog(
  log: AuditLog,
  call: Call,
  whenBroken: "refuse" | "warn",
  clock: Clock,
): Promise<void> {
  const { server, tool } = call;
  const leftMs = call.deadline === undefined ? undefined : Math.max(0, call.deadline - clock.now());
  try {
    await whileWanted(log.recover(), call, clock);
  } catch (cause) {
    if (whenBroken === "warn") return;
    log.countRefused();
    const problem = `server '${server}', tool '${tool}' was not called: the audit log '${log.name}' cannot be written`;
    throw new BatonError("STORE", `${problem}: ${reasonOf(cause)}`, {
      cause,
      retryable: true,
      data: { server, tool, store: log.name },
    });
  }
  if (log.isReady || whenBroken === "warn") return;
  if (call.signal?.aborted) throw cancelled(call);
  const problem = `the deadline passed before the audit log '${log.name}' could be opened; give it more time`;
  throw new BatonError("TIMEOUT", `server '${server}', tool '${tool}': ${problem}`, {
    retryable: true,
    data: { server, tool, timeoutMs: leftMs },
  });
}

interface Ended {
  readonly argsHash: string;
  readonly outcome: CallRecord["outcome"];
  readonly effect?: "none" | "possible";
  readonly facts?: Pick<Obtained, "attempts" | "approvedBy" | "ranArgsHash"> | undefined;
  readonly result?: Result;
}

async function write(
  log: AuditLog,
  call: Call,
  ended: Ended,
  startedAt: number,
  clock: Clock,
): Promise<void> {
  const { argsHash, outcome, effect, result, facts = result?.obtained } = ended;
  const now = clock.now();
  // Every key, in the order of the alphabet: see Entry.
  const entry: CallEntry = {
    answeredBy: result && answeredBy(call, result),
    approvedBy: facts?.approvedBy,
    argsHash,
    attempts: facts?.attempts,
    cache: result?.obtained?.cache,
    callId: call.id,
    caller: call.caller && identityOf(call.caller),
    durationMs: now - startedAt,
    effect,
    event: "call",
    outcome,
    previous: "",
    ranArgsHash: facts?.ranArgsHash,
    resultHash: result && resultHash(result),
    sequence: 0,
    server: call.server,
    threadId: call.threadId,
    time: new Date(now).toISOString(),
    tool: call.tool,
    toolCallId: call.toolCallId,
  };
  try {
    const written = log.append(entry);
    // A result waits for its record, but not after its caller has gone.
    await (log.waits ? whileWanted(written, call, clock) : written);
  } catch {
    // The log has warned, keeps the record, and refuses the next call. This call's effect has happened.
  }
}

function failureOf(error: unknown): Pick<Ended, "outcome" | "effect" | "facts"> {
  if (isBatonError(error)) {
    const { attempts, approvedBy, ranArgsHash } = error.data;
    const facts = {
      ...(typeof attempts === "number" ? { attempts } : {}),
      ...(typeof approvedBy === "string" ? { approvedBy } : {}),
      ...(typeof ranArgsHash === "string" ? { ranArgsHash } : {}),
    };
    return { outcome: error.code, effect: error.effect, facts };
  }
  // A person is asked, and the graph runs the call again.
  if (isInterrupt(error)) return { outcome: "interrupted" };
  return { outcome: "error", effect: "possible" };
}

function resultHash({ content, structuredContent }: Result): string | undefined {
  try {
    return hashJson({ content, structuredContent });
  } catch {
    // What a handler in this process made up, a BigInt for example, is no reason to lose the result.
    return undefined;
  }
}

function answeredBy({ server, tool }: Call, { obtained }: Result): string | undefined {
  if (obtained?.server === undefined && obtained?.tool === undefined) return undefined;
  return `${obtained.server ?? server}.${obtained.tool ?? tool}`;
}

function identityOf({ agent, tenant, user }: Caller): CallEntry["caller"] {
  return { agent, tenant, user };
}

/** Resolves at once when the caller gives up or its deadline passes. */
async function whileWanted(work: Promise<void>, { signal, deadline }: Call, clock: Clock): Promise<void> {
  if (signal === undefined && deadline === undefined) return work;
  work.catch(() => {});
  let stop: () => void = () => {};
  const unwanted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const leftMs = deadline === undefined ? undefined : deadline - clock.now();
  if (signal?.aborted || (leftMs !== undefined && leftMs <= 0)) stop();
  const cancelTimer = leftMs === undefined ? undefined : clock.after(Math.max(0, leftMs), stop);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([work, unwanted]);
  } finally {
    cancelTimer?.();
    signal?.removeEventListener("abort", stop);
  }
}
