import type { Clock } from "../../core/clock.js";
import type { Entry } from "./record.js";

/** How long a write may take, in milliseconds; one that takes longer has failed. */
export const LONGEST_WRITE_MS = 10_000;
/** Longest time between two attempts at a write that does not end: each may hold a connection for ever. */
const LONGEST_PAUSE_MS = 300_000;

/** A write that took too long, and may end yet. */
export class HungWrite {
  readonly part: readonly Entry[];
  readonly #clock: Clock;
  readonly #ended: (isWritten: boolean) => void;
  #begunAt = 0;
  #attempts = 0;
  #running = 0;

  /** Tells of each attempt that succeeds, and when the last one has failed. */
  constructor(part: readonly Entry[], clock: Clock, ended: (isWritten: boolean) => void) {
    this.part = part;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Takes an attempt at it that runs. */
  watch(written: Promise<void>): void {
    this.#begunAt = this.#clock.now();
    this.#attempts++;
    this.#running++;
    const failed = (): void => {
      if (--this.#running === 0) this.#ended(false);
    };
    written.then(() => this.#ended(true), failed);
  }

  /** Whether it is time for another attempt. */
  get isDue(): boolean {
    const pauseMs = Math.min(LONGEST_WRITE_MS * this.#attempts, LONGEST_PAUSE_MS);
    return this.#clock.now() - this.#begunAt >= pauseMs;
  }
}
