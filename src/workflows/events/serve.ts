import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { BatonError, reasonOf } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import type { Events } from "../events.js";
import { isLoopback } from "./loopback.js";

export interface ServeEventsOptions {
  /** Where it listens. Others than loopback addresses need signed events. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 lets the system choose. @default 0 */
  readonly port?: number;
}

export interface EventsServer {
  /** Where events are sent to. */
  readonly url: string;
  /** Takes no more requests, answers those that are there, and closes the events. */
  close(): Promise<void>;
}

/**
 * Starts events and listens for webhooks. It speaks HTTP: put what ends TLS in front of it.
 *
 * @throws {BatonError} `CONFIG_INVALID` for unsigned events on an address that others can reach; `CONNECT_FAILED` when the
 *   port cannot be had; `STORE` when the journal cannot be opened
 */
export async function serveEvents(
  events: Events,
  { host = "127.0.0.1", port = 0 }: ServeEventsOptions = {},
): Promise<EventsServer> {
  if (!events.signed && !isLoopback(host)) {
    const problem = `'${host}' can be reached by others: give secrets, or listen on 127.0.0.1`;
    throw configInvalid("serveEvents(): unsigned events", [{ path: "host", problem }]);
  }
  const server = serve({
    fetch: events.app.fetch,
    hostname: host,
    port,
    overrideGlobalObjects: false,
    // A body that does not come is answered before the connection is cut.
    serverOptions: { headersTimeout: 10_000, requestTimeout: events.bodyMs + 10_000 },
  });
  const closeServer = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
  } catch (error) {
    const message = `cannot listen on ${host}:${port}: ${reasonOf(error)}; choose another port or host`;
    throw new BatonError("CONNECT_FAILED", message, { cause: error });
  }
  try {
    await events.start();
  } catch (error) {
    await closeServer();
    throw error;
  }
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${chosen}/events`,
    async close() {
      const closed = closeServer();
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      await events.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
