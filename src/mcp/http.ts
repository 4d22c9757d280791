import { setMaxListeners } from "node:events";
import {
  type JSONRPCMessage,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { HttpConfig } from "./server-config.js";
import { STREAM_ENDED_CODE } from "./wire-codes.js";

type SendOptions = Parameters<StreamableHTTPClientTransport["send"]>[1];

/** Streamable HTTP to one server, with the entry's headers on every request. */
export function createHttpTransport(config: HttpConfig): StreamableHTTPClientTransport {
  return failOnLostStream(
    new StreamableHTTPClientTransport(new URL(config.url), {
      requestInit: { headers: { ...config.headers } },
      fetch: quietFetch,
    }),
  );
}

/** The HTTP+SSE transport of 2024-11-05, for servers that know nothing newer. */
export function createSseTransport(config: HttpConfig): SSEClientTransport {
  const transport = new SSEClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: quietFetch,
  });
  // The session is over with its stream; the SDK's transport would open another stream and never say so.
  transport.onerror = (error) => {
    if (error instanceof SseError) void transport.close();
  };
  return transport;
}

/** Every request of a transport listens to one signal: many at once are no leak, whatever Node's default says. */
function quietFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  if (init?.signal) setMaxListeners(0, init.signal);
  return fetch(url, init);
}

/**
 * Makes a request fail as soon as the event stream that should carry its answer has ended without it; the
 * SDK's transport would let it wait for its timeout.
 */
function failOnLostStream(transport: StreamableHTTPClientTransport): StreamableHTTPClientTransport {
  const waiting = new Set<number>();
  const send = transport.send.bind(transport);
  // The SDK's client keeps a handler that was set before it connects, and calls it first.
  transport.onmessage = (message: JSONRPCMessage) => {
    if ("id" in message && typeof message.id === "number") waiting.delete(message.id);
  };
  transport.send = async (message: JSONRPCMessage, options?: SendOptions) => {
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (typeof id !== "number") return send(message, options);
    waiting.add(id);
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.();
      if (!waiting.delete(id)) return;
      const error = { code: STREAM_ENDED_CODE, message: "the answer's stream ended before the answer came" };
      transport.onmessage?.({ jsonrpc: "2.0", id, error });
    };
    try {
      await send(message, { ...options, onRequestStreamEnd });
    } catch (error) {
      waiting.delete(id);
      throw error;
    }
  };
  return transport;
}
