/** Something that happened. The id makes it one event, however often it is sent. */
export interface EventInput {
  /** 1 to 256 visible ASCII characters. Of a webhook it is the header `webhook-id`. */
  readonly id: string;
  /** Letters, digits, `_`, `-` and full stops: `"laptop.requested"`. */
  readonly type: string;
  /** When it happened, ISO 8601. @default now */
  readonly timestamp?: string;
  /** Any JSON. */
  readonly data: unknown;
}

/** Which events start which workflow. */
export interface EventRule {
  /** Unique among rules and schedules: letters, digits, `_`, `-` and full stops. Part of the id of its runs. */
  readonly name: string;
  /** A type, all types under one as in `"laptop.*"`, or `"*"`. */
  readonly on: string;
  /** JSONata over `{ id, type, timestamp, data }`; the workflow starts where it is true. @default always */
  readonly when?: string;
  /** The workflow's name. */
  readonly workflow: string;
  /** JSONata over the same that gives the workflow's input. @default "data" */
  readonly input?: string;
}

/** A workflow that starts by the clock. */
export interface EventSchedule {
  /** Unique among rules and schedules. */
  readonly name: string;
  /** Five fields, or six with seconds first: `"0 9 * * 1"` is Mondays at nine. */
  readonly cron: string;
  /** A name of the IANA list: `"Europe/Berlin"`. @default "UTC" */
  readonly timezone?: string;
  readonly workflow: string;
  /** JSONata over the firing: `data` is `{ schedule, at }`. @default "data" */
  readonly input?: string;
  /** What was due while nothing ran: `"skip"` it, or make up for the last of it `"once"`. @default "skip" */
  readonly missed?: "skip" | "once";
}

export interface EventLimits {
  /** Longest body of a request. A longer one is not read to its end. @default 1_048_576 */
  readonly bodyBytes?: number;
  /** Longest time for a body to come. @default 10_000 */
  readonly bodyMs?: number;
  /** Most events taken in a minute, evenly; schedules are not counted. @default no limit */
  readonly perMinute?: number;
  /** Most runs that wait for their turn; no event is taken beyond it. @default 10_000 */
  readonly queue?: number;
  /** Most runs at a time. @default 8 */
  readonly concurrent?: number;
  /** Runs that fail, or are cut short by a crash, before one is dead. @default 5 */
  readonly attempts?: number;
  /** Longest wait before the second attempt; it doubles with each further one, up to 15 minutes. @default 1000 */
  readonly baseMs?: number;
  /** Longest time of one attempt; its signal fires then. @default 3_600_000 */
  readonly runMs?: number;
  /** How often a run that waits for a person is asked whether it may go on. @default 30_000 */
  readonly waitingMs?: number;
  /**
   * How long what is finished stays known, and with it the ids that are duplicates; 10 minutes at least.
   * @default 2_592_000_000, 30 days
   */
  readonly keepMs?: number;
}

/**
 * What became of a run, as much of it as decides what is done next; `runWorkflow()` answers so. One that was `undone` for a
 * reason that passes begins anew under another id; any other, and all that `failed`, are dead. `due` is for one that
 * `wasWaiting` and need not wait any more: it is run at once, and nobody else may work on it from now on.
 */
export interface EventRunOutcome {
  readonly status: "done" | "waiting" | "due" | "undone" | "failed";
  readonly error?: { readonly code?: string | undefined; readonly message: string } | undefined;
}

/**
 * Runs a workflow by name. When it throws, or the process ends, it is called again with the same id, never twice at a time,
 * and has to go on where it stopped. It should end soon after the signal fires.
 */
export type RunNamedWorkflow = (
  workflow: string,
  run: {
    readonly id: string;
    readonly input: unknown;
    readonly signal: AbortSignal;
    /**
     * Its last outcome was `waiting`: look whether it still does, and no more. Who decided may be working on it at this
     * moment, in another process. When this throws or is cut short, it is asked again.
     */
    readonly wasWaiting: boolean;
  },
) => Promise<EventRunOutcome>;

/**
 * Where a run is: `received` waits for its turn or its next attempt, `waiting` for a person, `skipped` is one whose `when`
 * was not true, `dead` one that is tried no more.
 */
export type EventRunState = "received" | "running" | "waiting" | "done" | "skipped" | "dead";

/** One rule's run for one event. */
export interface EventRun {
  /** The workflow's run id: the event's id, a slash and the rule's name; `~2` and so on for one that was begun anew. */
  readonly id: string;
  readonly event: string;
  readonly type: string;
  readonly rule: string;
  readonly state: EventRunState;
  readonly attempts: number;
  /** ISO 8601, like all times here. */
  readonly receivedAt: string;
  readonly changedAt: string;
  /** When it is tried or asked again. */
  readonly nextAt?: string;
  /** Why the last attempt failed. */
  readonly error?: { readonly code?: string; readonly message: string };
}

/** What became of an event that was taken. */
export interface Accepted {
  /** `duplicate`: it was taken before, and nothing runs again. */
  readonly status: "accepted" | "duplicate";
  readonly id: string;
}

/** Which runs to list. */
export interface RunFilter {
  /** @default all */
  readonly state?: EventRunState;
  /** Most runs, the newest first. @default 100 */
  readonly limit?: number;
}

/** An event and what the rules make of it. */
export interface EventRecord extends Required<EventInput> {
  readonly receivedAt: string;
  readonly runs: readonly EventRun[];
}

/** What just happened, for a log. */
export interface EventNews {
  readonly what: "accepted" | "duplicate" | "refused" | "started" | EventRunState | "warning";
  /** The event's id, or the run's, where there is one. */
  readonly id?: string;
  readonly detail?: string;
}
