import { BatonError, type BatonErrorOptions, type ErrorCode } from "../../core/errors.js";

/** Why an event is not taken: the status that says so over HTTP, and the code of the error in a program. */
const REFUSALS = {
  malformed: [400, "INVALID_ARGUMENTS"],
  stale: [400, "INVALID_ARGUMENTS"],
  bad_signature: [401, "UNAUTHORIZED"],
  not_found: [404, "INVALID_ARGUMENTS"],
  wrong_method: [405, "INVALID_ARGUMENTS"],
  too_slow: [408, "TIMEOUT"],
  conflict: [409, "IDEMPOTENCY_CONFLICT"],
  too_large: [413, "INVALID_ARGUMENTS"],
  wrong_content_type: [415, "INVALID_ARGUMENTS"],
  unknown_type: [422, "INVALID_ARGUMENTS"],
  rate_limited: [429, "RATE_LIMITED"],
  overloaded: [503, "OVERLOADED"],
  journal_unavailable: [503, "STORE"],
  closing: [503, "CANCELLED"],
} as const satisfies Readonly<Record<string, readonly [status: number, code: ErrorCode]>>;

export type Refusal = keyof typeof REFUSALS;

/** An event that is not taken, as an error whose `data.refusal` says why. */
export function refused(
  refusal: Refusal,
  message: string,
  { data, ...options }: BatonErrorOptions = {},
): BatonError {
  const [status, code] = REFUSALS[refusal];
  return new BatonError(code, message, {
    ...options,
    retryable: status === 429 || status === 503,
    data: { ...data, refusal },
  });
}

export function refusalOf(error: BatonError): Refusal | undefined {
  const { refusal } = error.data;
  return typeof refusal === "string" && refusal in REFUSALS ? (refusal as Refusal) : undefined;
}

export function statusOf(refusal: Refusal): (typeof REFUSALS)[Refusal][0] {
  return REFUSALS[refusal][0];
}
