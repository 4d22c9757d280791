import { type ErrorCode, isBatonError } from "../core/errors.js";
import { note } from "./output.js";

/** What the program's exit code says. */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  unreachable: 3,
  failed: 4,
  waiting: 5,
  interrupted: 130,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: EXIT.usage,
  INVALID_ARGUMENTS: EXIT.usage,
  IDEMPOTENCY_CONFLICT: EXIT.usage,
  CONNECT_FAILED: EXIT.unreachable,
  NOT_CONNECTED: EXIT.unreachable,
  UNAUTHORIZED: EXIT.unreachable,
};

/** Says what went wrong, in words and without a stack trace, and sets the exit code. */
export function fail(error: unknown): void {
  if (isBatonError(error)) {
    note(`error: ${error.message}`);
    process.exitCode = BY_CODE[error.code] ?? EXIT.failed;
    return;
  }
  if (isAbort(error)) {
    note("interrupted");
    process.exitCode = EXIT.interrupted;
    return;
  }
  const detail = error instanceof Error ? (process.env.DEBUG ? error.stack : error.message) : String(error);
  note(`error: ${detail}`);
  process.exitCode = isModelError(error) ? EXIT.failed : EXIT.fault;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "Interrupted");
}

/** Errors of a model provider's HTTP API carry the status that it answered with. */
function isModelError(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown };
  return (
    typeof status === "number" || code === "ECONNREFUSED" || (error as Error).message === "Connection error."
  );
}
