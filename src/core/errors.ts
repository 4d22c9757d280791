/**
 * Why something failed. Callers branch on the code; the message is for people. When it happens, and what
 * `data` carries beside `server` and `tool`:
 *
 * - `CONFIG_INVALID`: a configuration cannot be used. `faults`: one record per fault.
 * - `NOT_CONNECTED`: nothing was sent, as the server is down or closed.
 * - `CONNECT_FAILED`: a server could not be started, reached or agreed with. `reason`.
 * - `PROTOCOL`: the other side broke MCP or JSON-RPC. `rpcCode` when it sent one.
 * - `TIMEOUT`: no answer in time. `timeoutMs`.
 * - `CANCELLED`: the caller's signal fired, or the server's handle was closed.
 * - `RATE_LIMITED`: a limit was reached. `retryAfterMs` when it is known.
 * - `CIRCUIT_OPEN`: calls are held back from a server that fails. `retryAfterMs`.
 * - `OVERLOADED`: a queue or a board is full. `limit`.
 * - `DENIED`: a rule, or its agent's own list, forbids this caller this tool. `rule`, or `agent`.
 * - `REJECTED`: a person said no. `by`.
 * - `INVALID_ARGUMENTS`: arguments or limits cannot be used. `issues`, path and reason of each, when the schema says
 *   so; `rpcCode` when the server does.
 * - `INVALID_RESULT`: the result does not fit the tool's output schema or MCP. `issues`.
 * - `RESULT_TOO_LARGE`: a result passed the size limit. `limitBytes`.
 * - `UPSTREAM`: the server, its host or the connection failed while the call ran. `status` for HTTP, `retryAfterMs` when
 *   the server said so.
 * - `OUTCOME_UNKNOWN`: the effect may or may not have happened, and a repeat is not safe. `key`, and `record` for the store.
 * - `IDEMPOTENCY_CONFLICT`: one key came with two sets of arguments. `key`.
 * - `DEFINITION_CHANGED`: a workflow is no longer the one that its run was begun under. `changes`, `run`, `workflow`.
 * - `QUORUM_NOT_REACHED`: too few accepted results. `results`, `errors`.
 * - `BUDGET_EXCEEDED`: tokens or money ran out. `spent`, `limit`, `needed`, `agent`, `model`, `account`; of a router
 *   `needed`, `models`.
 * - `UNAUTHORIZED`: credentials are missing, expired or refused. `status`.
 * - `STORE`: a store could not read or write. `store`.
 */
export type ErrorCode =
  | "CONFIG_INVALID"
  | "NOT_CONNECTED"
  | "CONNECT_FAILED"
  | "PROTOCOL"
  | "TIMEOUT"
  | "CANCELLED"
  | "RATE_LIMITED"
  | "CIRCUIT_OPEN"
  | "OVERLOADED"
  | "DENIED"
  | "REJECTED"
  | "INVALID_ARGUMENTS"
  | "INVALID_RESULT"
  | "RESULT_TOO_LARGE"
  | "UPSTREAM"
  | "OUTCOME_UNKNOWN"
  | "IDEMPOTENCY_CONFLICT"
  | "DEFINITION_CHANGED"
  | "QUORUM_NOT_REACHED"
  | "BUDGET_EXCEEDED"
  | "UNAUTHORIZED"
  | "STORE";

export interface BatonErrorOptions {
  /** What was caught. Kept for logs; never shown to a model. */
  readonly cause?: unknown;
  /** The same call may succeed later. Says nothing on whether a repeat is safe: see `effect`. */
  readonly retryable?: boolean;
  /** Whether the tool may have had its effect: `none` when nothing was sent. @default "none" */
  readonly effect?: "none" | "possible";
  /** Facts for programs; the keys stand with each code. No secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The one error class of this package. */
export class BatonError extends Error {
  override readonly name = "BatonError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly effect: "none" | "possible";
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: BatonErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.effect = options.effect ?? "none";
    this.data = options.data ?? {};
  }

  toJSON(): Record<string, unknown> {
    const { code, message, retryable, effect, data } = this;
    return { code, message, retryable, effect, data };
  }
}

/** True for a {@link BatonError}, also one of another copy of this package, and of this code when one is given. */
export function isBatonError(error: unknown, code?: ErrorCode): error is BatonError {
  if (!(error instanceof Error) || error.name !== "BatonError") return false;
  return code === undefined || (error as BatonError).code === code;
}

/**
 * True for what LangGraph throws to leave a node on purpose: an interrupt that asks a person, a command to the graph
 * around. It is no failure, and must reach LangGraph as it is.
 */
export function isInterrupt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { is_bubble_up?: unknown }).is_bubble_up === true || error.name === "GraphInterrupt";
}

/** What went wrong, for a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
