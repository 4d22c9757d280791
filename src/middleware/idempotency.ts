import type { Call, Handler, Middleware } from "../core/call.js";
import { hashJson } from "../core/canonical.js";
import { type Clock, systemClock } from "../core/clock.js";
import { isBatonError, isInterrupt, reasonOf } from "../core/errors.js";
import { type Result, withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { emitWarning } from "../core/warning.js";
import { conflict, notJson, outcomeUnknown, storeFailed, unreadable } from "./idempotency/errors.js";
import { createOwner, isGone } from "./idempotency/owner.js";
import type { IdempotencyRecord, IdempotencyStore, MaybePromise } from "./idempotency/store.js";
import { cancelled } from "./shared/cancelled.js";
import { type Flight, join, late, lead, within } from "./shared/flight.js";
import { fromJson, toJson } from "./shared/kept-result.js";
import { memoryIdempotency } from "./stores/memory-idempotency.js";

export type { IdempotencyRecord, IdempotencyStore };

export interface IdempotencyOptions {
  /** @default this process's memory: nothing is known after a restart */
  readonly store?: IdempotencyStore;
  /** How long a result is kept for its key, in milliseconds up to 30 days. @default 24 hours */
  readonly ttlMs?: number;
  /**
   * "tool-call" gives a key to each call of a model in a LangGraph thread, unless its tool is read-only: a graph that
   * resumes after a crash gets the result of a call that was finished. Ids of tool calls must be unique within a
   * thread, as those of OpenAI and Anthropic are; do not use it with a model that numbers its calls anew each turn
   * ("call_0"): a later call would get an earlier one's result, or `IDEMPOTENCY_CONFLICT`. @default "never"
   */
  readonly derive?: "never" | "tool-call";
  /** A key for a call that has none of its own. Must not throw. @default see `derive` */
  readonly key?: (call: Call) => string | undefined;
  /**
   * A run that is not over after so long has crashed, for other machines; on this one it is seen at once when the process
   * of a run is gone. Longer than any call takes, in milliseconds. @default 15 minutes
   */
  readonly leaseMs?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Records of runs that were not finished stay longer than anybody tries again. */
const UNFINISHED_MS = 30 * DAY_MS;
const MINUTE_MS = 60_000;
const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 1000;
/**
 * Owners of runs that never were, as the store did not say in time that they may be: it may have a record of them all
 * the same. Kept after that was removed, as a client may send a command twice. The oldest goes first.
 */
const neverRun = new Set<string>();
const MOST_NEVER_RUN = 100_000;

/** One use of one key. */
interface Task {
  readonly call: Call;
  readonly next: Handler;
  /** As the caller knows it. */
  readonly key: string;
  /** From the ids of thread and tool call. */
  readonly isDerived: boolean;
  /** As the store does: nobody else's. */
  readonly id: string;
  /** Hash of the arguments. */
  readonly args: string;
}

interface Kept {
  readonly json: string;
  readonly at: number;
}

/** At least one of the two: the result of a run now, and what is kept of this or an earlier one. */
interface Answer {
  readonly result?: Result;
  readonly kept?: Kept;
}

type Found = IdempotencyRecord | undefined;

/**
 * Runs a call with an idempotency key at most once, whoever makes it, at whatever time and in however many
 * processes that share a store. Who comes later gets the kept result, also one with `isError`, with
 * `obtained.replayed`; who comes meanwhile waits. A key belongs to one server, tool and tenant, or user where
 * there is no tenant. What failed without an effect may be tried again under its key; so may what a LangGraph
 * interrupt stopped.
 *
 * When nobody can tell whether the effect happened, after a crash for example, nothing runs, unless the tool is
 * read-only or idempotent: look, then call `store.forget(error.data.record)` if it may run again.
 *
 * @throws {BatonError} `OUTCOME_UNKNOWN`; `IDEMPOTENCY_CONFLICT` for other arguments under the same key; `STORE` when
 *   the store failed before anything was sent; `INVALID_ARGUMENTS` for what is no JSON; `CANCELLED` or `TIMEOUT` while
 *   the same call of somebody else runs
 * @example
 * ```ts
 * const use = [idempotency({ store: sqliteIdempotency("keys.db"), derive: "tool-call" }), retry()];
 * const tools = await loadTools(servers, { use });
 * ```
 */
export function idempotency(options: IdempotencyOptions = {}): Middleware {
  checkOptions("idempotency", options);
  const { ttlMs = DAY_MS, derive = "never", leaseMs = 15 * MINUTE_MS, clock = systemClock } = options;
  const store = options.store ?? memoryIdempotency();
  const flights = new Map<string, Flight<Answer>>();

  return function once(call, next) {
    const key = call.idempotencyKey ?? options.key?.(call);
    if (key !== undefined) return use(call, next, key, key);
    const { threadId, toolCallId } = call;
    if (derive === "never" || threadId === undefined || toolCallId === undefined || call.hints.readOnly)
      return next(call);
    return use(call, next, `${threadId}/${toolCallId}`, [threadId, toolCallId]);
  };

  async function use(
    call: Call,
    next: Handler,
    key: string,
    identity: string | readonly string[],
  ): Promise<Result> {
    const { server, tool, caller } = call;
    const args = hashArguments(call);
    const who = caller?.tenant === undefined ? { user: caller?.user } : { tenant: caller.tenant };
    const isDerived = typeof identity !== "string";
    const task: Task = { call, next, key, isDerived, id: hashJson([server, tool, who, identity]), args };
    for (;;) {
      const flight = flights.get(task.id);
      if (flight === undefined) {
        const { result, kept } = await lead(flights, task.id, call, () => settle(task));
        return result ?? replay(task, kept as Kept);
      }
      if (hashArguments(flight.leader) !== args) throw conflict(call, key, isDerived);
      const joined = await join(flight, call, clock, "possible");
      // Else the store knows what became of it.
      if (joined?.value.kept) return replay(task, joined.value.kept);
    }
  }

  /** Runs the call, or finds out what became of an earlier run. */
  async function settle(task: Task): Promise<Answer> {
    const { call, key, isDerived, id, args } = task;
    const startedAt = clock.now();
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
      const record = begun(args);
      const found = await begin(task, record);
      if (found === undefined) return run(task, record);
      if (neverRun.has(found.owner)) {
        await ask(call, () => store.forget(id, found.owner));
        continue;
      }
      if (found.args !== args) throw conflict(call, key, isDerived);
      if (found.state === "finished") return { kept: { json: found.result ?? "", at: found.at } };
      const isRunning = found.state === "running" && !isGone(found.owner);
      const remainingMs = isRunning ? found.leaseUntil - clock.now() : 0;
      if (remainingMs > 0) {
        await pause(call, Math.min(pollMs, remainingMs), startedAt);
      } else if (call.hints.readOnly || call.hints.idempotent) {
        await ask(call, () => store.forget(id, found.owner));
      } else {
        const why = found.state === "running" ? "an earlier run never ended" : "an earlier run failed midway";
        throw outcomeUnknown(call, key, id, why, store.name);
      }
    }
  }

  function begun(args: string): IdempotencyRecord {
    const at = clock.now();
    const owner = createOwner();
    return { state: "running", owner, args, at, leaseUntil: at + leaseMs, expiresAt: at + UNFINISHED_MS };
  }

  function begin({ call, id }: Task, record: IdempotencyRecord): MaybePromise<Found> {
    const answer = ask(call, () => store.begin(id, record));
    return answer instanceof Promise ? begunWithin(answer, call, id, record.owner) : answer;
  }

  async function begunWithin(answer: Promise<Found>, call: Call, id: string, owner: string): Promise<Found> {
    try {
      return await within(answer, call, clock, "none");
    } catch (error) {
      // It may have been written all the same, and nothing will run under it. If it cannot be removed now either, that is
      // made good when this process meets it again; another one takes it for a run that crashed.
      if (neverRun.size >= MOST_NEVER_RUN) neverRun.delete(neverRun.values().next().value as string);
      neverRun.add(owner);
      const remove = () => store.forget(id, owner);
      answer.then(remove, remove).catch(() => {});
      throw error;
    }
  }

  /** Asks the store before anything was sent. */
  function ask<T>(call: Call, question: () => MaybePromise<T>): MaybePromise<T> {
    const fail = (cause: unknown): never => {
      throw storeFailed(call, store.name, cause);
    };
    try {
      const answer = question();
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (cause) {
      return fail(cause);
    }
  }

  async function run(task: Task, record: IdempotencyRecord): Promise<Answer> {
    const { call, next, id } = task;
    const unknown = (): IdempotencyRecord => ({ ...record, state: "unknown", at: clock.now() });
    let result: Result;
    try {
      result = await next(call);
    } catch (error) {
      await note(call, () =>
        isWithoutEffect(error) ? store.forget(id, record.owner) : store.finish(id, unknown()),
      );
      throw error;
    }
    const json = toJson(result);
    const at = clock.now();
    await note(call, () =>
      store.finish(
        id,
        json === undefined
          ? unknown()
          : { ...record, state: "finished", at, expiresAt: at + ttlMs, result: json },
      ),
    );
    return json === undefined ? { result } : { result, kept: { json, at } };
  }

  /** Tells the store after the run: what it cannot take in must not hide what the tool said. */
  async function note({ server, tool }: Call, write: () => MaybePromise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const lost = `server '${server}', tool '${tool}': the ${store.name} store of idempotency keys did not take in how a call ended: ${reasonOf(error)}`;
      emitWarning(`${lost}. The next call with its key fails with OUTCOME_UNKNOWN`, "STORE");
    }
  }

  async function pause(call: Call, ms: number, startedAt: number): Promise<void> {
    const leftMs = (call.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
    if (leftMs <= 0) throw late(call, clock.now() - startedAt, "possible");
    try {
      await clock.sleep(Math.min(ms, leftMs), call.signal);
    } catch (error) {
      throw call.signal?.aborted ? cancelled(call, "possible") : error;
    }
  }

  function replay({ call, key }: Task, { json, at }: Kept): Result {
    const result = fromJson(json);
    if (result === undefined) throw unreadable(call, key, store.name);
    return withObtained(result, { replayed: true, ageMs: Math.max(0, clock.now() - at) });
  }
}

function hashArguments(call: Call): string {
  try {
    return hashJson(call.args);
  } catch (error) {
    throw notJson(call, error);
  }
}

/** An interrupt stops a call to ask somebody before anything is done; the graph runs it again when it has its answer. */
function isWithoutEffect(error: unknown): boolean {
  return isBatonError(error) ? error.effect === "none" : isInterrupt(error);
}
