import { BatonError, type BatonErrorOptions, type ErrorCode, isBatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import type { Connection } from "./connection.js";
import { networkFailure } from "./network.js";
import { redact, secretsOf } from "./redact.js";
import type { ServerConfig } from "./server-config.js";
import { INVALID_CODE, MALFORMED_CODE, OVERSIZE_CODE, STREAM_ENDED_CODE } from "./wire-codes.js";

const LONGEST_QUOTE = 300;
interface Verdict extends BatonErrorOptions {
  readonly code: ErrorCode;
  /** Continues "server 'x': ". */
  readonly problem: string;
}

/** What an error says beyond `Error`: the SDK's own and Node's differ in shape, so each field is read with care. */
interface Shape {
  readonly name?: string;
  readonly message: string;
  readonly code?: unknown;
  readonly data?: {
    readonly status?: unknown;
    readonly retryAfterMs?: unknown;
    readonly timeout?: unknown;
    readonly limitBytes?: unknown;
  };
}

/**
 * Anything that the SDK, a transport or the network threw, as one {@link BatonError}. HTTP bodies are left out
 * and known secrets masked, as the message may reach a model.
 *
 * @param action what was being done, "tool 'echo'" for example
 */
export function toBatonError(error: unknown, config: ServerConfig, action: string): BatonError {
  if (isBatonError(error)) return error;
  const shape = shapeOf(error);
  const secrets = secretsOf(config);
  // Masked before anything is cut, or a secret across the cut would lose its end and be known no more.
  const { code, problem, data, ...options } = judge(shape, redact(shape.message, secrets));
  return new BatonError(code, redact(`server '${config.name}', ${action}: ${problem}`, secrets), {
    ...options,
    cause: error,
    data: { server: config.name, ...data },
  });
}

/**
 * The server has forgotten our session: 404 by the specification, 400 by several servers. The request was
 * refused before it ran.
 */
export function isSessionLost(error: unknown, connection: Connection): boolean {
  if (connection.transport !== "http" || connection.client.transport?.sessionId === undefined) return false;
  const { status, text } = (error as { data?: { status?: unknown; text?: unknown } } | undefined)?.data ?? {};
  return status === 404 || (status === 400 && typeof text === "string" && /session/i.test(text));
}

function shapeOf(error: unknown): Shape {
  return error instanceof Error ? (error as Shape) : { message: String(error) };
}

function judge(error: Shape, message: string): Verdict {
  // A DOMException has a positive number for a code.
  if (typeof error.code === "number" && error.code < 0) return judgeJsonRpc(error.code, error, message);
  if (typeof error.data?.status === "number") return judgeHttp(error.data.status, error.data.retryAfterMs);
  switch (error.code) {
    case "REQUEST_TIMEOUT": {
      const timeoutMs = error.data?.timeout;
      const after = typeof timeoutMs === "number" ? ` within ${timeoutMs} ms` : " in time";
      const problem = `no answer${after}; raise "timeout" if it needs longer`;
      return { code: "TIMEOUT", problem, retryable: true, effect: "possible", data: { timeoutMs } };
    }
    case "CONNECTION_CLOSED":
      return {
        code: "UPSTREAM",
        problem: "the connection closed before the answer came; the tool may have run",
        retryable: true,
        effect: "possible",
      };
    case "NOT_CONNECTED":
      return notConnected();
    case "CAPABILITY_NOT_SUPPORTED":
    case "METHOD_NOT_SUPPORTED_BY_PROTOCOL_VERSION":
      return { code: "PROTOCOL", problem: quote(message) };
    case "INPUT_REQUIRED_ROUNDS_EXCEEDED":
      return { code: "PROTOCOL", problem: quote(message), effect: "possible" };
    case "INVALID_RESULT":
    case "UNSUPPORTED_RESULT_TYPE":
      return { ...malformed("the answer is not a valid MCP result"), code: "INVALID_RESULT" };
    case "LIST_PAGINATION_EXCEEDED":
      return { code: "PROTOCOL", problem: "the list does not end: the server keeps naming a next page" };
    case "CLIENT_HTTP_UNEXPECTED_CONTENT":
      return malformed("the answer is neither JSON nor an event stream");
  }
  if (error.message === "Not connected" || error.message === "the server's input is closed")
    return notConnected();
  if (error.name === "UnauthorizedError") return judgeHttp(401);
  if (error.name === "SyntaxError") return malformed("the answer is not valid JSON");
  if (error.name === "ZodError") return malformed("the answer is not what MCP allows");
  return judgeNetwork(error, message);
}

function judgeHttp(status: number, retryAfterMs?: unknown): Verdict {
  const data = typeof retryAfterMs === "number" ? { status, retryAfterMs } : { status };
  if (status === 401 || status === 403) {
    const problem = `access was refused (HTTP ${status}); check its "headers"`;
    return { code: "UNAUTHORIZED", problem, data };
  }
  if (status === 429)
    return { code: "RATE_LIMITED", problem: "too many requests (HTTP 429)", retryable: true, data };
  const problem = `the server answered HTTP ${status}`;
  // A 4xx was refused before it ran, but for those by which a proxy says that it waited no longer; behind a 5xx, also a
  // 503 that says when to come back, anything may have happened.
  return status < 500 && status !== 408 && status !== 499
    ? { code: "UPSTREAM", problem, data }
    : { code: "UPSTREAM", problem, retryable: true, effect: "possible", data };
}

function judgeJsonRpc(rpcCode: number, error: Shape, message: string): Verdict {
  const said = quote(message);
  const data = { rpcCode };
  if (/output schema|outputSchema|structured content/i.test(error.message)) {
    // The SDK reports a result that breaks the tool's own output schema in the words of a JSON-RPC error.
    return { code: "INVALID_RESULT", problem: said, effect: "possible", data };
  }
  if (rpcCode === -32602) return { code: "INVALID_ARGUMENTS", problem: said, data };
  if (rpcCode === STREAM_ENDED_CODE)
    return { code: "UPSTREAM", problem: said, retryable: true, effect: "possible" };
  if (rpcCode === MALFORMED_CODE) return malformed(said);
  if (rpcCode === INVALID_CODE) return { ...malformed(said), code: "INVALID_RESULT" };
  if (rpcCode === OVERSIZE_CODE) {
    return {
      code: "RESULT_TOO_LARGE",
      problem: said,
      effect: "possible",
      data: { limitBytes: error.data?.limitBytes },
    };
  }
  if (rpcCode === -32601 || rpcCode === -32600 || rpcCode === -32700) {
    return { code: "PROTOCOL", problem: said, data };
  }
  return { code: "UPSTREAM", problem: said, effect: "possible", data };
}

/** An answer came, so the tool may have run; the next one may well be whole. */
function malformed(problem: string): Verdict {
  return { code: "PROTOCOL", problem, retryable: true, effect: "possible" };
}

function judgeNetwork(error: Shape, message: string): Verdict {
  const network = networkFailure(error);
  switch (network?.kind) {
    case "never sent": {
      const problem = `it cannot be reached (${network.code}); is it running at that address?`;
      return { ...notConnected(), problem };
    }
    case "certificate":
      return { code: "UPSTREAM", problem: `its certificate is not trusted (${network.code})` };
    case "broken": {
      const problem = `the connection broke (${network.code})`;
      return { code: "UPSTREAM", problem, retryable: true, effect: "possible" };
    }
  }
  // Unknown: nothing says that another try would go better, nor that this one did nothing.
  const isBroken = error.message === "terminated";
  return { code: "UPSTREAM", problem: quote(message), retryable: isBroken, effect: "possible" };
}

function notConnected(): Verdict {
  return { code: "NOT_CONNECTED", problem: "it is not connected, nothing was sent", retryable: true };
}

/** A server's own words, in one line and not too many of them. */
function quote(text: string): string {
  const line = showHidden(text).replace(/\s+/g, " ").trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}
