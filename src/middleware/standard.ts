import type { Middleware } from "../core/call.js";
import type { Clock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { type Part, partNames } from "../core/settings.js";
import { type ApproveOptions, approve } from "./approve.js";
import { type AuditOptions, audit } from "./audit.js";
import { type BreakerOptions, breaker } from "./breaker.js";
import { type CacheOptions, cache } from "./cache.js";
import { type FallbackOptions, fallback } from "./fallback.js";
import { type HedgeOptions, hedge } from "./hedge.js";
import { type IdempotencyOptions, idempotency } from "./idempotency.js";
import { type LimitOptions, limit } from "./limit.js";
import { type MeasureOptions, measure } from "./measure.js";
import { type MinimiseOptions, minimise } from "./minimise.js";
import { type PermitOptions, permit } from "./permit.js";
import { type RateLimitOptions, rateLimit } from "./rate-limit.js";
import { type RetryOptions, retry } from "./retry.js";
import { overridable } from "./shared/overridable.js";
import { type AdaptiveTimeoutOptions, adaptiveTimeout, timeout } from "./timeout.js";
import { type TraceOptions, trace } from "./trace.js";

export interface StandardTimeout extends AdaptiveTimeoutOptions {
  /** All attempts of a call together, waits included, in milliseconds. @default 600_000 */
  readonly totalMs?: number;
}

const TOTAL_MS = 600_000;

/**
 * One key for each part, with that part's own options; `false` leaves it out. Parts that need something of yours, a
 * rule, a file or a replica, are off until you give it.
 */
export interface StandardOptions {
  /** @default on; costs nothing without an OpenTelemetry provider */
  readonly trace?: TraceOptions | false;
  /** @default on */
  readonly measure?: MeasureOptions | false;
  /** @default off */
  readonly audit?: AuditOptions | false;
  /** @default off */
  readonly fallback?: FallbackOptions | false;
  /** An agent is held to its own tools also without. @default off: every tool is allowed */
  readonly permit?: PermitOptions | false;
  /** @default off: nobody is asked */
  readonly approve?: ApproveOptions | false;
  /** @default on: 10 minutes in all, each attempt as long as the tool usually takes times 4 */
  readonly timeout?: StandardTimeout | false;
  /** @default on, but keeps only what the server says may be kept */
  readonly cache?: CacheOptions | false;
  /** @default on, for calls that have a key */
  readonly idempotency?: IdempotencyOptions | false;
  /** @default off */
  readonly minimise?: MinimiseOptions | false;
  /** @default on */
  readonly retry?: RetryOptions | false;
  /** @default off */
  readonly hedge?: HedgeOptions | false;
  /** @default on, per server */
  readonly breaker?: BreakerOptions | false;
  /** @default off */
  readonly rateLimit?: RateLimitOptions | false;
  /** @default on, per server */
  readonly limit?: LimitOptions | false;
  /** For all parts that have none of their own. @default systemClock */
  readonly clock?: Clock;
}

/**
 * All that a call in production needs, in the order that makes the parts work together; docs/middleware.md has the
 * reason for each place. An entry of the configuration file overrides any part for its server or for one of its
 * tools, under `x-langbaton`.
 *
 * @throws {BatonError} `CONFIG_INVALID` for an option that cannot be used
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: standard({ permit: { rules: [{ allow: "files.read_*" }] } }) });
 * ```
 */
export function standard(options: StandardOptions = {}): readonly Middleware[] {
  checkParts(options);
  const { clock } = options;
  const on = <O extends object>(name: Part, given: O | false | undefined, make: (options: O) => Middleware) =>
    overridable(name, given ?? ({} as O), make, clock);
  const off = <O extends object>(
    name: Part,
    given: O | false | undefined,
    make: (options: O) => Middleware,
  ) => overridable(name, given ?? false, make, clock);
  return [
    // Watchers first: they see each call once, whatever becomes of it.
    on("trace", options.trace, trace),
    on("measure", options.measure, measure),
    off("audit", options.audit, audit),
    // Outside of the rules, so that another tool is allowed for itself.
    off("fallback", options.fallback, fallback),
    // Who may, before anything is spent on the call; a person is asked about nothing that is forbidden.
    // Also without rules, as a call may carry a list of what its agent may use.
    permit(options.permit || { rules: [] }),
    // Rules of a file come on top: a file from elsewhere must not allow what the program forbids.
    off("permit", undefined, permit),
    off("approve", options.approve, approve),
    // The time of the whole call starts when a person has decided.
    on("timeout", options.timeout, ({ totalMs = TOTAL_MS, ...rest }: StandardTimeout) =>
      timeout(totalMs, rest),
    ),
    // What is known already costs the server nothing.
    on("cache", options.cache, cache),
    on("idempotency", options.idempotency, idempotency),
    // Once for all attempts, and inside of what keeps results, so that they are kept without what was removed.
    off("minimise", options.minimise, minimise),
    // From here on everything happens once for each attempt.
    on("retry", options.retry, retry),
    off("hedge", options.hedge, hedge),
    on("breaker", options.breaker, breaker),
    off("rateLimit", options.rateLimit, rateLimit),
    on("limit", options.limit, limit),
    // Innermost: it measures the server alone, not the time in our own queue.
    on("timeout", options.timeout, adaptiveTimeout),
  ];
}

/** A part that is misspelt would protect nothing, and not every program is checked by TypeScript. */
function checkParts(options: StandardOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (name === "clock" || value === undefined) continue;
    const isPart = (partNames as readonly string[]).includes(name);
    if (isPart && (value === false || (typeof value === "object" && value !== null))) continue;
    const problem = isPart
      ? `the part ${name} is ${JSON.stringify(value)}: write its options, {} for the usual ones, or false to go without`
      : `there is no part ${name}; there are ${partNames.join(", ")}`;
    throw new BatonError("CONFIG_INVALID", `standard(): ${problem}`, { data: { part: name } });
  }
}
