import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { type Connection, type ListKind, openConnection } from "./connection.js";
import { cancelled, type RequestLimits, waitWithin } from "./request.js";
import type { ServerConfig } from "./server-config.js";

/** Waits between attempts to reach a server that is down: doubled each time, with jitter. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
/** A call tries a server that is down at once, but not so soon after an attempt that failed. */
const ATTEMPT_GAP_MS = 250;
/** A connection that held so long was a good one: the next attempt does not wait. */
const GOOD_CONNECTION_MS = 5000;

/**
 * What happened to a server: `error` and `retryMs` come with `down`, `list` with `list_changed`. A `flood` is said once
 * per connection: more notifications than are read within a second, and the rest is dropped.
 */
export interface ServerEvent {
  readonly type: "connected" | "down" | "list_changed" | "flood" | "closed";
  readonly server: string;
  readonly error?: BatonError;
  /** Milliseconds until it is tried again; absent when its credentials were refused and only the next call tries. */
  readonly retryMs?: number;
  readonly list?: ListKind;
}

/** What a server is told about time, and whom it tells about its state. */
export interface ServerOptions {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Hears of every change of state. Must not throw. */
  readonly onEvent?: (event: ServerEvent) => void;
}

/**
 * Keeps one server reachable: opens its connection once for all who ask, opens it again when it is lost, now
 * or in the background, and ends it for good when closed.
 */
export class Lifeline {
  readonly clock: Clock;
  readonly #config: ServerConfig;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  /** Lost their session and still carry answers. */
  readonly #retired = new Set<Connection>();
  #opening: Promise<Connection> | undefined;
  #closed: Promise<void> | undefined;
  #error: BatonError | undefined;
  /** This server spoke nothing newer than 2025-11-25 when last asked. */
  #legacy = false;
  #failures = 0;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #cancelRetry: () => void = () => {};

  constructor(config: ServerConfig, options: ServerOptions) {
    this.#config = config;
    this.clock = options.clock ?? systemClock;
    this.#onEvent = options.onEvent ?? (() => {});
  }

  get status(): "idle" | "connecting" | "connected" | "down" | "closed" {
    if (this.#closed) return "closed";
    if (this.#connection) return "connected";
    if (this.#opening) return "connecting";
    return this.#error ? "down" : "idle";
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  get error(): BatonError | undefined {
    return this.#error;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * A connection to send on, within the limits of the request that needs it. A server that is down is tried
   * at once.
   *
   * @throws {BatonError} `CONNECT_FAILED`, `UNAUTHORIZED`, `NOT_CONNECTED` when closed or tried just now,
   *   `TIMEOUT`, `CANCELLED`
   */
  async ready(limits: RequestLimits, action: string): Promise<Connection> {
    this.assertOpen();
    if (this.#connection) return this.#connection;
    const justFailed = this.#error !== undefined && this.clock.now() - this.#lastFailure < ATTEMPT_GAP_MS;
    if (!this.#opening && justFailed) throw this.#error;
    try {
      return await waitWithin(this.#opening ?? this.#open(), limits, this.clock, () => this.#late());
    } catch (error) {
      if (!limits.signal?.aborted) throw error;
      throw cancelled(this.#config.name, action, limits.signal.reason, "none");
    }
  }

  /** This connection turned out to be dead, whether or not it said so. */
  drop(connection: Connection): void {
    connection.retired = true;
    this.#lost(connection);
  }

  /** The session of this connection is gone; it still carries answers, so it closes after the last of them. */
  retire(connection: Connection): void {
    connection.retired = true;
    this.#retired.add(connection);
    if (this.#connection === connection) this.#connection = undefined;
  }

  /** @throws {BatonError} `NOT_CONNECTED` when closed */
  assertOpen(): void {
    if (this.#closed) throw this.closedError("NOT_CONNECTED", "none");
  }

  closedError(code: "CANCELLED" | "NOT_CONNECTED", effect: "none" | "possible"): BatonError {
    const { name } = this.#config;
    return new BatonError(code, `server '${name}' was closed`, { effect, data: { server: name } });
  }

  close(): Promise<void> {
    if (!this.#closed) {
      // Known to be closed before the first connection ends, or its end would start another.
      this.#closed = Promise.resolve().then(() => this.#shutDown());
    }
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#cancelRetry();
    this.#closing.abort(this.closedError("CANCELLED", "none"));
    // One that cannot be closed must not keep the others open.
    await Promise.allSettled([
      this.#opening,
      ...[this.#connection, ...this.#retired].map((connection) => connection?.close()),
    ]);
    this.#connection = undefined;
    this.#onEvent({ type: "closed", server: this.#config.name });
  }

  #open(): Promise<Connection> {
    this.#cancelRetry();
    const opening = this.#attempt().finally(() => {
      this.#opening = undefined;
    });
    opening.catch(() => {});
    this.#opening = opening;
    return opening;
  }

  async #attempt(): Promise<Connection> {
    this.#lastAttempt = this.clock.now();
    let connection: Connection;
    try {
      connection = await openConnection(this.#config, {
        legacy: this.#legacy,
        signal: this.#closing.signal,
        clock: this.clock,
        onClose: (ended) => this.#lost(ended),
        onListChanged: (list) => this.#onEvent({ type: "list_changed", server: this.#config.name, list }),
        onFlood: () => this.#onEvent({ type: "flood", server: this.#config.name }),
      });
    } catch (error) {
      if (this.#closed) throw this.closedError("CANCELLED", "none");
      this.#lastFailure = this.clock.now();
      // What was known of its protocol may be what failed.
      this.#legacy = false;
      this.#failures = Math.max(1, this.#failures);
      throw this.#down(error);
    }
    if (this.#closed) {
      await connection.close().catch(() => {});
      throw this.closedError("CANCELLED", "none");
    }
    if (connection.client.transport === undefined) {
      // It ended before anybody could be told.
      const { name } = this.#config;
      const problem = `server '${name}': the connection closed as soon as it was made`;
      this.#failures = Math.max(1, this.#failures);
      throw this.#down(
        new BatonError("CONNECT_FAILED", problem, { retryable: true, data: { server: name } }),
      );
    }
    this.#legacy = connection.client.getProtocolEra() === "legacy";
    this.#connection = connection;
    this.#error = undefined;
    this.#onEvent({ type: "connected", server: this.#config.name });
    return connection;
  }

  /** A connection ended that nobody here ended. */
  #lost(connection: Connection): void {
    this.#retired.delete(connection);
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.clock.now() - this.#lastAttempt >= GOOD_CONNECTION_MS) this.#failures = 0;
    const { name } = this.#config;
    const problem = `server '${name}': the connection was lost: ${connection.describeEnd()}`;
    this.#down(new BatonError("NOT_CONNECTED", problem, { retryable: true, data: { server: name } }));
  }

  #down(error: unknown): unknown {
    if (this.#closed || !isBatonError(error)) return error;
    const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    // The first attempt after a connection was lost comes at once: most crashes are single.
    const retryMs = this.#failures === 0 ? 0 : Math.round(waitMs * (0.5 + this.clock.random() / 2));
    this.#error = error;
    this.#failures++;
    const down = { type: "down", server: this.#config.name, error } as const;
    if (!error.retryable) {
      // Refused credentials do not mend themselves, and asking again and again may lock an account.
      this.#onEvent(down);
      return error;
    }
    this.#cancelRetry = this.clock.after(retryMs, () => {
      if (!this.#connection && !this.#opening) void this.#open();
    });
    this.#onEvent({ ...down, retryMs });
    return error;
  }

  #late(): BatonError {
    const problem = `server '${this.#config.name}': it was not connected in time, nothing was sent`;
    return new BatonError("TIMEOUT", problem, { retryable: true, data: { server: this.#config.name } });
  }
}
