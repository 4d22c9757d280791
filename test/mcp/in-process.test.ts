import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import {
  createMcpHandler,
  McpServer,
  Server as SdkServer,
  type Transport,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { inProcess } from "../../src/mcp/in-process.js";
import { call, callText, failure, open } from "../support/calls.js";
import { httpConfig } from "../support/stdio-fixture.js";

function createAdder(): McpServer {
  const server = new McpServer({ name: "adder", version: "1.0.0" });
  server.registerTool(
    "add",
    { description: "Adds two numbers", inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => ({ content: [{ type: "text", text: `${a + b}` }] }),
  );
  return server;
}

describe("inProcess()", () => {
  test("connects a server object of the SDK, a fresh one for each connection", async () => {
    let made = 0;
    const config = inProcess("adder", () => {
      made++;
      return createAdder();
    });
    const server = open(config);
    expect(await callText(server, "add", { a: 2, b: 3 })).toBe("5");
    expect(server.info).toMatchObject({ name: "adder", transport: "custom" });
    expect(server.pid).toBeUndefined();
    await callText(open(config), "add", { a: 1, b: 1 });
    expect(made).toBe(2);
  });

  test("takes the SDK's low-level server, and one that is made later", async () => {
    const server = open(
      inProcess("low", async () => {
        const low = new SdkServer({ name: "low", version: "1" }, { capabilities: { tools: {} } });
        low.setRequestHandler("tools/list", () => ({ tools: [] }));
        return low;
      }),
    );
    expect(await server.listTools()).toEqual([]);
  });

  test("a factory that throws is CONNECT_FAILED with its reason", async () => {
    const server = open(
      inProcess("broken", () => {
        throw new Error("no database");
      }),
    );
    const error = await failure(server.connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("no database");
  });

  test("comes back when the server side closed the connection", async () => {
    const servers: McpServer[] = [];
    const server = open(
      inProcess("adder", () => {
        const made = createAdder();
        servers.push(made);
        return made;
      }),
    );
    await server.connect();
    await servers[0]?.close();
    expect(await callText(server, "add", { a: 4, b: 4 })).toBe("8");
    expect(servers).toHaveLength(2);
  });
});

describe("a server of the revision 2026-07-28", () => {
  test("in this process negotiates that revision", async () => {
    const server = open(
      inProcess("modern", () => ({
        async connect(transport: Transport) {
          serveStdio(createAdder, { transport, legacy: "reject" });
        },
      })),
    );
    expect(await callText(server, "add", { a: 2, b: 2 })).toBe("4");
    expect(server.info).toMatchObject({ name: "adder", protocolVersion: "2026-07-28" });
    expect((await server.listTools()).map(({ name }) => name)).toEqual(["add"]);
  });

  test("over HTTP negotiates that revision, and needs no session", async () => {
    const handler = createMcpHandler(createAdder, { legacy: "reject" });
    const seen: string[] = [];
    const http = serve({
      fetch: (request: Request) => {
        seen.push(`${request.method} ${request.headers.get("mcp-session-id")}`);
        return handler.fetch(request);
      },
      hostname: "127.0.0.1",
      port: 0,
      overrideGlobalObjects: false,
    });
    await once(http, "listening");
    onTestFinished(async () => {
      await handler.close();
      if ("closeAllConnections" in http) http.closeAllConnections();
      http.close();
    });
    const { port } = http.address() as AddressInfo;
    const server = open(httpConfig("modern", `http://127.0.0.1:${port}/mcp`));
    expect(await callText(server, "add", { a: 20, b: 22 })).toBe("42");
    expect(server.info).toMatchObject({ protocolVersion: "2026-07-28", transport: "http" });
    const refused = await call(server, "add", { a: "x" }).catch((error: unknown) => error);
    expect(refused).toMatchObject(
      refused instanceof Error ? { code: "INVALID_ARGUMENTS" } : { isError: true },
    );
    await server.close();
    expect(seen.filter((each) => each !== "POST null")).toEqual([]);
  });
});
