import { type Clock, systemClock } from "../../core/clock.js";
import type { Redis } from "./redis.js";

/** After one silence it is not asked again for so long, or every call would wait for its own. */
const GONE_MS = 1000;

/**
 * A Redis that answers within `timeoutMs` or is taken for gone, for a second: then, and while the client has no
 * connection, a command is refused at once and never waits in the client's own queue. A command that was given up may
 * still run there.
 */
export function impatient(redis: Redis, timeoutMs: number, clock: Clock = systemClock): Redis {
  let silentAt: number | undefined;

  function isReady(): boolean {
    if (silentAt !== undefined) {
      const agoMs = clock.now() - silentAt;
      // Less than nothing when the clock was set back.
      if (agoMs >= 0 && agoMs < GONE_MS) return false;
      silentAt = undefined;
    }
    return redis.isReady();
  }

  function send(args: readonly string[]): Promise<unknown> {
    if (!isReady()) return Promise.reject(new Error("there is no connection to Redis"));
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      let cancel = (): void => {};
      const answered = (): void => {
        isAnswered = true;
        cancel();
      };
      redis.send(args).then(
        (answer) => {
          answered();
          resolve(answer);
        },
        (error: unknown) => {
          answered();
          reject(error);
        },
      );
      const wait = (canExtend: boolean): void => {
        const startedAt = clock.now();
        const judge = (): void => {
          if (isAnswered) return;
          // A timer that is late itself says that this process was busy; the command may not even have been written.
          if (canExtend && clock.now() - startedAt >= 2 * timeoutMs) {
            wait(false);
            return;
          }
          silentAt = clock.now();
          reject(new Error(`no answer from Redis within ${timeoutMs} ms`));
        };
        // Timers run before sockets are read: an answer that lies there counts.
        cancel = clock.after(timeoutMs, () => setImmediate(judge));
      };
      wait(true);
    });
  }

  return { send, isReady };
}
