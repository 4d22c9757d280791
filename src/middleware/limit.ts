import type { Call, Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { checkOptions } from "../core/settings.js";
import { createLine } from "./limit/line.js";
import { cancelled } from "./shared/cancelled.js";
import { perKey } from "./shared/per-key.js";
import { type Scope, scopeKey } from "./shared/scope.js";

export interface LimitOptions {
  /** One limit for each server, or for each tool. @default "server" */
  readonly per?: Scope;
  /** Most calls that run at the same time. @default 16 */
  readonly concurrent?: number;
  /** Most calls that wait for one of these to end; 0 lets none wait. @default 256 */
  readonly queue?: number;
  /** A call with a higher number is sent before those that wait with a lower one. Must not throw. @default all 0 */
  readonly priority?: (call: Call) => number;
  /** @default systemClock */
  readonly clock?: Clock;
}

interface Waiting {
  readonly call: Call;
  readonly admit: () => void;
  readonly refuse: (error: BatonError) => void;
}

/** The places of one server or tool, and the line of those who want one. While anybody waits, all places are taken. */
interface Gate {
  running: number;
  readonly waiting: ReturnType<typeof createLine<Waiting>>;
}

/**
 * A bulkhead: at most `concurrent` calls at the same time, so that one slow server cannot take all of a program's
 * memory and sockets, nor be buried by it. Up to `queue` more wait their turn, by priority, then in the order they came.
 *
 * When the queue is full, the call of the lowest priority that came last is refused: the new one, or one that
 * waits when the new one is worth more. A call that waits leaves at once when it is cancelled or its deadline passes.
 *
 * @throws {BatonError} `OVERLOADED` with `data.limit`; `CANCELLED` or `TIMEOUT` from the queue. Nothing was sent then
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [limit({ concurrent: 4, queue: 100 })] });
 * ```
 */
export function limit(options: LimitOptions = {}): Middleware {
  checkOptions("limit", options);
  const { per = "server", concurrent = 16, queue = 256, priority, clock = systemClock } = options;
  const keyOf = scopeKey(per);
  const gateOf = perKey((): Gate => ({ running: 0, waiting: createLine() }));

  return async function limiting(call, next) {
    const gate = gateOf(keyOf(call));
    if (gate.running < concurrent) gate.running++;
    // Who was waiting takes over the place of a call that has ended.
    else await wait(gate, call);
    try {
      return await next(call);
    } finally {
      const following = gate.waiting.shift();
      if (following) following.admit();
      else gate.running--;
    }
  };

  function wait({ waiting }: Gate, call: Call): Promise<void> {
    const { signal, deadline = Number.POSITIVE_INFINITY } = call;
    if (signal?.aborted) throw cancelled(call);
    const leftMs = deadline - clock.now();
    if (leftMs <= 0) throw late(call, 0);
    // What is no number would sort nowhere.
    const rank = priority?.(call) || 0;
    if (waiting.size >= queue) {
      const { last } = waiting;
      if (last === undefined || last.priority >= rank) throw overloaded(call, "");
      waiting.leave(last);
      last.value.refuse(
        overloaded(last.value.call, "; one of a higher priority took its place in the queue"),
      );
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        stopTimer?.();
        signal?.removeEventListener("abort", onAbort);
      };
      const refuse = (error: BatonError): void => {
        end();
        reject(error);
      };
      const admit = (): void => {
        end();
        resolve();
      };
      const place = waiting.join({ call, admit, refuse }, rank);
      const giveUp = (error: BatonError): void => {
        waiting.leave(place);
        refuse(error);
      };
      const onAbort = (): void => giveUp(cancelled(call));
      signal?.addEventListener("abort", onAbort, { once: true });
      const stopTimer =
        leftMs === Number.POSITIVE_INFINITY
          ? undefined
          : clock.after(leftMs, () => giveUp(late(call, leftMs)));
    });
  }

  function overloaded({ server, tool }: Call, why: string): BatonError {
    const message = `server '${server}', tool '${tool}': not sent, as ${concurrent} calls run and ${queue} wait for this ${per}${why}; send less at once, or raise "concurrent" or "queue"`;
    return new BatonError("OVERLOADED", message, { retryable: true, data: { server, tool, limit: queue } });
  }
}

function late({ server, tool }: Call, timeoutMs: number): BatonError {
  const message = `server '${server}', tool '${tool}': not sent, as its deadline passed while it waited for its turn; give it more time, or send less at once`;
  return new BatonError("TIMEOUT", message, { retryable: true, data: { server, tool, timeoutMs } });
}
