import { hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import { isBatonError } from "../../core/errors.js";
import type { Journal } from "./journal.js";
import { refused } from "./refusal.js";
import type { Accepted, EventInput, EventLimits, EventNews, EventRule } from "./types.js";

export interface IntakeOptions {
  readonly rules: readonly EventRule[];
  readonly limits: Required<EventLimits>;
  readonly clock: Clock;
  readonly journal: () => Promise<Journal>;
  readonly tell: (news: EventNews) => void;
  /** Called when there is something to run. */
  readonly wake: () => void;
}

const MINUTE_MS = 60_000;
/** What a sender is told to wait when it cannot be known. */
const RETRY_AFTER_MS = 5000;
/** Ids of firings begin so: a sender must not be able to take one's place. */
export const SCHEDULE_PREFIX = "schedule:";

/** Takes events: what it returns for is on the disk. Throws what {@link refused} makes for all others. */
export function createIntake(options: IntakeOptions): (event: EventInput) => Promise<Accepted> {
  const { rules, limits, clock, tell, wake } = options;
  const bucket = createBucket(limits.perMinute, clock);

  return async function take(event) {
    const fault = faultOf(event);
    if (fault !== undefined) throw refused("malformed", `the event cannot be used: ${fault}`);
    const matching = rules.filter(({ on }) => isMatch(on, event.type)).map(({ name }) => name);
    if (matching.length === 0) {
      const cure = `there are rules on ${[...new Set(rules.map(({ on }) => on))].join(", ") || "nothing"}`;
      throw refused("unknown_type", `no rule is on events of type '${event.type}': ${cure}`);
    }
    const at = clock.now();
    const { id, type, data } = event;
    // A timestamp that was left out is no part of the hash: a repeat has another one.
    const hash = hashOf({ type, data, timestamp: event.timestamp });
    const timestamp = event.timestamp ?? new Date(at).toISOString();
    const journal = await options.journal();
    const retryAfterMs = bucket();
    if (retryAfterMs > 0) {
      const cure = "send it again later";
      throw refused("rate_limited", `more than ${limits.perMinute} events came in a minute: ${cure}`, {
        data: { retryAfterMs },
      });
    }
    if (journal.queued(limits.queue) >= limits.queue)
      throw refused("overloaded", `${limits.queue} runs wait already: send it again later`, {
        data: { limit: limits.queue, retryAfterMs: RETRY_AFTER_MS },
      });
    const added = journal.add({ id, type, timestamp, data, hash }, matching, at);
    if (added === "conflict")
      throw refused("conflict", `the event '${id}' came before with other content: give it an id of its own`);
    if (added === "added") wake();
    const status = added === "added" ? "accepted" : "duplicate";
    tell({ what: status, id, detail: type });
    return { status, id };
  };
}

function faultOf({ id, type, timestamp, data }: EventInput): string | undefined {
  if (typeof id !== "string" || !/^[!-~]{1,256}$/.test(id))
    return "its id (webhook-id) must be 1 to 256 visible ASCII characters";
  if (id.startsWith(SCHEDULE_PREFIX))
    return `its id must not begin with '${SCHEDULE_PREFIX}', as those of schedules do`;
  if (typeof type !== "string" || !/^[\w.-]{1,128}$/.test(type))
    return "type must be 1 to 128 letters, digits, _, - and full stops";
  if (timestamp !== undefined && !isTimestamp(timestamp))
    return "timestamp must be a time of ISO 8601 with its zone";
  return data === undefined ? "it has no data" : undefined;
}

function isTimestamp(value: unknown): boolean {
  if (typeof value !== "string" || value.length > 64) return false;
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function isMatch(on: string, type: string): boolean {
  return on === "*" || on === type || (on.endsWith(".*") && type.startsWith(on.slice(0, -1)));
}

function hashOf(value: unknown): string {
  try {
    return hashJson(value);
  } catch (error) {
    if (!isBatonError(error)) throw error;
    throw refused("malformed", `the event cannot be used: ${error.message}`, { cause: error });
  }
}

/** A token bucket that holds a second's worth, and at least one: 0 when an event may come, else how long to wait. */
function createBucket(perMinute: number, clock: Clock): () => number {
  const perMs = perMinute / MINUTE_MS;
  const most = Math.max(1, perMinute / 60);
  let tokens = most;
  let at = clock.now();
  return () => {
    if (perMinute === Number.POSITIVE_INFINITY) return 0;
    const now = clock.now();
    tokens = Math.min(most, tokens + Math.max(0, now - at) * perMs);
    at = now;
    if (tokens < 1) return Math.ceil((1 - tokens) / perMs);
    tokens--;
    return 0;
  };
}
