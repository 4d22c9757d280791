import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { answer, type Script } from "./scripted.js";

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON-RPC message of a POST. */
  readonly message: JSONRPCMessage | undefined;
  /** Its method, for short. */
  readonly rpc: string | undefined;
}

export interface HttpScript extends Script {
  /** Status for a session that is not known: 404 by the specification, 400 with several servers. @default 404 */
  readonly lostStatus?: 400 | 404;
  /** @default true */
  readonly sessions?: boolean;
  /** Takes a request over when it returns true. */
  readonly intercept?: (
    request: HttpRequest,
    response: ServerResponse,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** @default chosen by the system */
  readonly port?: number;
}

export interface HttpFixture {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly HttpRequest[];
  /** Ids of live sessions; clear it and the server has forgotten them. */
  readonly sessions: Set<string>;
  /** Requests of this JSON-RPC method, or of this HTTP method when it is in capitals. */
  count(method: string): number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A streamable HTTP server of protocol 2025-11-25 with real sessions, that counts what it is asked. */
export async function startHttp(script: HttpScript = {}): Promise<HttpFixture> {
  const requests: HttpRequest[] = [];
  const sessions = new Set<string>();
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const message = body === "" ? undefined : (JSON.parse(body) as JSONRPCMessage);
    const rpc = message && "method" in message ? message.method : undefined;
    const headers = incoming.headers as Record<string, string | undefined>;
    const request = { method: incoming.method ?? "", headers, message, rpc };
    requests.push(request);
    if (await script.intercept?.(request, response)) return;
    const session = headers["mcp-session-id"];
    if (script.sessions !== false && rpc !== "initialize" && rpc !== "server/discover") {
      if (session === undefined || !sessions.has(session)) {
        const error = { code: -32001, message: "Session not found" };
        return sendJson(response, script.lostStatus ?? 404, { jsonrpc: "2.0", id: null, error });
      }
    }
    if (request.method === "DELETE") {
      sessions.delete(session ?? "");
      response.writeHead(200).end();
      return;
    }
    if (request.method !== "POST" || message === undefined) {
      response.writeHead(405).end();
      return;
    }
    if (rpc === "server/discover") {
      const error = { code: -32601, message: "Method not found" };
      const id = "id" in message ? message.id : null;
      return sendJson(response, 400, { jsonrpc: "2.0", id, error });
    }
    const meta = ("params" in message ? message.params?._meta : undefined) as
      | { progressToken?: string | number }
      | undefined;
    const events: string[] = [];
    const stream = (value: object): void => {
      if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: message\ndata: ${JSON.stringify(value)}\n\n`);
      events.push("sent");
    };
    const reply = await answer(script, message, {
      headers,
      progressToken: meta?.progressToken,
      notify: (method, params) => stream({ jsonrpc: "2.0", method, ...(params ? { params } : {}) }),
    });
    if (reply === undefined) {
      response.writeHead(202).end();
    } else if (events.length > 0) {
      stream(reply);
      response.end();
    } else {
      const id = rpc === "initialize" && script.sessions !== false ? randomUUID() : undefined;
      if (id !== undefined) sessions.add(id);
      sendJson(response, 200, reply, id === undefined ? {} : { "mcp-session-id": id });
    }
  }

  server.listen(script.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    requests,
    sessions,
    count: (method) =>
      requests.filter((each) => (/^[A-Z]+$/.test(method) ? each.method : each.rpc) === method).length,
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function read(incoming: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
  return body;
}
