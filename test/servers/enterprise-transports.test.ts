import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Database } from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/servers/enterprise/database.js";
import { serveEnterpriseHttp } from "../../src/servers/enterprise/http.js";

const COMMAND = ["--import", "tsx", "src/servers/enterprise/main.ts"];
const MODES = ["legacy", "auto"] as const;
const COUNT = { table: "employees", aggregate: "count", where: { department: "Engineering" } };
const SENTENCE = [{ type: "text", text: "128 employees where department = Engineering." }];

let folder: string;
let database: Database;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "enterprise-"));
  database = openDatabase(":memory:");
});

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const createClient = (mode: (typeof MODES)[number]) =>
  new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });

describe.each(MODES)("a %s client", (mode) => {
  const version = mode === "auto" ? "2026-07-28" : "2025-11-25";

  it("calls a tool over stdio, and the server ends with it", async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...COMMAND, "--db", join(folder, `${mode}.db`)],
    });
    const client = createClient(mode);
    await client.connect(transport);
    const pid = transport.pid ?? 0;
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(client.getInstructions()).toContain("query_database");
    expect((await client.callTool({ name: "query_database", arguments: COUNT })).content).toEqual(SENTENCE);
    await client.close();
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it("calls a tool over HTTP", async () => {
    const server = await serveEnterpriseHttp({ database });
    const client = createClient(mode);
    const transport = new StreamableHTTPClientTransport(new URL(server.url));
    await client.connect(transport);
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(typeof transport.sessionId).toBe(mode === "legacy" ? "string" : "undefined");
    expect((await client.callTool({ name: "query_database", arguments: COUNT })).content).toEqual(SENTENCE);
    await client.close();
    await server.close();
  });
});

describe("serveEnterpriseHttp()", () => {
  it("refuses a foreign Host or Origin", async () => {
    const server = await serveEnterpriseHttp({ database, allowedHosts: ["data.example"] });
    const { port } = new URL(server.url);
    expect(await statusOf(server.url, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusOf(server.url, { origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(server.url, { origin: "null" })).toBe(403);
    expect(
      await statusOf(server.url, { host: `data.example:${port}`, origin: `http://localhost:${port}` }),
    ).toBe(200);
    await server.close();
  });

  it("refuses huge bodies, unknown sessions and other paths", async () => {
    const server = await serveEnterpriseHttp({ database });
    expect(await statusOf(server.url, { "content-length": String(1024 * 1024 + 1) })).toBe(413);
    expect(await statusOf(server.url, { "mcp-session-id": "gone" })).toBe(404);
    expect(await statusOf(server.url.replace("/mcp", "/"), {})).toBe(404);
    expect(await statusOf(server.url, {}, "not JSON")).toBe(400);
    await server.close();
  });

  it("ends a session on request", async () => {
    const server = await serveEnterpriseHttp({ database });
    const client = createClient("legacy");
    const transport = new StreamableHTTPClientTransport(new URL(server.url));
    await client.connect(transport);
    const session = { "mcp-session-id": transport.sessionId ?? "" };
    await transport.terminateSession();
    expect(await statusOf(server.url, session)).toBe(404);
    await client.close();
    await server.close();
  });
});

describe("sessions over HTTP", () => {
  it("end with the oldest when there are more than 200", async () => {
    const server = await serveEnterpriseHttp({ database });
    const ids: string[] = [];
    for (let count = 0; count < 201; count++) {
      const response = await fetch(server.url, { method: "POST", headers: HEADERS, body: INITIALIZE });
      await response.text();
      ids.push(response.headers.get("mcp-session-id") ?? "");
    }
    // A second handshake in a living session is a bad request; an ended one is unknown.
    expect(await statusOf(server.url, { "mcp-session-id": ids[0] ?? "" })).toBe(404);
    expect(await statusOf(server.url, { "mcp-session-id": ids[1] ?? "" })).toBe(400);
    await server.close();
  });
});

describe("the command", () => {
  it("serves HTTP, says where, and ends on SIGTERM", async () => {
    const child = start(["--http", "--db", join(folder, "http.db")]);
    const line = await firstErrorLine(child);
    expect(line).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const client = createClient("auto");
    await client.connect(new StreamableHTTPClientTransport(new URL(line.replace("listening on ", ""))));
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await client.close();
  });

  it("generates one database, however many start at once", async () => {
    const path = join(folder, "shared", "enterprise.db");
    const children = [1, 2, 3].map(() => start(["--http", "--db", path]));
    for (const line of await Promise.all(children.map(firstErrorLine)))
      expect(line).toMatch(/^listening on /);
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map((child) => once(child, "exit")));
    expect(readdirSync(join(folder, "shared"))).toEqual(["enterprise.db"]);
  });

  it("keeps the data in memory where the cache cannot be written", async () => {
    const child = start(["--http"], { XDG_CACHE_HOME: "/dev/null" });
    expect(await firstErrorLine(child)).toMatch(/cannot open or create .*; keeping the data in memory$/);
    child.kill("SIGINT");
    await once(child, "exit");
  });

  it.each([
    [["--port", "x"], "--port must be a whole number from 0 to 65535, not 'x'"],
    [["--nope"], "Unknown option '--nope'"],
    [["--db", "/dev/null/enterprise.db"], "cannot open or create the database"],
  ])("refuses %j in one line", async (args, message) => {
    const child = start(args);
    expect(await firstErrorLine(child)).toContain(message);
    expect(await once(child, "exit")).toEqual([1, null]);
  });
});

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [...COMMAND, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function firstErrorLine(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error("stderr is not piped");
  const [line] = await once(createInterface({ input: child.stderr }), "line");
  return line;
}

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } },
});

/** By node:http, since fetch does not let a caller set Host. */
async function statusOf(url: string, headers: Record<string, string>, body = INITIALIZE): Promise<number> {
  const outgoing = request(url, {
    method: "POST",
    agent: false,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
  });
  outgoing.end(body);
  const [response] = await once(outgoing, "response");
  response.resume();
  return response.statusCode;
}
