import { BatonError } from "../../core/errors.js";
import { type Journal, runId, storeError } from "./journal.js";
import type { EventRecord, EventRun, EventRunState, RunFilter } from "./types.js";

interface RunRow {
  readonly sequence: number;
  readonly event: string;
  readonly type: string;
  readonly rule: string;
  readonly state: EventRunState;
  readonly attempts: number;
  readonly generation: number;
  readonly next_at: number;
  readonly changed_at: number;
  readonly received_at: number;
  readonly error: string | null;
  readonly anew: number;
}

const RUNS = `SELECT runs.*, events.type, events.received_at FROM langbaton_event_runs AS runs
  JOIN langbaton_events AS events ON events.id = runs.event`;

/** What a journal knows of its runs, the newest first. */
export function listRuns(journal: Journal, { state, limit = 100 }: RunFilter = {}): readonly EventRun[] {
  const most = Number.isFinite(limit) ? limit : -1;
  return reading(journal, () => {
    const rows =
      state === undefined
        ? journal.database.prepare<[number], RunRow>(`${RUNS} ORDER BY runs.sequence DESC LIMIT ?`).all(most)
        : journal.database
            .prepare<[string, number], RunRow>(
              `${RUNS} WHERE runs.state = ? ORDER BY runs.sequence DESC LIMIT ?`,
            )
            .all(state, most);
    return rows.map(toRun);
  });
}

/** An event by its id, or by that of one of its runs, with all its runs. */
export function findEvent(journal: Journal, id: string): EventRecord | undefined {
  return reading(journal, () => {
    const select = journal.database.prepare<
      [string],
      { id: string; type: string; timestamp: string; data: string; received_at: number }
    >("SELECT * FROM langbaton_events WHERE id = ?");
    const row = select.get(id) ?? select.get(partsOf(id)?.event ?? id);
    if (row === undefined) return undefined;
    return {
      id: row.id,
      type: row.type,
      timestamp: row.timestamp,
      data: JSON.parse(row.data),
      receivedAt: toIso(row.received_at),
      runs: runsOf(journal, row.id).map(toRun),
    };
  });
}

/**
 * Gives dead runs their attempts back, one run or all of an event. One whose workflow is over for good, undone for
 * example, begins anew under another id. Returns the ids.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when there is no such dead run
 */
export function retryRuns(journal: Journal, id: string, now: number): readonly string[] {
  const update = journal.database.prepare<[number, number, number]>(
    `UPDATE langbaton_event_runs
     SET state = 'received', attempts = 0, next_at = ?, changed_at = ?
     WHERE sequence = ? AND state = 'dead'`,
  );
  return writing(journal, () => {
    const dead = named(journal, id).filter(({ state }) => state === "dead");
    if (dead.length === 0) throw nothing(journal, id, "dead");
    for (const { sequence } of dead) update.run(now, now, sequence);
    return dead.map(({ event, rule, generation, anew }) => runId(event, rule, generation + anew));
  });
}

/**
 * Has runs that wait for a person go on now, one run or all of an event. Nobody else may be working on them. Returns the
 * ids.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when there is no such run
 */
export function resumeRuns(journal: Journal, id: string, now: number): readonly string[] {
  const update = journal.database.prepare<[number, number]>(
    `UPDATE langbaton_event_runs SET state = 'received', attempts = attempts - 1, next_at = ?
     WHERE sequence = ? AND state = 'waiting'`,
  );
  return writing(journal, () => {
    const waiting = named(journal, id).filter(({ state }) => state === "waiting");
    if (waiting.length === 0) throw nothing(journal, id, "waiting");
    for (const { sequence } of waiting) update.run(now, sequence);
    return waiting.map(({ event, rule, generation }) => runId(event, rule, generation));
  });
}

/** The runs that an id stands for: all of an event, or one. */
function named(journal: Journal, id: string): readonly RunRow[] {
  const runs = runsOf(journal, id);
  if (runs.length > 0) return runs;
  const parts = partsOf(id);
  if (parts === undefined) return [];
  return runsOf(journal, parts.event).filter(
    (run) => run.rule === parts.rule && runId(run.event, run.rule, run.generation) === id,
  );
}

function runsOf({ database }: Journal, event: string): readonly RunRow[] {
  return database.prepare<[string], RunRow>(`${RUNS} WHERE runs.event = ? ORDER BY runs.sequence`).all(event);
}

function partsOf(id: string): { readonly event: string; readonly rule: string } | undefined {
  const [, event, rule] = /^(.+)\/([\w.-]+)(?:~\d+)?$/s.exec(id) ?? [];
  return event === undefined || rule === undefined ? undefined : { event, rule };
}

function toRun(row: RunRow): EventRun {
  const isPlanned = row.state === "received" || row.state === "waiting";
  return {
    id: runId(row.event, row.rule, row.generation),
    event: row.event,
    type: row.type,
    rule: row.rule,
    state: row.state,
    attempts: row.attempts,
    receivedAt: toIso(row.received_at),
    changedAt: toIso(row.changed_at),
    ...(isPlanned && { nextAt: toIso(row.next_at) }),
    ...(row.error !== null && { error: JSON.parse(row.error) as NonNullable<EventRun["error"]> }),
  };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

/** One state of the file; waits for nobody. */
function reading<T>({ database }: Journal, work: () => T): T {
  try {
    return database.transaction(work).deferred();
  } catch (error) {
    throw storeError(database.name, error);
  }
}

/** All of it or nothing. */
function writing<T>({ database }: Journal, work: () => T): T {
  try {
    return database.transaction(work).immediate();
  } catch (error) {
    throw storeError(database.name, error);
  }
}

function nothing({ database }: Journal, id: string, state: string): BatonError {
  return new BatonError(
    "INVALID_ARGUMENTS",
    `'${database.name}' has no ${state} run '${id}': langbaton events list shows the ids of events and runs, and their states`,
  );
}
