/**
 * JSON-RPC error codes of answers that our transports make up, so that a request whose answer cannot come
 * fails at once and not at its timeout. They lie in the range that JSON-RPC leaves to implementations.
 */
/** The answer passed the size limit and was dropped. */
export const OVERSIZE_CODE = -32099;
/** The stream that should have carried the answer ended without it. */
export const STREAM_ENDED_CODE = -32098;
