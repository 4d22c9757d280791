import type { Hono } from "hono";
import { type Clock, systemClock } from "../core/clock.js";
import { throwFaults, unknownKeys } from "../core/faults.js";
import { harmless } from "../execution/notify.js";
import { compileParts, LIMITS, partsSchema, pathOf, secretKeys, shapeFaults } from "./events/check.js";
import { createEventsApp } from "./events/http.js";
import { createIntake } from "./events/intake.js";
import { type Journal, openJournal } from "./events/journal.js";
import { findEvent, listRuns, resumeRuns, retryRuns } from "./events/journal-view.js";
import { refused } from "./events/refusal.js";
import { createVerify } from "./events/signature.js";
import type {
  Accepted,
  EventInput,
  EventLimits,
  EventNews,
  EventRecord,
  EventRule,
  EventRun,
  EventSchedule,
  RunFilter,
  RunNamedWorkflow,
} from "./events/types.js";
import { createWorker, type Worker } from "./events/worker.js";
import { createWorkerLock } from "./events/worker-lock.js";
import type { WorkflowGraph } from "./workflow.js";

export { type EventsServer, type ServeEventsOptions, serveEvents } from "./events/serve.js";
export type * from "./events/types.js";

export interface EventsOptions {
  /** The path of the SQLite file that events are kept in, on a local disk. */
  readonly journal: string;
  /** By name, each with a checkpointer; or what runs one by its name. */
  readonly workflows: Readonly<Record<string, WorkflowGraph>> | RunNamedWorkflow;
  /** @default none */
  readonly rules?: readonly EventRule[];
  /** @default none */
  readonly schedules?: readonly EventSchedule[];
  /**
   * Secrets that webhooks may be signed with, `whsec_` and base64: several while one replaces another. `"unsigned"` takes
   * everything that comes from this machine. @default none: no webhook is taken, only what `deliver()` is given
   */
  readonly secrets?: readonly string[] | "unsigned";
  readonly limits?: EventLimits;
  /** Hears of everything that happens, for a log. Must not throw; one that does is warned of. */
  readonly onNews?: (news: EventNews) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** What takes events and starts workflows by them; made by `createEvents()`. */
export interface Events {
  /** `POST /events` and `GET /health`, for a server that is there already; `serveEvents()` is one. */
  readonly app: Hono;
  /** False when it takes unsigned events. */
  readonly signed: boolean;
  /** Longest time for a request's body to come. */
  readonly bodyMs: number;
  /** Begins to work: what is due, and what a process that ended has left. Keeps the process alive until `close()`. */
  start(): Promise<void>;
  /** Takes no more, lets what runs come to a halt, and closes the journal. */
  close(): Promise<void>;
  /**
   * Takes an event from this program. It is on the disk when this returns.
   *
   * @throws {BatonError} whose `data.refusal` says why it is not taken
   */
  deliver(event: EventInput): Promise<Accepted>;
  /** Runs, the newest first. */
  list(filter?: RunFilter): Promise<readonly EventRun[]>;
  /** Runs that are tried no more. */
  dead(): Promise<readonly EventRun[]>;
  /** An event by its id or that of a run. */
  find(id: string): Promise<EventRecord | undefined>;
  /** Gives a dead run, or all dead runs of an event, their attempts back. Returns the runs' ids. */
  retry(id: string): Promise<readonly string[]>;
  /**
   * Has a run that waits for a person go on now instead of when it is asked next; also one whose decision's process has
   * ended in the middle. Returns the runs' ids.
   */
  resume(id: string): Promise<readonly string[]>;
}

/**
 * Starts workflows when something happens: a signed webhook, a program's event, a time. An event is acknowledged when it is
 * on the disk, works once whatever its sender repeats, and is tried again until its workflow is done or it is dead. Several
 * processes may take events for one journal; one of them works it, and another takes over within a second when it ends.
 *
 * @throws {BatonError} `CONFIG_INVALID` with all that is wrong
 * @example
 * ```ts
 * const events = createEvents({
 *   journal: "data/events.db",
 *   workflows: { "provision-laptop": provision },
 *   rules: [{ name: "laptops", on: "laptop.requested", workflow: "provision-laptop" }],
 *   secrets: [process.env.WEBHOOK_SECRET ?? ""],
 * });
 * const server = await serveEvents(events, { port: 8080 });
 * ```
 */
export function createEvents(options: EventsOptions): Events {
  const { workflows, secrets = [], clock = systemClock } = options;
  const { rules, schedules, keys } = check(options);
  const tell = harmless("createEvents()", options.onNews) ?? (() => {});
  const limits: Required<EventLimits> = { ...LIMITS, ...given(options.limits) };
  const runWorkflow =
    typeof workflows === "function"
      ? (workflows as RunNamedWorkflow)
      : runner(workflows as Readonly<Record<string, WorkflowGraph>>, clock);
  let opening: Promise<Journal> | undefined;
  let starting: Promise<Worker> | undefined;
  let closing: Promise<void> | undefined;

  function journal(): Promise<Journal> {
    if (closing) return Promise.reject(refused("closing", "the events are closed: make others"));
    opening ??= openJournal(options.journal).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }
  const begin = async (): Promise<Worker> => {
    const parts = { rules, schedules, runWorkflow, limits, clock, tell };
    const opened = await journal();
    const lock = await createWorkerLock(options.journal);
    const worker = createWorker({ ...parts, journal: opened, lock });
    worker.wake();
    return worker;
  };
  const end = async (): Promise<void> => {
    await (await starting?.catch(() => undefined))?.stop();
    (await opening?.catch(() => undefined))?.close();
  };
  const wake = (): void => void starting?.then((worker) => worker.wake()).catch(() => {});
  const take = createIntake({ rules: options.rules ?? [], limits, clock, journal, tell, wake });
  const verify = secrets === "unsigned" ? undefined : createVerify(keys, clock);

  return {
    app: createEventsApp({ take, verify, limits, clock, tell, isClosing: () => closing !== undefined }),
    signed: secrets !== "unsigned",
    bodyMs: limits.bodyMs,
    deliver: take,
    async start() {
      starting ??= begin().catch((error: unknown) => {
        starting = undefined;
        throw error;
      });
      await starting;
    },
    close() {
      closing ??= end();
      return closing;
    },
    list: async (filter) => listRuns(await journal(), filter),
    dead: async () => listRuns(await journal(), { state: "dead", limit: Number.POSITIVE_INFINITY }),
    find: async (id) => findEvent(await journal(), id),
    async retry(id) {
      const runs = retryRuns(await journal(), id, clock.now());
      wake();
      return runs;
    },
    async resume(id) {
      const runs = resumeRuns(await journal(), id, clock.now());
      wake();
      return runs;
    },
  };
}

const KEYS = ["journal", "workflows", "rules", "schedules", "secrets", "limits", "onNews", "clock"];

function check(options: EventsOptions) {
  const { journal, workflows, rules, schedules, secrets = [], limits } = options;
  const faults = [...unknownKeys("", options, KEYS)];
  if (typeof journal !== "string" || /^$|^:memory:$|^~|\0/.test(journal))
    faults.push({ path: "journal", problem: "must be the path of a file, with the home folder written out" });
  const known = typeof workflows === "object" && workflows !== null ? workflows : undefined;
  if (known === undefined && typeof workflows !== "function")
    faults.push({ path: "workflows", problem: "must be workflows by name, or a function that runs one" });
  const shape = partsSchema.safeParse({ rules, schedules, limits, secrets: options.secrets });
  const found = shape.success ? [] : [...shapeFaults(shape.error)];
  const compiled = compileParts(
    { ...(rules && { rules }), ...(schedules && { schedules }) },
    (name) => known === undefined || Object.hasOwn(known, name),
  );
  const hasSecrets = secrets !== "unsigned" && partsSchema.shape.secrets.safeParse(options.secrets).success;
  const signing = hasSecrets ? secretKeys(secrets) : { keys: [], faults: [] };
  for (const { path, problem, fix } of [...found, ...compiled.faults, ...signing.faults])
    faults.push({ path: pathOf(path), problem: `${problem}. ${fix}` });
  throwFaults("createEvents()", faults);
  return { ...compiled, keys: signing.keys };
}

/** A limit that is given as undefined is not given. */
function given(limits: EventLimits = {}): EventLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function runner(workflows: Readonly<Record<string, WorkflowGraph>>, clock: Clock): RunNamedWorkflow {
  return async (name, { wasWaiting, ...run }) => {
    // Only a process that runs workflows pays for LangGraph.
    const { getRun, runWorkflow } = await import("./run.js");
    const workflow = workflows[name] as WorkflowGraph;
    if (!wasWaiting) return runWorkflow(workflow, run);
    const known = await getRun(workflow, run.id);
    if (known === undefined) return { status: "due" };
    // Only one process may work on a run, and whoever decided goes on with it.
    if (known.status === "running") return { status: "waiting" };
    const isDue =
      known.status === "waiting" && known.approvals.some(({ expiresAt }) => expiresAt <= clock.now());
    return isDue ? { status: "due" } : known;
  };
}
