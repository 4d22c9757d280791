import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRandom } from "./fixtures/random.mjs";

/** What may happen to a request, and how often: first those that never reach the server, then those that do. */
const SCHEDULE = [
  ["reset before", 0.025],
  ["silent before", 0.025],
  ["status 503", 0.02],
  ["reset after", 0.025],
  ["silent after", 0.025],
  ["malformed JSON", 0.005],
  ["malformed event", 0.005],
] as const;
type Fault = (typeof SCHEDULE)[number][0];

export interface FaultyProxy {
  readonly url: string;
  /** Where it sends on. */
  target: number;
  /** Nothing goes wrong while it is false, so that all may connect. */
  faulty: boolean;
  readonly requests: number;
  readonly faults: number;
  close(): Promise<void>;
}

/**
 * Stands between a client and an MCP server over HTTP and does to every POST what networks do, by a seed. Streams of a
 * GET go through untouched.
 */
export async function startFaultyProxy(seed: number): Promise<FaultyProxy> {
  const random = createRandom(seed);
  const agent = new Agent({ keepAlive: true });
  const state = { target: 0, faulty: false, requests: 0, faults: 0 };

  function draw(): Fault | undefined {
    state.requests++;
    let chance = random();
    for (const [fault, share] of SCHEDULE) {
      if (chance < share) {
        state.faults++;
        return fault;
      }
      chance -= share;
    }
    return undefined;
  }

  const server = createServer(async (incoming, response) => {
    response.on("error", () => {});
    if (incoming.method !== "POST") return forward(incoming, response, "");
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const fault = state.faulty ? draw() : undefined;
    switch (fault) {
      case "reset before":
        return void incoming.socket.resetAndDestroy();
      case "silent before":
        return;
      case "status 503":
        return void response.writeHead(503, { "content-type": "text/plain" }).end("overloaded");
      case undefined:
        return forward(incoming, response, body);
    }
    // The server does its work, and its answer gets lost.
    forward(incoming, undefined, body, () => {
      if (fault === "reset after") incoming.socket.resetAndDestroy();
      else if (fault === "malformed JSON") {
        response.writeHead(200, { "content-type": "application/json" }).end('{"jsonrpc":"2.0","id":1,"resu');
      } else if (fault === "malformed event") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end('event: message\ndata: {"jsonrpc":"2.0","id":1,"resu\n\n');
      }
    });
  });

  function forward(
    incoming: IncomingMessage,
    response: ServerResponse | undefined,
    body: string,
    done = () => {},
  ): void {
    const { method, url: path, headers } = incoming;
    const onward = request({ agent, host: "127.0.0.1", port: state.target, method, path, headers });
    onward.on("response", (answer) => {
      if (response === undefined) {
        answer.resume().on("close", done);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on("error", () => incoming.socket.resetAndDestroy());
    });
    // The server is down: what its own port would say.
    onward.on("error", () => incoming.socket.resetAndDestroy());
    response?.on("close", () => onward.destroy());
    onward.end(body);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/mcp`,
    async close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  });
}
