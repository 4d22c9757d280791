import type { CallToolRequest, RequestOptions } from "@modelcontextprotocol/client";
import type { Call, Progress } from "../core/call.js";
import type { Clock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import type { ServerConfig } from "./server-config.js";

/** Longest time that a timer can wait; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_TIMEOUT_MS = 600_000;

/** Where a tool finds the key under which it must do nothing twice. */
const IDEMPOTENCY_KEY = "langbaton/idempotencyKey";

/** A call as the protocol's `tools/call` has it. */
export function callParams({ tool, args, meta, idempotencyKey }: Call): CallToolRequest["params"] {
  const params = { name: tool, arguments: args as Record<string, unknown> };
  if (idempotencyKey !== undefined)
    return { ...params, _meta: { ...meta, [IDEMPOTENCY_KEY]: idempotencyKey } };
  return meta === undefined ? params : { ...params, _meta: { ...meta } };
}

/** What bounds one request; a {@link Call} has all of it. */
export interface RequestLimits {
  readonly signal?: AbortSignal | undefined;
  /** Limit of one attempt in milliseconds; wins over the server's own, and progress extends it. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since the epoch. Nothing extends it. */
  readonly deadline?: number | undefined;
  /** Must not throw. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Timeouts {
  /** Without an answer or progress for so long, the request fails. */
  readonly idleMs: number;
  /** It fails after so long in any case. */
  readonly hardMs: number;
}

/**
 * A request's own limit wins over its server's; progress extends it up to `maxTimeoutMs`, and nothing extends a
 * deadline.
 *
 * @throws {BatonError} `TIMEOUT` when the deadline has passed, `INVALID_ARGUMENTS` for a limit that is no positive number
 */
export function requestTimeouts(config: ServerConfig, limits: RequestLimits, clock: Clock): Timeouts {
  const { timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS } = limits;
  if (!(timeoutMs > 0) || Number.isNaN(limits.deadline)) {
    const problem = `server '${config.name}': a limit must be a positive number of milliseconds`;
    throw new BatonError("INVALID_ARGUMENTS", problem, { data: { server: config.name, timeoutMs } });
  }
  const idleMs = Math.min(timeoutMs, LONGEST_MS);
  const maxMs = Math.max(Math.min(config.maxTimeoutMs ?? DEFAULT_MAX_TIMEOUT_MS, LONGEST_MS), idleMs);
  if (limits.deadline === undefined) return { idleMs, hardMs: maxMs };
  const leftMs = limits.deadline - clock.now();
  if (leftMs <= 0) {
    const problem = `server '${config.name}': the deadline had passed before the request was sent`;
    throw new BatonError("TIMEOUT", problem, { data: { server: config.name, timeoutMs: 0 } });
  }
  const hardMs = Math.min(maxMs, leftMs);
  return { idleMs: Math.min(idleMs, hardMs), hardMs };
}

/**
 * Sends one request within its limits. With `askProgress` the server is asked to report progress, and each report
 * starts the idle limit anew, up to the hard one.
 */
export function sendWithin<T>(
  timeouts: Timeouts,
  limits: RequestLimits,
  clock: Clock,
  askProgress: boolean,
  send: (options: RequestOptions) => Promise<T>,
): Promise<T> {
  if (limits.signal?.aborted) throw limits.signal.reason;
  const options: RequestOptions = { timeout: timeouts.idleMs };
  if (limits.signal !== undefined) options.signal = limits.signal;
  return askProgress ? sendWithProgress(timeouts, limits, clock, options, send) : send(options);
}

/**
 * The SDK looks at its limit on the total only when progress arrives, so a server that reports progress and then
 * falls silent would pass it: the total gets a timer of its own with the first report.
 */
function sendWithProgress<T>(
  { idleMs, hardMs }: Timeouts,
  limits: RequestLimits,
  clock: Clock,
  options: RequestOptions,
  send: (options: RequestOptions) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const startedAt = clock.now();
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(limits.signal?.reason);
    limits.signal?.addEventListener("abort", onAbort, { once: true });
    let cancel: (() => void) | undefined;
    const release = (): void => {
      cancel?.();
      limits.signal?.removeEventListener("abort", onAbort);
    };
    const late = (): void => {
      reject(Object.assign(new Error("total limit"), { code: "REQUEST_TIMEOUT", data: { timeout: hardMs } }));
      // Tells the server, which would otherwise work on.
      stop.abort();
    };
    options.signal = stop.signal;
    options.maxTotalTimeout = hardMs;
    options.resetTimeoutOnProgress = idleMs < hardMs;
    options.onprogress = (progress) => {
      cancel ??= clock.after(Math.max(0, hardMs - (clock.now() - startedAt)), late);
      limits.onProgress?.(progress as Progress);
    };
    send(options).then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

/**
 * Waits for work that others share: the wait ends with the caller's own limits, the work goes on. Rejects with
 * the signal's reason, or with what `late` makes.
 */
export async function waitWithin<T>(
  work: Promise<T>,
  limits: RequestLimits,
  clock: Clock,
  late: () => unknown,
): Promise<T> {
  const { signal, deadline } = limits;
  const ms = Math.min(
    limits.timeoutMs ?? Number.POSITIVE_INFINITY,
    (deadline ?? Number.POSITIVE_INFINITY) - clock.now(),
  );
  if (signal === undefined && ms === Number.POSITIVE_INFINITY) return work;
  signal?.throwIfAborted();
  let release: () => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const cancel = ms === Number.POSITIVE_INFINITY ? () => {} : clock.after(ms, () => reject(late()));
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    release = () => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    };
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    release();
  }
}

/** The error of a request that its caller gave up; `effect` says whether it had been sent. */
export function cancelled(
  server: string,
  action: string,
  reason: unknown,
  effect: "none" | "possible",
): BatonError {
  return new BatonError("CANCELLED", `server '${server}', ${action}: cancelled by the caller`, {
    cause: reason,
    effect,
    data: { server },
  });
}
