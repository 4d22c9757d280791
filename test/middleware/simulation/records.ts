import type { Call, Middleware } from "../../../src/core/call.js";
import { isBatonError } from "../../../src/core/errors.js";
import { isServerFault } from "../../../src/core/repeat.js";
import type { Result } from "../../../src/core/result.js";
import type { BreakerChange, CircuitState } from "../../../src/middleware/breaker.js";
import type { SimulationClock } from "../../support/simulation-clock.js";
import { type Facts, Interrupt, type Watcher } from "./model.js";
import type { Plan } from "./plan.js";

/** One call of a caller, and all that became of it. */
export interface Record {
  readonly call: Call;
  readonly startedAt: number;
  /** When it must have settled. */
  readonly dueAt: number;
  readonly wasAborted: boolean;
  /** The newest version that a write which had ended before had made. */
  readonly mustSee: number;
  abortedAt: number | undefined;
  outcome: string | undefined;
  attempts: number;
  running: number;
  effects: number;
  /** An attempt has ended in a way that leaves open whether it had its effect. */
  isUncertain: boolean;
}

export interface Records {
  readonly watcher: Watcher;
  /** Stands directly inside of the breaker. */
  readonly inside: Middleware;
  onBreaker(change: BreakerChange): void;
  readonly count: number;
  /** Calls that have not yet settled. */
  readonly unsettled: number;
  open(call: Call): Record;
  aborted(signal: AbortSignal): void;
  succeeded(record: Record, result: Result): void;
  failed(record: Record, error: unknown): void;
  /** A call of the same tenant with a key, to be made again. */
  anyKeyed(server: string, tenant: string | undefined): Call | undefined;
  violation(what: string): void;
  finish(): void;
  summary(): { violations: string[]; history: string[]; calls: number; succeeded: number };
}

/** Keeps the books of a run, and compares them with what the stack promises. */
export function createRecords(clock: SimulationClock, plan: Plan): Records {
  const start = clock.now();
  const records = new Map<string, Record>();
  const history: string[] = [];
  const violations: string[] = [];
  const running = new Map<string, number>();
  const breakers = new Map<string, { state: CircuitState; probes: number }>();
  /** Newest version that a caller knows to be there, by server and tenant. */
  const known = new Map<string, number>();
  const finishedKeys = new Set<string>();
  const stores = new Map(plan.servers.map(({ name, store }) => [name, store]));
  let succeeded = 0;
  let unsettled = 0;

  const note = (line: string): void => void history.push(`${clock.now() - start} ${line}`);
  const violation = (what: string): void => {
    note(`VIOLATION ${what}`);
    violations.push(`at ${clock.now() - start} ms: ${what}`);
  };
  const placeOf = (call: Call): string => `${stores.get(call.server)} ${call.caller?.tenant ?? ""}`;
  const keyOf = (call: Call): string => `${placeOf(call)} ${call.idempotencyKey}`;

  const watcher: Watcher = {
    onAttempt(call, fate) {
      const record = records.get(call.id) as Record;
      note(`call ${call.id} attempt at ${call.server}: ${fate}`);
      // One that found no connection is no attempt.
      if (fate !== "refused") record.attempts++;
      record.running++;
      const now = running.get(call.server) ?? 0;
      running.set(call.server, now + 1);
      const who = `call ${call.id} (${call.tool})`;
      if (now >= plan.concurrent) violation(`${now + 1} attempts run at server ${call.server}`);
      if (record.outcome !== undefined) violation(`${who} is tried after it settled`);
      if (clock.now() >= record.dueAt) violation(`${who} is tried after its deadline`);
      if (record.abortedAt !== undefined) violation(`${who} is tried after it was cancelled`);
      if (record.isUncertain && call.tool === "append")
        violation(`${who} is tried again after a possible effect`);
      if (call.idempotencyKey !== record.call.idempotencyKey) violation(`${who} is tried with another key`);
      if (call.idempotencyKey !== undefined && finishedKeys.has(keyOf(call)))
        violation(`${who} is run though its key has a result`);
      const most =
        (record.call.settings?.retry === false ? 1 : plan.attempts) * (call.tool === "look" ? 2 : 1);
      if (record.attempts > most) violation(`${who} is tried ${record.attempts} times`);
      if (call.caller?.agent === plan.guest && call.server === "c")
        violation(`${who} is forbidden and is tried`);
      if (call.server !== record.call.server && call.tool !== "look") violation(`${who} is hedged`);
    },
    onEffect(call) {
      const record = records.get(call.id) as Record;
      note(`call ${call.id} effect`);
      record.effects++;
      if (record.effects > 1 && call.tool !== "set")
        violation(`call ${call.id} (${call.tool}) has its effect twice`);
    },
    onEnd(call, how) {
      const record = records.get(call.id) as Record;
      note(`call ${call.id} attempt ends: ${how}`);
      record.running--;
      running.set(call.server, (running.get(call.server) ?? 0) - 1);
      if (how !== "NOT_CONNECTED" && how !== "RATE_LIMITED" && how !== "INVALID_ARGUMENTS")
        record.isUncertain = true;
    },
  };

  function settle(record: Record, outcome: string): void {
    const { call, abortedAt, dueAt } = record;
    note(`call ${call.id} settles: ${outcome}`);
    const who = `call ${call.id} (${call.tool})`;
    if (record.outcome === undefined) unsettled--;
    else violation(`${who} settles twice`);
    record.outcome = outcome;
    if (clock.now() > dueAt)
      violation(`${who} settles ${clock.now() - dueAt} ms after its deadline with ${outcome}`);
    if (abortedAt !== undefined && clock.now() > abortedAt)
      violation(`${who} settles ${clock.now() - abortedAt} ms after it was cancelled`);
    if (record.running > 0) violation(`${who} settles while ${record.running} attempts of it run`);
  }

  return {
    watcher,
    violation,
    get count() {
      return records.size;
    },
    get unsettled() {
      return unsettled;
    },
    open(call) {
      unsettled++;
      const { signal, deadline = Number.POSITIVE_INFINITY } = call;
      const { totalMs = plan.totalMs } = (call.settings?.timeout ?? {}) as { totalMs?: number };
      const record: Record = {
        call,
        startedAt: clock.now(),
        dueAt: Math.max(clock.now(), Math.min(deadline, clock.now() + totalMs)),
        wasAborted: signal?.aborted === true,
        mustSee: known.get(placeOf(call)) ?? 0,
        abortedAt: signal?.aborted ? clock.now() : undefined,
        outcome: undefined,
        attempts: 0,
        running: 0,
        effects: 0,
        isUncertain: false,
      };
      records.set(call.id, record);
      note(
        `call ${call.id} ${call.server}.${call.tool} ${JSON.stringify(call.args)} ${call.idempotencyKey ?? ""}`,
      );
      return record;
    },
    aborted(signal) {
      for (const record of records.values()) {
        if (record.call.signal !== signal || record.outcome !== undefined) continue;
        note(`call ${record.call.id} is cancelled`);
        record.abortedAt ??= clock.now();
      }
    },
    succeeded(record, result) {
      const { call } = record;
      const facts = result.structuredContent as Facts;
      const { cache, ageMs = 0 } = result.obtained ?? {};
      settle(record, result.isError ? "tool failed" : "answered");
      note(`call ${call.id} has ${JSON.stringify([facts, result.obtained])}`);
      succeeded++;
      const who = `call ${call.id} (${call.tool})`;
      const place = placeOf(call);
      if (`${facts.store} ${facts.tenant}` !== place || facts.tool !== call.tool || facts.k !== call.args.k)
        violation(`${who} has the answer to another call`);
      if (call.tool === "look" && facts.version < record.mustSee)
        violation(`${who} sees version ${facts.version} after ${record.mustSee} was written`);
      if (cache === "hit" && ageMs > (plan.cacheMs ?? 0)) violation(`${who} has a result of ${ageMs} ms ago`);
      if (result.isError) return;
      if (call.tool !== "look") known.set(place, Math.max(known.get(place) ?? 0, facts.version));
      if (call.idempotencyKey !== undefined) finishedKeys.add(keyOf(call));
    },
    failed(record, error) {
      const isKnown = isBatonError(error);
      settle(record, isKnown ? error.code : String(error));
      const who = `call ${record.call.id} (${record.call.tool})`;
      if (!isKnown && !(error instanceof Interrupt)) violation(`${who} fails with ${String(error)}`);
      if (isKnown && error.effect === "none" && record.effects > 0 && record.call.tool === "append")
        violation(`${who} had its effect and says none`);
    },
    anyKeyed(server, tenant) {
      const calls = [...records.values()].map(({ call }) => call);
      return calls.findLast(
        (call) =>
          call.idempotencyKey !== undefined && call.server === server && call.caller?.tenant === tenant,
      );
    },
    async inside(call, next) {
      const breaker = breakers.get(call.server);
      if (breaker?.state === "open") violation(`a call passes the open breaker of ${call.server}`);
      if (breaker?.state === "half-open" && ++breaker.probes > plan.halfOpen)
        violation(`${breaker.probes} probes of ${call.server}`);
      try {
        return await next(call);
      } catch (error) {
        // It said nothing on the server, so another one may be tried in its place.
        if (breaker && !isServerFault(error)) breaker.probes--;
        throw error;
      }
    },
    onBreaker({ server, to }) {
      note(`breaker of ${server}: ${to}`);
      breakers.set(server, { state: to, probes: 0 });
    },
    finish() {
      for (const { call, outcome } of records.values()) {
        if (outcome === undefined) violation(`call ${call.id} (${call.tool}) never settles`);
      }
    },
    summary: () => ({ violations, history, calls: records.size, succeeded }),
  };
}
