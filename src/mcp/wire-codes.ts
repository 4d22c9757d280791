/**
 * JSON-RPC error codes of answers that our transports make up, so that a request whose answer cannot come
 * fails at once and not at its timeout. They lie in the range that JSON-RPC leaves to implementations; a server's own
 * error never keeps one of them.
 */
/** The answer passed the size limit and was dropped. */
export const OVERSIZE_CODE = -32099;
/** The stream that should have carried the answer ended without it. */
export const STREAM_ENDED_CODE = -32098;
/** The answer is not what JSON-RPC allows. */
export const MALFORMED_CODE = -32097;
/** The answer is JSON-RPC, and not what MCP allows. */
export const INVALID_CODE = -32096;

/** What stands for a server's error that has one of the codes above. */
const UNSPECIFIC_CODE = -32000;

/** The code under which a server's own error is passed on. */
export function foreignCode(code: number): number {
  return code >= OVERSIZE_CODE && code <= INVALID_CODE ? UNSPECIFIC_CODE : code;
}

/** The failure of a request that a transport found out about, in the shape of a JSON-RPC error. */
export interface WireFault {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly limitBytes: number };
}

export function oversize(limitBytes: number): WireFault {
  const message = `the answer passed the limit of ${limitBytes} bytes; raise "maxResultBytes", or ask for less`;
  return { code: OVERSIZE_CODE, message, data: { limitBytes } };
}

export function malformed(problem: string): WireFault {
  return { code: MALFORMED_CODE, message: problem };
}

export function invalid(problem: string): WireFault {
  return { code: INVALID_CODE, message: problem };
}

/** The same as something to throw, where a failure travels as an exception. */
export function wireError({ code, message, data }: WireFault): Error {
  return Object.assign(new Error(message), { code, ...(data && { data }) });
}
