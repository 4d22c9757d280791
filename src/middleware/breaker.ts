import type { Call, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { isServerFault } from "../core/repeat.js";
import { checkOptions } from "../core/settings.js";
import { type Circuit, type CircuitState, createCircuit } from "./breaker/circuit.js";
import { perKey } from "./shared/per-key.js";
import { type Scope, scopeKey } from "./shared/scope.js";

export type { CircuitState };

/** A breaker that has changed its state. */
export interface BreakerChange {
  readonly server: string;
  /** There when each tool has a breaker of its own. */
  readonly tool?: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Why it opened last, in words. */
  readonly reason: string;
}

export interface BreakerOptions {
  /** One breaker for each server, or for each tool. @default "server" */
  readonly per?: Scope;
  /** Opens after so many failures in a row. @default 5 */
  readonly consecutive?: number;
  /** Opens when at least this share of the last `window` calls failed, above 0 and at most 1. @default 0.5 */
  readonly failureRate?: number;
  /** How many calls the share is taken of. @default 20 */
  readonly window?: number;
  /** The share does not count before so many calls; never more than `window`. @default 10 */
  readonly minCalls?: number;
  /**
   * How long it stays open before calls are tried again, in milliseconds. Each failed try makes it half as long again, up
   * to 64 times. @default 250
   */
  readonly openMs?: number;
  /** How many calls are tried, at once if they come at once, and must succeed before it closes. @default 1 */
  readonly halfOpen?: number;
  /** Hears of each change. Must not throw. */
  readonly onChange?: (change: BreakerChange) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Holds calls back from a server that fails, so that callers hear at once what they would hear after a timeout, and the
 * server has time to recover. Opens on failures that say the server is ill: no connection, no answer, a broken one. What
 * a tool itself reports, wrong arguments and cancelled calls say nothing about that and count for nothing.
 *
 * After `openMs` it lets `halfOpen` calls through: when all of them succeed it closes and starts to count anew, when
 * one fails it opens anew, for half as long again. A probe holds its place until it ends, so place a limit of time inside.
 *
 * @throws {BatonError} `CIRCUIT_OPEN` with `data.retryAfterMs`, before anything is sent
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [retry(), breaker({ openMs: 5_000 })] });
 * ```
 */
export function breaker(options: BreakerOptions = {}): Middleware {
  checkOptions("breaker", options);
  const { consecutive = 5, failureRate = 0.5, window = 20, minCalls = 10 } = options;
  const { per = "server", openMs = 250, halfOpen = 1, onChange, clock = systemClock } = options;
  const rules = { consecutive, failureRate, window, minCalls, openMs, halfOpen };
  const keyOf = scopeKey(per);
  const circuitOf = perKey((key) =>
    createCircuit(rules, clock, (from, to, reason) => onChange?.({ ...subject(per, key), from, to, reason })),
  );

  return async function breaking(call, next) {
    const circuit = circuitOf(keyOf(call));
    const ticket = circuit.admit();
    if (ticket === undefined) throw refusal(call, per, circuit);
    try {
      const result = await next(call);
      circuit.succeed(ticket);
      return result;
    } catch (error) {
      if (isServerFault(error)) circuit.fail(ticket, (error as BatonError).code);
      else circuit.release(ticket);
      throw error;
    }
  };
}

function refusal({ server, tool }: Call, per: Scope, circuit: Circuit): BatonError {
  const retryAfterMs = circuit.retryAfterMs();
  const when =
    circuit.state === "open"
      ? `it is tried again in ${retryAfterMs} ms`
      : `it is being tried by other calls, come back in ${retryAfterMs} ms`;
  const message = `server '${server}', tool '${tool}': not sent, as the ${per} is held back: ${circuit.reason}; ${when}`;
  return new BatonError("CIRCUIT_OPEN", message, { retryable: true, data: { server, tool, retryAfterMs } });
}

function subject(per: Scope, key: string): Pick<BreakerChange, "server" | "tool"> {
  if (per === "server") return { server: key };
  const dot = key.indexOf(".");
  return { server: key.slice(0, dot), tool: key.slice(dot + 1) };
}
