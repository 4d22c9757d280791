import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ServerConfig } from "../../src/mcp/server-config.js";
import { call, callText, failure, open } from "../support/calls.js";
import { run } from "../support/child.js";
import { type HttpScript, startHttp } from "../support/http-server.js";
import { text } from "../support/scripted.js";
import { fixture, httpConfig } from "../support/stdio-fixture.js";

const PROBE = fileURLToPath(new URL("../support/size-probe.ts", import.meta.url));
const MB = 1_000_000;
const CHUNK = "x".repeat(MB / 4);

interface Figures {
  readonly code: string;
  readonly data: object;
  readonly ms: number;
  readonly growthMb: number;
  readonly cpuMs: number;
  readonly worstDelayMs: number;
  readonly other: string;
  readonly after: number;
  readonly events: readonly string[];
}

/** What it costs a process to call a tool whose answer is too much. */
async function probe(name: string, config: ServerConfig, tool: string, args: object = {}): Promise<Figures> {
  const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", PROBE], {
    env: { PROBE: JSON.stringify({ config, tool, args }) },
  });
  if (stdout === "") throw new Error(stderr);
  const figures = JSON.parse(stdout) as Figures;
  process.stdout.write(`${name}: ${stdout}`);
  return figures;
}

/** Writes so many bytes of one answer, no faster than they are read. */
async function pour(
  response: ServerResponse,
  into: NodeJS.WritableStream,
  bytes: number,
  id: unknown,
): Promise<void> {
  let gone = false;
  response.once("close", () => {
    gone = true;
    into.emit("drain");
  });
  for (let written = 0; written < bytes && !gone; written += CHUNK.length) {
    if (!into.write(CHUNK) && !gone) await once(into, "drain");
  }
  if (!gone) into.end(`"}]},"id":${JSON.stringify(id)}}`);
}

const HEAD = '{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"';

async function hostile(): Promise<string> {
  const script: HttpScript = {
    call: async (_, { ms }) => {
      if (typeof ms === "number") await new Promise((resolve) => setTimeout(resolve, ms));
      return text("fine");
    },
    intercept: async ({ rpc, message }, response) => {
      const { id, params } = (message ?? {}) as { id?: number; params?: { name?: string } };
      if (rpc !== "tools/call") return false;
      response.on("error", () => {});
      switch (params?.name) {
        case "json":
          response.writeHead(200, { "content-type": "application/json" }).write(HEAD);
          void pour(response, response, 200 * MB, id);
          return true;
        case "announced":
          response.writeHead(200, { "content-type": "application/json", "content-length": 200 * MB });
          response.write(HEAD);
          void pour(response, response, 190 * MB, id);
          return true;
        case "gzip": {
          response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
          const zip = createGzip();
          zip.on("error", () => {});
          zip.pipe(response);
          zip.write(HEAD);
          void pour(response, zip, 200 * MB, id);
          return true;
        }
        case "event":
          response
            .writeHead(200, { "content-type": "text/event-stream" })
            .write(`event: message\ndata: ${HEAD}`);
          void pour(response, response, 100 * MB, id);
          return true;
      }
      return false;
    },
  };
  const http = await startHttp(script);
  onTestFinished(() => http.close());
  return http.url;
}

describe("answers that are too large, at the default limit", () => {
  test.each(["json", "announced", "gzip", "event"])(
    "over HTTP (%s) cost little, and nobody else's call",
    async (kind) => {
      const figures = await probe(kind, httpConfig("web", await hostile()), kind);
      expect(figures).toMatchObject({ code: "RESULT_TOO_LARGE", other: "survived", after: 1 });
      expect(figures.data).toEqual({ server: "web", limitBytes: 16 * 1024 * 1024 });
      expect(figures.ms).toBeLessThan(2000);
      expect(figures.growthMb).toBeLessThan(64);
    },
  );

  test("over stdio cost little, and nobody else's call", async () => {
    const figures = await probe("stdio", fixture("s"), "big", { bytes: 100 * MB });
    expect(figures).toMatchObject({ code: "RESULT_TOO_LARGE", other: "survived", after: 1 });
    expect(figures.ms).toBeLessThan(2000);
    expect(figures.growthMb).toBeLessThan(64);
  });

  test("12 MB over stdio are no trouble", async () => {
    const figures = await probe("12 MB", fixture("s"), "big", { bytes: 12 * MB });
    expect(figures).toMatchObject({ code: "ok", other: "survived" });
  });
});

test("50,000 notifications before the answer cost little, and are said once", async () => {
  for (const [method, params] of [
    ["notifications/message", { level: "info", data: "x".repeat(100) }],
    ["notifications/progress", {}],
    ["notifications/tools/list_changed", {}],
  ] as const) {
    const figures = await probe(method, fixture("s"), "flood", { count: 50_000, method, params });
    expect(figures).toMatchObject({ code: "ok", other: "survived", after: 1 });
    expect(figures.growthMb).toBeLessThan(64);
    expect(figures.events.filter((type) => type === "flood")).toHaveLength(1);
  }
});

describe("maxResultBytes", () => {
  const maxResultBytes = 10_000;

  test("holds for stdio, to the byte", async () => {
    const server = open(fixture("s", {}, { maxResultBytes }));
    const overhead = JSON.stringify({ jsonrpc: "2.0", id: 10, result: text("") }).length;
    for (let n = 0; n < 9; n++) await call(server, "echo");
    expect(await callText(server, "big", { bytes: maxResultBytes - overhead - 1 })).toHaveLength(
      maxResultBytes - overhead - 1,
    );
    const error = await failure(call(server, "big", { bytes: maxResultBytes }));
    expect(error).toMatchObject({
      code: "RESULT_TOO_LARGE",
      effect: "possible",
      data: { limitBytes: maxResultBytes },
    });
  });

  test.each(["json", "events"])("holds for HTTP (%s)", async (kind) => {
    const http = await startHttp({
      call: (_, { size }, { notify }) => {
        if (kind === "events") notify("notifications/message", { level: "info", data: "first" });
        return text("x".repeat(Number(size)));
      },
    });
    onTestFinished(() => http.close());
    const server = open(httpConfig("web", http.url, { maxResultBytes }));
    expect(await callText(server, "t", { size: 9000 })).toHaveLength(9000);
    const error = await failure(call(server, "t", { size: 10_001 }));
    expect(error).toMatchObject({
      code: "RESULT_TOO_LARGE",
      effect: "possible",
      data: { limitBytes: maxResultBytes },
    });
    expect(await callText(server, "t", { size: 1 })).toHaveLength(1);
  });

  test("holds for all pages of a list together", async () => {
    const item = (n: number) => ({ uri: `x:${n}`, name: "n".repeat(1000) });
    const http = await startHttp({
      capabilities: { resources: {}, tools: {} },
      methods: {
        "resources/list": ({ cursor }) => ({
          resources: [item(Number(cursor ?? 0))],
          nextCursor: `${Number(cursor ?? 0) + 1}`,
        }),
      },
    });
    onTestFinished(() => http.close());
    const server = open(httpConfig("web", http.url, { maxResultBytes }));
    expect(await failure(server.listResources())).toMatchObject({ code: "RESULT_TOO_LARGE" });
    expect(http.count("resources/list")).toBeLessThan(12);
  });
});
