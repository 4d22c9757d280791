import type { Clock } from "../../core/clock.js";

/** Closed lets calls pass, open refuses them, half-open tries a few. */
export type CircuitState = "closed" | "open" | "half-open";

export interface CircuitRules {
  readonly consecutive: number;
  readonly failureRate: number;
  readonly window: number;
  readonly minCalls: number;
  readonly openMs: number;
  readonly halfOpen: number;
}

/**
 * The state machine of one breaker. A call that is admitted gets a ticket, and hands it back once, with its outcome. A
 * ticket of a state that has ended says nothing any more: the call began under other conditions.
 */
export interface Circuit {
  readonly state: CircuitState;
  /** Why it opened last. */
  readonly reason: string;
  /** A ticket, or undefined when the call must not be sent. */
  admit(): number | undefined;
  succeed(ticket: number): void;
  /** `failure` names what happened, for the reason. */
  fail(ticket: number, failure: string): void;
  /** The call ended in a way that says nothing on the server. */
  release(ticket: number): void;
  /** When a refused call is worth another try, in milliseconds. */
  retryAfterMs(): number;
}

/** So many calls refused with no time going by: the clock stands still. No process gets that far in a millisecond. */
const REFUSALS_OF_A_STOPPED_CLOCK = 1000;
/** How soon to come back while others probe. */
const PROBE_MS = 100;
/**
 * A server that stays ill is tried less and less often. No faster than this: a probe may fail by chance, and then all
 * calls pay for it.
 */
const GROWTH = 1.5;
const MOST_GROWTH = 64;

/** A closed circuit. `onChange` is told of each change after it has happened. */
export function createCircuit(
  rules: CircuitRules,
  clock: Clock,
  onChange: (from: CircuitState, to: CircuitState, reason: string) => void,
): Circuit {
  // 1 for a failure, in a ring, so that a call costs the same however wide the window is.
  const outcomes = new Uint8Array(rules.window);
  const enough = Math.min(rules.minCalls, rules.window);
  let state: CircuitState = "closed";
  let reason = "";
  let generation = 0;
  let inARow = 0;
  let counted = 0;
  let failed = 0;
  let probing = 0;
  let passed = 0;
  let openMs = rules.openMs;
  let openForMs = 0;
  let lookedAt = 0;
  let refusals = 0;

  function change(to: CircuitState): void {
    const from = state;
    state = to;
    generation++;
    onChange(from, to, reason);
  }

  function open(why: string): void {
    openMs = state === "half-open" ? Math.min(GROWTH * openMs, MOST_GROWTH * rules.openMs) : rules.openMs;
    reason = why;
    openForMs = 0;
    lookedAt = clock.now();
    refusals = 0;
    change("open");
  }

  function close(): void {
    inARow = counted = failed = 0;
    change("closed");
  }

  function count(outcome: 0 | 1): void {
    const place = counted % rules.window;
    if (counted >= rules.window) failed -= outcomes[place] ?? 0;
    outcomes[place] = outcome;
    failed += outcome;
    counted++;
  }

  /** Adds up time that goes forward, as a clock that was set back must not hold the circuit open the longer. */
  function isDue(): boolean {
    const now = clock.now();
    if (now > lookedAt) {
      openForMs += now - lookedAt;
      refusals = 0;
    } else {
      refusals++;
    }
    lookedAt = now;
    return openForMs >= openMs || refusals >= REFUSALS_OF_A_STOPPED_CLOCK;
  }

  return {
    get state() {
      return state;
    },
    get reason() {
      return reason;
    },
    admit() {
      if (state === "closed") return generation;
      if (state === "open") {
        if (!isDue()) return undefined;
        probing = passed = 0;
        change("half-open");
      }
      // No more than it takes to decide: those that passed count as well as those that run.
      if (probing + passed >= rules.halfOpen) return undefined;
      probing++;
      return generation;
    },
    succeed(ticket) {
      if (ticket !== generation) return;
      if (state === "half-open") {
        probing--;
        passed++;
        if (passed >= rules.halfOpen) close();
        return;
      }
      inARow = 0;
      count(0);
    },
    fail(ticket, failure) {
      if (ticket !== generation) return;
      if (state === "half-open") {
        open(`it failed again with ${failure} when it was tried`);
        return;
      }
      inARow++;
      count(1);
      const seen = Math.min(counted, rules.window);
      if (inARow >= rules.consecutive) {
        open(`${inARow} ${inARow === 1 ? "call" : "calls in a row"} failed, the last with ${failure}`);
      } else if (seen >= enough && failed / seen >= rules.failureRate) {
        open(`${failed} of the last ${seen} calls failed, the last with ${failure}`);
      }
    },
    release(ticket) {
      if (ticket === generation && state === "half-open") probing--;
    },
    retryAfterMs() {
      const leftMs = state === "open" ? openMs - openForMs : Math.min(rules.openMs, PROBE_MS);
      return Math.max(1, Math.ceil(leftMs));
    },
  };
}
