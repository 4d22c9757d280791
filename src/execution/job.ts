import type { BatonError } from "../core/errors.js";

/** A piece of work with a name, such as one call of one tool: what fan-out, quorum and the others run many of. */
export interface Job<T> {
  /** For results, errors and events: `server.tool` of a call. */
  readonly name: string;
  /** Starts the work. The signal fires when its result is no longer wanted; what it still does is of no account. */
  run(signal: AbortSignal): Promise<T>;
}

/** Jobs, or a promise of them: listing servers takes time. */
export type Jobs<T> = readonly Job<T>[] | PromiseLike<readonly Job<T>[]>;

/** A job that came to a result. */
export interface Settled<T> {
  readonly name: string;
  readonly value: T;
  readonly durationMs: number;
}

/** A job that did not. */
export interface Failed {
  readonly name: string;
  /** What was thrown; as `UPSTREAM` with it as the cause if that is no `BatonError`. */
  readonly error: BatonError;
  /** 0 of one that was not started. */
  readonly durationMs: number;
}

/** What becomes of a job. A listener must not throw; one that does is warned of. */
export interface JobEvent {
  readonly type: "job";
  readonly job: string;
  /** `cancelled`: its result is no longer wanted. */
  readonly status: "started" | "done" | "failed" | "cancelled";
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly error?: BatonError;
}
