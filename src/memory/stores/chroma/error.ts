import { BatonError, isBatonError } from "../../../core/errors.js";

/** No answer in time. */
export class Silence extends Error {
  override readonly name = "Silence";

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** What a request does: one that writes may have had its effect although its answer was lost. */
export type RequestKind = "read" | "write";

interface Judgement {
  readonly why: string;
  readonly retryable?: boolean;
  /** It was refused, so that it had no effect for sure. */
  readonly isRefused?: boolean;
}

const CREDENTIALS: Judgement = {
  why: "it refuses the credentials: check headers, tenant and database",
  isRefused: true,
};

/** By the name of what the client throws. */
const JUDGEMENTS: Readonly<Record<string, Judgement>> = {
  ChromaConnectionError: {
    why: "there is no connection: check that it runs, at this address",
    retryable: true,
  },
  ChromaServerError: { why: "it failed", retryable: true },
  ChromaRateLimitError: { why: "it gets too many requests", retryable: true, isRefused: true },
  ChromaQuotaExceededError: { why: "its quota is used up", isRefused: true },
  ChromaAuthError: CREDENTIALS,
  ChromaForbiddenError: CREDENTIALS,
  ChromaNotFoundError: { why: "it does not know the collection, tenant or database", isRefused: true },
  ChromaClientError: { why: "it refuses the request", isRefused: true },
  ChromaUniqueError: { why: "it refuses the request", isRefused: true },
  ChromaValueError: { why: "the client refuses the request", isRefused: true },
};

const UNREADABLE: Judgement = {
  why: "its answer cannot be read: check that this is the address of a Chroma server",
};

/** What a request rejected with, as a `STORE` error. The server's own words stay in its cause: they may quote values. */
export function toStoreError(cause: unknown, what: string, kind: RequestKind): BatonError {
  if (isBatonError(cause)) return cause;
  const { why, retryable = false, isRefused = false } = judge(cause);
  return new BatonError("STORE", `the Chroma server could not ${what}: ${why}`, {
    cause,
    retryable,
    effect: kind === "write" && !isRefused ? "possible" : "none",
    data: { store: "chroma" },
  });
}

/** A failure of a batch after some of it was written, whatever the request that failed may have done. */
export function toPartial(error: unknown): unknown {
  if (!isBatonError(error) || error.effect === "possible") return error;
  const { code, message, cause, retryable, data } = error;
  const more = `${message} (some of the batch is written: put it again)`;
  return new BatonError(code, more, { cause, retryable, data, effect: "possible" });
}

/** True for a collection that somebody has deleted, or a server that is a new one. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && (nameOf(error) === "ChromaNotFoundError" || isNotFound(error.cause));
}

export function isDisconnected(error: unknown): boolean {
  return nameOf(error) === "ChromaConnectionError";
}

function judge(cause: unknown): Judgement {
  if (cause instanceof Silence) return { why: cause.message, retryable: true };
  // The client has one class for all that is left, and the status only in the words.
  if (nameOf(cause) === "ChromaServerError" && /^413\b/.test((cause as Error).message))
    return { why: "the value is larger than it takes", isRefused: true };
  // Node's words for a connection that was cut while the answer came.
  if (cause instanceof TypeError && cause.message === "terminated")
    return { why: "the connection was cut", retryable: true };
  return JUDGEMENTS[nameOf(cause)] ?? UNREADABLE;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
