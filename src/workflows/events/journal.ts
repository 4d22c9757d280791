import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { BatonError, reasonOf } from "../../core/errors.js";
import { TABLES, VERSION } from "./journal-tables.js";
import { createPrivateFile } from "./private-file.js";
import type { EventRun, EventRunState } from "./types.js";

/** This process stands still while it waits for another one's write. */
const BUSY_MS = 2000;

/** An event as it is kept. */
export interface KeptEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
  /** Of type, timestamp and data: the same id with another hash is a conflict. */
  readonly hash: string;
}

/** A run whose turn it is. */
export interface ClaimedRun {
  /** Of the row. */
  readonly sequence: number;
  /** The workflow's run id. */
  readonly id: string;
  readonly rule: string;
  /** The one that begins counts. */
  readonly attempts: number;
  /** JSON; null before the first attempt. */
  readonly input: string | null;
  /** For a person, when it was last asked. */
  readonly wasWaiting: boolean;
  /** Undefined when the file does not have it any more, or not as it was. */
  readonly event: (Omit<KeptEvent, "hash"> & { readonly receivedAt: number }) | undefined;
}

/** What a run is from now on. */
export interface RunChange {
  readonly state: EventRunState;
  readonly attempts: number;
  readonly at: number;
  /** @default `at` */
  readonly nextAt?: number;
  readonly error?: EventRun["error"] | undefined;
  /** The workflow's run is over for good: the next attempt begins another one, with an input of its own. @default false */
  readonly anew?: boolean;
}

/** The file that events and their runs are kept in; {@link openJournal}. Each method is one transaction, on the disk when it returns. */
export interface Journal {
  /** Keeps an event and a run for each of the rules. */
  add(event: KeptEvent, rules: readonly string[], at: number): "added" | "duplicate" | "conflict";
  /** How many runs wait for their turn, counted up to `most`. */
  queued(most: number): number;
  /** The next run that is due, now `running`; none when undefined. */
  claim(now: number): ClaimedRun | undefined;
  keepInput(sequence: number, input: string): void;
  change(sequence: number, change: RunChange): void;
  /** Runs that say `running`. */
  running(): readonly Pick<ClaimedRun, "sequence" | "id" | "attempts" | "wasWaiting">[];
  /** When the next run is due; undefined when none is planned. */
  nextAt(): number | undefined;
  /** Up to when a schedule's firings were looked at; `at` for one that is new. */
  seenAt(schedule: string, at: number): number;
  /** Moves that time, and keeps the event of a firing, if there is one. */
  fire(schedule: string, at: number, event: KeptEvent | undefined): void;
  /** Forgets events received before a time of which no run is open or dead. Returns how many. */
  forget(before: number): number;
  readonly database: Database;
  close(): void;
}

/**
 * Opens a journal: a SQLite file, for its owner alone, made with its folder when missing. Processes of one machine may
 * share it.
 *
 * @throws {BatonError} `STORE` when it cannot be opened
 */
export async function openJournal(path: string, { create = true } = {}): Promise<Journal> {
  let database: Database | undefined;
  try {
    const { default: Sqlite } = await import("better-sqlite3");
    if (create) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Made here, as SQLite would make it for everybody to read; its other files take after this one.
      createPrivateFile(path);
    }
    database = new Sqlite(path, { timeout: BUSY_MS, fileMustExist: !create });
    if (!create) throwIfForeign(database);
    database.pragma("journal_mode = WAL");
    // NORMAL may lose the last transactions with the power: events that were acknowledged.
    database.pragma("synchronous = FULL");
    database.transaction((opened: Database) => opened.exec(TABLES)).immediate(database);
    const version = database.prepare<[], number>("SELECT version FROM langbaton_event_journal").pluck().get();
    if (version === VERSION) return journalIn(database, path);
    throw new Error(
      `it has version ${version}, and this langbaton knows version ${VERSION}: update langbaton`,
    );
  } catch (error) {
    database?.close();
    throw storeError(path, error);
  }
}

/** Before anything is written: somebody may have named the wrong file. */
function throwIfForeign(database: Database): void {
  const select = "SELECT 1 FROM sqlite_master WHERE name = 'langbaton_event_journal'";
  if (database.prepare(select).get() === undefined)
    throw new Error("it is no journal of events: check the path");
}

/** What went wrong with a journal, and what to do. */
export function storeError(path: string, error: unknown): BatonError {
  if (error instanceof BatonError) return error;
  const cure = "check that the file's disk has room, and that this user may write to it and its folder";
  return new BatonError("STORE", `the journal '${path}' cannot be used: ${reasonOf(error)}; ${cure}`, {
    cause: error,
    retryable: true,
    data: { store: path },
  });
}

interface ClaimedRow {
  readonly sequence: number;
  readonly event: string;
  readonly rule: string;
  readonly attempts: number;
  readonly generation: number;
  readonly input: string | null;
  readonly was_waiting: number;
}

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: string;
  readonly hash: string;
  readonly received_at: number;
}

/** The id of a rule's run for an event. Neither a rule's name nor `~2` has a slash, so it can be taken apart. */
export function runId(event: string, rule: string, generation: number): string {
  return `${event}/${rule}${generation === 1 ? "" : `~${generation}`}`;
}

function journalIn(database: Database, path: string): Journal {
  const insertEvent = database.prepare<[string, string, string, string, string, number]>(
    `INSERT INTO langbaton_events (id, type, timestamp, data, hash, received_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const insertRun = database.prepare<[string, string, number, number]>(
    "INSERT INTO langbaton_event_runs (event, rule, state, next_at, changed_at) VALUES (?, ?, 'received', ?, ?)",
  );
  const selectEvent = database.prepare<[string], EventRow>("SELECT * FROM langbaton_events WHERE id = ?");
  const countQueued = database
    .prepare<[number], number>(
      "SELECT count(*) FROM (SELECT 1 FROM langbaton_event_runs WHERE state = 'received' LIMIT ?)",
    )
    .pluck();
  // Asking a run that waits whether it may go on is no attempt.
  const claimRun = database.prepare<[number, number], ClaimedRow>(
    `UPDATE langbaton_event_runs
     SET attempts = attempts + (state = 'received'), generation = generation + anew, input = iif(anew, NULL, input),
       anew = 0, was_waiting = (state = 'waiting'), state = 'running', changed_at = ?
     WHERE sequence = (SELECT sequence FROM langbaton_event_runs
       WHERE state IN ('received', 'waiting') AND next_at <= ? ORDER BY next_at LIMIT 1)
     RETURNING *`,
  );
  const updateInput = database.prepare<[string, number]>(
    "UPDATE langbaton_event_runs SET input = ? WHERE sequence = ?",
  );
  const updateRun = database.prepare<[string, number, number, number, string | null, number, number]>(
    `UPDATE langbaton_event_runs SET state = ?, attempts = ?, next_at = ?, changed_at = ?, error = ?, anew = ?
     WHERE sequence = ?`,
  );
  const selectRunning = database.prepare<[], ClaimedRow>(
    "SELECT * FROM langbaton_event_runs WHERE state = 'running' ORDER BY sequence",
  );
  const selectNext = database
    .prepare<[], number>(
      "SELECT next_at FROM langbaton_event_runs WHERE state IN ('received', 'waiting') ORDER BY next_at LIMIT 1",
    )
    .pluck();
  const insertSchedule = database.prepare<[string, number]>(
    "INSERT OR IGNORE INTO langbaton_schedules (name, seen_at) VALUES (?, ?)",
  );
  const selectSchedule = database
    .prepare<[string], number>("SELECT seen_at FROM langbaton_schedules WHERE name = ?")
    .pluck();
  const updateSchedule = database.prepare<[number, string, number]>(
    "UPDATE langbaton_schedules SET seen_at = ? WHERE name = ? AND seen_at < ?",
  );
  const forgettable = `SELECT id FROM langbaton_events WHERE received_at < ? AND NOT EXISTS
    (SELECT 1 FROM langbaton_event_runs WHERE event = langbaton_events.id AND state NOT IN ('done', 'skipped'))`;
  const forgetRuns = database.prepare<[number]>(
    `DELETE FROM langbaton_event_runs WHERE event IN (${forgettable})`,
  );
  const forgetEvents = database.prepare<[number]>(
    `DELETE FROM langbaton_events WHERE id IN (${forgettable})`,
  );

  const addNow = ({ id, type, timestamp, data, hash }: KeptEvent, rules: readonly string[], at: number) => {
    const { changes } = insertEvent.run(id, type, timestamp, JSON.stringify(data), hash, at);
    if (changes === 0) return selectEvent.get(id)?.hash === hash ? "duplicate" : "conflict";
    for (const rule of rules) insertRun.run(id, rule, at, at);
    return "added";
  };
  const transaction = database.transaction((work: () => unknown) => work());
  const write = <T>(work: () => T): T => guarded(() => transaction.immediate(work) as T);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storeError(path, error);
    }
  };

  return {
    add: (event, rules, at) => write(() => addNow(event, rules, at)),
    queued: (most) => guarded(() => countQueued.get(most) ?? 0),
    claim: (now) =>
      write(() => {
        const row = claimRun.get(now, now);
        if (row === undefined) return undefined;
        const { rule, input } = row;
        return { ...toRunning(row), rule, input, event: toEvent(selectEvent.get(row.event)) };
      }),
    keepInput: (sequence, input) => void guarded(() => updateInput.run(input, sequence)),
    change(sequence, { state, attempts, at, nextAt = at, error, anew = false }) {
      const text = error === undefined ? null : JSON.stringify(error);
      guarded(() => updateRun.run(state, attempts, Math.round(nextAt), at, text, Number(anew), sequence));
    },
    running: () => guarded(() => selectRunning.all().map(toRunning)),
    nextAt: () => guarded(() => selectNext.get()),
    seenAt: (schedule, at) =>
      write(() => {
        insertSchedule.run(schedule, at);
        return selectSchedule.get(schedule) ?? at;
      }),
    fire: (schedule, at, event) =>
      write(() => {
        if (event !== undefined) addNow(event, [schedule], at);
        updateSchedule.run(at, schedule, at);
      }),
    forget: (before) =>
      write(() => {
        forgetRuns.run(before);
        return forgetEvents.run(before).changes;
      }),
    database,
    close: () => void database.close(),
  };
}

function toRunning({ sequence, event, rule, generation, attempts, was_waiting }: ClaimedRow) {
  return { sequence, id: runId(event, rule, generation), attempts, wasWaiting: was_waiting === 1 };
}

function toEvent(row: EventRow | undefined): ClaimedRun["event"] {
  if (row === undefined) return undefined;
  const { id, type, timestamp, data, received_at } = row;
  try {
    return { id, type, timestamp, data: JSON.parse(data), receivedAt: received_at };
  } catch {
    // One that cannot be read must not hold up the others.
    return undefined;
  }
}
