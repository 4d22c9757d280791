import type { Clock } from "../../core/clock.js";
import { BatonError, reasonOf } from "../../core/errors.js";
import { later } from "../../execution/later.js";
import type { CompiledRule, CompiledSchedule } from "./check.js";
import { fireSchedules, nextFiringAt } from "./fire-schedules.js";
import type { ClaimedRun, Journal, RunChange } from "./journal.js";
import { type AttemptEnd, runEvent } from "./run-event.js";
import type { EventLimits, EventNews, RunNamedWorkflow } from "./types.js";
import type { WorkerLock } from "./worker-lock.js";

export interface WorkerOptions {
  readonly journal: Journal;
  readonly lock: WorkerLock;
  readonly rules: ReadonlyMap<string, CompiledRule>;
  readonly schedules: readonly CompiledSchedule[];
  readonly runWorkflow: RunNamedWorkflow;
  readonly limits: Required<EventLimits>;
  readonly clock: Clock;
  readonly tell: (news: EventNews) => void;
}

export interface Worker {
  /** Looks for work now. Must be called once to begin. */
  wake(): void;
  /** Takes no more, fires the signal of what runs, and waits for that up to {@link STOP_MS}. */
  stop(): Promise<void>;
}

/** How often the journal is looked at: other processes may have written to it, or the one that worked it may be gone. */
const LOOK_MS = 1000;
const FORGET_MS = 60 * 60_000;
/** A signed request may be sent again for as long: its id must not be forgotten before. */
const LEAST_KEEP_MS = 10 * 60_000;
const LONGEST_DELAY_MS = 15 * 60_000;
/** How long a run may take to come to a halt. One that does not is found at the next start. */
const STOP_MS = 20_000;

/** Works the runs of a journal, while no other process does. */
export function createWorker(options: WorkerOptions): Worker {
  const { journal, lock, rules, schedules, runWorkflow, limits, clock, tell } = options;
  const active = new Map<Promise<void>, AbortController>();
  const stopping = new AbortController();
  let isWorker = false;
  let forgetAt = 0;
  let firingAt = 0;
  let cancel = (): void => {};

  function look(): void {
    cancel();
    if (stopping.signal.aborted) return;
    const now = clock.now();
    let delayMs = LOOK_MS;
    try {
      if (!isWorker) isWorker = lock.take() && takeOver(now);
      if (isWorker) delayMs = Math.min(delayMs, Math.max(1, work(now) - now));
    } catch (error) {
      tell({ what: "warning", detail: reasonOf(error) });
    }
    // Keeps the process alive until it is stopped.
    cancel = later(clock, delayMs, look);
  }

  /** Runs that another process began and cannot be running any more. */
  function takeOver(now: number): true {
    for (const run of journal.running()) {
      const { attempts, wasWaiting } = run;
      const error = { code: "OUTCOME_UNKNOWN", message: "the process ended while it ran" };
      const change = wasWaiting ? askLater(attempts, now) : again(attempts, error, now);
      settle(run, change);
    }
    return true;
  }

  /** Starts what is due, and says when the next is. */
  function work(now: number): number {
    if (now >= forgetAt) {
      journal.forget(now - Math.max(limits.keepMs, LEAST_KEEP_MS));
      forgetAt = now + FORGET_MS;
    }
    if (now >= firingAt) {
      fireSchedules(schedules, journal, now, tell);
      firingAt = nextFiringAt(schedules, now);
    }
    while (active.size < limits.concurrent) {
      const run = journal.claim(now);
      if (run === undefined) break;
      const control = new AbortController();
      const attempt = attend(run, control).finally(() => {
        active.delete(attempt);
        look();
      });
      active.set(attempt, control);
    }
    const nextAt = active.size < limits.concurrent ? journal.nextAt() : undefined;
    return Math.min(nextAt ?? Number.POSITIVE_INFINITY, firingAt);
  }

  async function attend(run: ClaimedRun, control: AbortController): Promise<void> {
    if (!run.wasWaiting) tell({ what: "started", id: run.id, detail: `attempt ${run.attempts}` });
    let isLate = false;
    const stopTimer = clock.after(limits.runMs, () => {
      isLate = true;
      const message = `the run took longer than ${limits.runMs} milliseconds`;
      control.abort(new BatonError("TIMEOUT", message, { data: { timeoutMs: limits.runMs } }));
    });
    // A journal that cannot be written now is tried again until it can: what has run must not run again for that.
    const persist = async <T>(write: () => T): Promise<T> => {
      for (;;) {
        try {
          return write();
        } catch (error) {
          tell({ what: "warning", id: run.id, detail: reasonOf(error) });
          await clock.sleep(LOOK_MS, stopping.signal);
        }
      }
    };
    try {
      const end = await runEvent(run, rules.get(run.rule), journal, runWorkflow, control.signal).catch(
        journalFailed,
      );
      const change = changeAfter(run, end, stopping.signal.aborted, isLate);
      await persist(() => settle(run, change));
    } catch (error) {
      // It stays `running` in the journal, and is taken over at the next start.
      tell({ what: "warning", id: run.id, detail: reasonOf(error) });
    } finally {
      stopTimer();
    }
  }

  function changeAfter(run: ClaimedRun, end: AttemptEnd, isStopped: boolean, isLate: boolean): RunChange {
    const at = clock.now();
    const { attempts, wasWaiting } = run;
    switch (end.kind) {
      case "done":
      case "skipped":
        return { state: end.kind, attempts, at };
      case "waiting":
        return askLater(attempts, at);
      case "due":
        // Its turn comes as the attempt that asked: the next one is not counted twice.
        return { state: "received", attempts: Math.max(0, attempts - 1), at };
      case "failed": {
        const { error, isFinal, anew } = end;
        const isCut = isStopped && !isFinal && !anew;
        // To be stopped is no failure.
        if (isCut && !wasWaiting) return { state: "received", attempts: Math.max(0, attempts - 1), at };
        if (isCut) return { ...askLater(attempts, at), nextAt: at };
        const note = isLate ? ` (stopped after ${limits.runMs} milliseconds)` : "";
        const told = { ...error, message: `${error.message}${note}` };
        if (wasWaiting && !isFinal && !anew) return askLater(attempts, at, told);
        if (isFinal) return { state: "dead", attempts, at, error: told, anew };
        return { ...again(attempts, told, at), anew };
      }
    }
  }

  /** Whoever decided may be working on it: as it was not asked, nothing is known, and nothing may be begun. */
  function askLater(attempts: number, at: number, error?: RunChange["error"]): RunChange {
    return { state: "waiting", attempts, at, nextAt: at + limits.waitingMs, error };
  }

  /** Another attempt later, at a random time up to one that doubles, so that what failed together does not come back so. */
  function again(attempts: number, error: RunChange["error"], at: number): RunChange {
    if (attempts >= limits.attempts) return { state: "dead", attempts, at, error };
    const longestMs = Math.min(LONGEST_DELAY_MS, limits.baseMs * 2 ** Math.max(0, attempts - 1));
    return { state: "received", attempts, at, nextAt: at + longestMs * (0.5 + 0.5 * clock.random()), error };
  }

  function settle(
    { sequence, id, wasWaiting }: Pick<ClaimedRun, "sequence" | "id" | "wasWaiting">,
    change: RunChange,
  ): void {
    journal.change(sequence, change);
    const detail = change.error === undefined ? undefined : change.error.message;
    // That a run still waits is no news.
    if (wasWaiting && change.state === "waiting" && detail === undefined) return;
    tell({ what: change.state, id, ...(detail !== undefined && { detail }) });
  }

  return {
    wake: () => look(),
    async stop() {
      cancel();
      const reason = new BatonError("CANCELLED", "the events are being closed");
      stopping.abort(reason);
      for (const control of active.values()) control.abort(reason);
      let stopTimer = (): void => {};
      const patience = new Promise<void>((resolve) => {
        stopTimer = clock.after(STOP_MS, resolve);
      });
      await Promise.race([Promise.allSettled(active.keys()), patience]);
      stopTimer();
      // Else nobody may work the journal before this process has ended, and with it what still runs.
      if (active.size === 0) lock.release();
    },
  };
}

/** The journal could not keep the input, so nothing was begun. */
function journalFailed(error: unknown): AttemptEnd {
  return { kind: "failed", error: { code: "STORE", message: reasonOf(error) }, isFinal: false, anew: false };
}
