import {
  type JSONRPCMessage,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { Clock } from "../core/clock.js";
import { createHttpFetch } from "./http-answers.js";
import { Inbound, type InboundOptions } from "./inbound.js";
import { maxResultBytes } from "./limits.js";
import type { HttpConfig } from "./server-config.js";
import { STREAM_ENDED_CODE } from "./wire-codes.js";

type SendOptions = Parameters<StreamableHTTPClientTransport["send"]>[1];

interface HttpOptions {
  readonly clock: Clock;
  /** The server sends more notifications than are read. Must not throw. */
  readonly onFlood: () => void;
}

/** Streamable HTTP to one server, with the entry's headers on every request. */
export function createHttpTransport(config: HttpConfig, options: HttpOptions): StreamableHTTPClientTransport {
  const inbound = inboundOf(config, options, (message) => transport.onmessage?.(message));
  const transport: StreamableHTTPClientTransport = new StreamableHTTPClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: createHttpFetch({ inbound, maxBytes: maxResultBytes(config), clock: options.clock, isSse: false }),
  });
  // The SDK's client keeps a handler that was set before it connects, and calls it first.
  transport.onclose = () => inbound.close();
  return failOnLostStream(transport, inbound);
}

/** The HTTP+SSE transport of 2024-11-05, for servers that know nothing newer. */
export function createSseTransport(config: HttpConfig, options: HttpOptions): SSEClientTransport {
  const inbound = inboundOf(config, options, (message) => transport.onmessage?.(message));
  const transport: SSEClientTransport = new SSEClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: createHttpFetch({ inbound, maxBytes: maxResultBytes(config), clock: options.clock, isSse: true }),
  });
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    inbound.sent(message);
    return send(message);
  };
  transport.onclose = () => inbound.close();
  // The session is over with its stream; the SDK's transport would open another stream and never say so.
  transport.onerror = (error) => {
    if (error instanceof SseError) void transport.close();
  };
  return transport;
}

function inboundOf(config: HttpConfig, options: HttpOptions, deliver: InboundOptions["deliver"]): Inbound {
  return new Inbound({ ...options, maxBytes: maxResultBytes(config), deliver });
}

/**
 * Makes a request fail as soon as the event stream that should carry its answer has ended without it; the
 * SDK's transport would let it wait for its timeout.
 */
function failOnLostStream(
  transport: StreamableHTTPClientTransport,
  inbound: Inbound,
): StreamableHTTPClientTransport {
  // An answer that was seen on its way is lost when the stream breaks before the SDK has read it.
  const waiting = new Set<number>();
  const send = transport.send.bind(transport);
  // The SDK's client keeps a handler that was set before it connects, and calls it first.
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("id" in message && typeof message.id === "number") waiting.delete(message.id);
  };
  transport.send = async (message: JSONRPCMessage, options?: SendOptions) => {
    inbound.sent(message);
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (typeof id !== "number") return send(message, options);
    waiting.add(id);
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.();
      inbound.withdraw(id);
      if (!waiting.delete(id)) return;
      const error = { code: STREAM_ENDED_CODE, message: "the answer's stream ended before the answer came" };
      transport.onmessage?.({ jsonrpc: "2.0", id, error });
    };
    try {
      await send(message, { ...options, onRequestStreamEnd });
    } catch (error) {
      waiting.delete(id);
      inbound.withdraw(id);
      throw error;
    }
  };
  return transport;
}
