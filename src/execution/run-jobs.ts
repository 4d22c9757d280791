import { type Clock, systemClock } from "../core/clock.js";
import { type BatonError, isInterrupt } from "../core/errors.js";
import { late, toBatonError } from "./failure.js";
import type { Failed, Job, JobEvent, Settled } from "./job.js";
import { later } from "./later.js";
import { harmless } from "./notify.js";
import type { Scope } from "./scope.js";

/** What all functions that run jobs take. */
export interface RunJobsOptions {
  readonly timeoutMs?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Starts the next job so long after the one before, or when that one fails. @default 0, all at once */
  readonly delayMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
}

/** What is known of the jobs so far. */
export interface Progress<T> {
  /** How many jobs there are. */
  readonly total: number;
  /** In the order in which they came. */
  readonly results: readonly Settled<T>[];
  readonly errors: readonly Failed[];
  /** By the place of the job; undefined while it is not over. */
  readonly ends: readonly (Settled<T> | Failed | undefined)[];
}

export interface Run<T> {
  /** For messages: "fanOut()". */
  readonly what: string;
  readonly scope: Scope;
  /** When the time that `timeoutMs` limits began. */
  readonly beganAt: number;
  /** Asked before the first job and after each end: whether the others can be left. */
  isEnough(progress: Progress<T>): boolean;
}

/**
 * Runs jobs until all are over, enough is known, or time is up; what is not over then failed with `TIMEOUT`. It rejects only
 * with an interrupt. When the scope ends first it never settles, and starts nothing more.
 */
export function runJobs<T>(
  jobs: readonly Job<T>[],
  options: RunJobsOptions,
  { what, scope, beganAt, isEnough }: Run<T>,
): Promise<Progress<T>> {
  const { timeoutMs, concurrency = Number.POSITIVE_INFINITY, delayMs = 0, clock = systemClock } = options;
  const results: Settled<T>[] = [];
  const errors: Failed[] = [];
  const ends: (Settled<T> | Failed | undefined)[] = jobs.map(() => undefined);
  const progress = { total: jobs.length, results, errors, ends };
  /** As many as have been started. */
  const startedAt: number[] = [];
  const onEvent = harmless(what, options.onEvent);
  let running = 0;
  let isOver = false;
  let stopTimer: (() => void) | undefined;
  let stopDelay: (() => void) | undefined;

  return new Promise((resolve, reject) => {
    const nameOf = (index: number): string => jobs[index]?.name ?? "";
    const tell = (index: number, status: JobEvent["status"], error?: BatonError): void => {
      const event = { type: "job", job: nameOf(index), status, at: clock.now() } as const;
      onEvent?.(error === undefined ? event : { ...event, error });
    };

    function stop(): void {
      if (isOver) return;
      isOver = true;
      stopTimer?.();
      stopDelay?.();
      for (const index of startedAt.keys()) if (ends[index] === undefined) tell(index, "cancelled");
    }

    function settleIfOver(): void {
      if (errors.length + results.length < jobs.length && !isEnough(progress)) return;
      stop();
      resolve(progress);
    }

    function fail(index: number, error: BatonError): void {
      const began = startedAt[index];
      const failed = {
        name: nameOf(index),
        error,
        durationMs: began === undefined ? 0 : clock.now() - began,
      };
      ends[index] = failed;
      errors.push(failed);
      tell(index, "failed", error);
    }

    function start(job: Job<T>): void {
      const index = startedAt.length;
      const began = clock.now();
      startedAt.push(began);
      running++;
      tell(index, "started");
      // Whoever listens may have given up.
      if (isOver) return;
      scope.told = { effect: "possible" };
      started(job, scope.signal).then(
        (value) => {
          if (isOver) return;
          running--;
          const settled = { name: job.name, value, durationMs: clock.now() - began };
          ends[index] = settled;
          results.push(settled);
          tell(index, "done");
          settleIfOver();
          startMore();
        },
        (error: unknown) => {
          if (isOver) return;
          if (isInterrupt(error)) {
            stop();
            reject(error);
            return;
          }
          running--;
          fail(index, toBatonError(job.name, error));
          settleIfOver();
          if (index === startedAt.length - 1) endDelay();
          startMore();
        },
      );
    }

    /** As many as there are places for; of staggered ones the next, when none waits for its time. */
    function startMore(): void {
      while (!isOver && running < concurrency && stopDelay === undefined) {
        const job = jobs[startedAt.length];
        if (job === undefined) return;
        start(job);
        if (delayMs > 0 && startedAt.length < jobs.length) stopDelay = later(clock, delayMs, next);
      }
    }

    function next(): void {
      endDelay();
      startMore();
    }

    function endDelay(): void {
      stopDelay?.();
      stopDelay = undefined;
    }

    function giveUp(limitMs: number): void {
      for (const index of jobs.keys()) {
        if (ends[index] !== undefined) continue;
        fail(index, late(nameOf(index), limitMs, startedAt[index] !== undefined));
      }
      settleIfOver();
    }

    scope.signal.addEventListener("abort", stop, { once: true });
    settleIfOver();
    if (isOver) return;
    if (timeoutMs !== undefined) {
      const leftMs = Math.max(0, beganAt + timeoutMs - clock.now());
      stopTimer = later(clock, leftMs, () => giveUp(timeoutMs));
    }
    startMore();
  });
}

/** One that throws before it has a promise fails like any other. */
async function started<T>(job: Job<T>, signal: AbortSignal): Promise<T> {
  return job.run(signal);
}
