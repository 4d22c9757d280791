import { estimateTokenCount } from "tokenx";
import type { Clock } from "../../core/clock.js";
import type { Account } from "./account.js";
import type { Changes } from "./changes.js";
import { type Frame, framesFrom } from "./frame.js";
import type { Ledger, Reservation, Want } from "./ledger.js";

/** A call that was made and is not over. */
export interface Running {
  readonly frame: Frame | undefined;
  held: Reservation;
  written: string;
  /** When it began, or last wrote. */
  lastSign: number;
}

export interface Holding {
  /** What a call inside of `frame` may cost; waits for others that hold too much, and rejects when the signal fires. */
  hold(
    want: Want,
    frame: Frame | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Reservation | "refused">;
  free(held: Reservation): void;
}

export interface HoldingOptions {
  readonly account: Account;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly running: () => Iterable<Running>;
}

/** After it, a call that may be a stream which nobody reads any more does not keep another one waiting. */
const LONGEST_SILENCE_MS = 60_000;

/** Lets calls wait for each other, but none for one that can only end after it. */
export function createHolding({ account, ledger, changes, clock, running }: HoldingOptions): Holding {
  function free(held: Reservation): void {
    ledger.settle(held, { tokens: 0, costUsd: 0 });
    changes.announce();
  }

  /** Frees what was planned around a call and waits for it: the call planned there holds its own once it is made. */
  function letGo(inside: Frame | undefined): boolean {
    const waiting = framesFrom(inside).filter((frame) => frame.account === account && frame.planned);
    for (const frame of waiting) {
      const { planned } = frame;
      frame.planned = undefined;
      if (planned !== undefined) free(planned);
    }
    return waiting.length > 0;
  }

  async function change(frame: Frame | undefined, signal: AbortSignal | undefined): Promise<void> {
    const changed = new AbortController();
    clock.sleep(LONGEST_SILENCE_MS, changed.signal).then(
      () => giveUpSilent(frame),
      () => {},
    );
    try {
      await changes.next(signal);
    } finally {
      changed.abort();
    }
  }

  /**
   * LangChain does not say that a stream was broken off before what runs it is over, and a stream may be read by the very
   * code that waits. Such a call holds no more than what it is known to have used; calls beside it end by themselves.
   */
  function giveUpSilent(inside: Frame | undefined): void {
    const around = framesFrom(inside);
    for (const run of running()) {
      const mayWaitForUs = run.frame === undefined || around.includes(run.frame);
      if (mayWaitForUs && clock.now() - run.lastSign >= LONGEST_SILENCE_MS)
        run.held = ledger.shrink(run.held, estimateTokenCount(run.written));
    }
    changes.announce();
  }

  return {
    free,
    async hold(want, frame, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const result = ledger.reserve(want);
        if (result !== "wait") return result;
        if (!letGo(frame)) await change(frame, signal);
      }
    },
  };
}
