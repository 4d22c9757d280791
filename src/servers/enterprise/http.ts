import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  originValidationResponse,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import { createEnterpriseServer } from "./server.js";

const PATH = "/mcp";
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_SESSIONS = 200;

export interface HttpOptions {
  readonly database: Database;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0 lets the system choose. @default 0 */
  readonly port?: number;
  /** Host names, beside `host` and the loopback names, under which clients and web pages may call. @default [] */
  readonly allowedHosts?: readonly string[];
}

export interface HttpServer {
  readonly url: string;
  /** Ends open sessions and connections, then stops to listen. The database stays open. */
  close(): Promise<void>;
}

/**
 * Serves the data over Streamable HTTP at `/mcp`: with sessions for clients of 2025-11-25 and before, stateless
 * for 2026-07-28. A request with a foreign Host or Origin is refused, so that no web page can reach the
 * server by DNS rebinding.
 */
export async function serveEnterpriseHttp(options: HttpOptions): Promise<HttpServer> {
  const { database, host = "127.0.0.1", port = 0 } = options;
  const hostnames = [...localhostAllowedHostnames(), bracketed(host), ...(options.allowedHosts ?? [])];
  const modern = createMcpHandler(() => createEnterpriseServer(database), {
    legacy: "reject",
    maxRequestBodySize: MAX_BODY_BYTES,
  });
  const sessions = createSessions(database);

  async function fetch(request: Request): Promise<Response> {
    const refused =
      hostHeaderValidationResponse(request, hostnames) ?? originValidationResponse(request, hostnames);
    if (refused) return refused;
    if (new URL(request.url).pathname !== PATH) return new Response("Not found", { status: 404 });
    const legacy = await isLegacyRequest(request, undefined, { maxRequestBodySize: MAX_BODY_BYTES });
    return legacy ? sessions.fetch(request) : modern.fetch(request);
  }

  const server = serve({ fetch, hostname: host, port, overrideGlobalObjects: false });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  const { port: chosen } = server.address() as AddressInfo;

  return {
    url: `http://${bracketed(host)}:${chosen}${PATH}`,
    async close() {
      await Promise.all([modern.close(), sessions.close()]);
      const closed = new Promise((resolve) => server.close(resolve));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** One transport and one server per session, the least recently used first in the map. */
function createSessions(database: Database) {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();

  async function open(request: Request): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      maxRequestBodySize: MAX_BODY_BYTES,
    });
    const server = createEnterpriseServer(database);
    server.server.onclose = () => void (transport.sessionId && transports.delete(transport.sessionId));
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    // Anything but a handshake has no session, and nobody would ever close its server.
    if (transport.sessionId === undefined) await server.close();
    await closeOldest();
    return response;
  }

  async function closeOldest(): Promise<void> {
    const [oldest] = transports.values();
    if (oldest && transports.size > MAX_SESSIONS) await oldest.close();
  }

  return {
    async fetch(request: Request): Promise<Response> {
      const id = request.headers.get("mcp-session-id");
      if (id === null) return open(request);
      const transport = transports.get(id);
      // 404 tells the client to start a new session (MCP 2025-11-25, Session Management).
      if (!transport) return jsonRpcError(404, "Session not found");
      transports.delete(id);
      transports.set(id, transport);
      return transport.handleRequest(request);
    },
    async close(): Promise<void> {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

function jsonRpcError(status: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code: -32001, message }, id: null }, { status });
}

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
