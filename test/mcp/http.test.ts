import { describe, expect, onTestFinished, test } from "vitest";
import { call, callText, failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { type HttpScript, sendJson, startHttp } from "../support/http-server.js";
import { freePort, startProgram, until } from "../support/processes.js";
import { text, tool } from "../support/scripted.js";
import { httpConfig, program } from "../support/stdio-fixture.js";

async function serve(script: HttpScript = {}) {
  const http = await startHttp(script);
  onTestFinished(() => http.close());
  return http;
}

/** Answers tool calls, and nothing else, in a way of its own. */
function onCalls(respond: NonNullable<HttpScript["intercept"]>): HttpScript {
  return { intercept: (request, response) => request.rpc === "tools/call" && respond(request, response) };
}

describe("the server's answer to a call", () => {
  test.each([
    [401, "UNAUTHORIZED", "none", false],
    [403, "UNAUTHORIZED", "none", false],
    [429, "RATE_LIMITED", "none", true],
    [413, "UPSTREAM", "none", false],
    [500, "UPSTREAM", "possible", true],
    [503, "UPSTREAM", "possible", true],
  ] as const)("HTTP %i is %s, with an effect that is %s", async (status, code, effect, retryable) => {
    const http = await serve(
      onCalls((_, response) => {
        sendJson(response, status, { stack: "at secret.ts:1 password=hunter2" });
        return true;
      }),
    );
    const error = await failure(call(open(httpConfig("web", http.url)), "t"));
    expect(error).toMatchObject({ code, effect, retryable, data: { server: "web", status } });
    expect(JSON.stringify(error)).not.toContain("hunter2");
    expect(error.message).toContain("server 'web', tool 't'");
  });

  test("an HTML page is PROTOCOL", async () => {
    const http = await serve(
      onCalls((_, response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Sign in</h1>");
        return true;
      }),
    );
    expect((await failure(call(open(httpConfig("web", http.url)), "t"))).code).toBe("PROTOCOL");
  });

  test("broken JSON is PROTOCOL", async () => {
    const http = await serve(
      onCalls((_, response) => {
        response.writeHead(200, { "content-type": "application/json" }).end('{"jsonrpc":');
        return true;
      }),
    );
    expect((await failure(call(open(httpConfig("web", http.url)), "t"))).code).toBe("PROTOCOL");
  });

  test("a stream that ends without the answer fails the call at once", async () => {
    const http = await serve(
      onCalls((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).end(": nothing\n\n");
        return true;
      }),
    );
    const error = await failure(call(open(httpConfig("web", http.url)), "t"));
    expect(error).toMatchObject({ code: "UPSTREAM", effect: "possible", retryable: true });
    expect(error.message).toContain("stream ended before the answer");
  });

  test("a stream that breaks in the middle fails the call at once", async () => {
    const http = await serve(
      onCalls((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(": begin\n\n");
        setImmediate(() => response.destroy());
        return true;
      }),
    );
    expect((await failure(call(open(httpConfig("web", http.url)), "t"))).code).toBe("UPSTREAM");
  });

  test("a connection that is reset is UPSTREAM, and the next call works", async () => {
    let resets = 1;
    const http = await serve(
      onCalls((_, response) => {
        if (resets-- <= 0) return false;
        response.socket?.resetAndDestroy();
        return true;
      }),
    );
    const server = open(httpConfig("web", http.url));
    const error = await failure(call(server, "t"));
    expect(error).toMatchObject({ code: "UPSTREAM", effect: "possible", retryable: true });
    expect(await callText(server, "t", { n: 1 })).toBe('{"n":1}');
    expect(http.count("initialize")).toBe(1);
  });

  test("progress and answer over one event stream arrive both", async () => {
    const http = await serve({
      call: (_, __, { notify, progressToken }) => {
        notify("notifications/progress", { progressToken, progress: 1, total: 2 });
        return text("streamed");
      },
    });
    const seen: unknown[] = [];
    const server = open(httpConfig("web", http.url));
    const result = await call(server, "t", {}, { onProgress: (progress: unknown) => seen.push(progress) });
    expect(result).toMatchObject(text("streamed"));
    expect(seen).toEqual([{ progress: 1, total: 2 }]);
  });

  test("500 calls at once raise no warning of too many listeners", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const http = await serve();
    const server = open(httpConfig("web", http.url));
    const answers = await Promise.all(Array.from({ length: 500 }, (_, n) => callText(server, "t", { n })));
    expect(answers).toEqual(Array.from({ length: 500 }, (_, n) => JSON.stringify({ n })));
    expect(warnings).toEqual([]);
    expect(http.count("initialize")).toBe(1);
  });
});

describe("connecting", () => {
  test("a server that is not there is CONNECT_FAILED with ECONNREFUSED, and works once it is there", async () => {
    const port = await freePort();
    const server = open(httpConfig("web", `http://127.0.0.1:${port}/mcp`));
    const error = await failure(call(server, "t"));
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: true, effect: "none" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(server.status).toBe("down");
    await serve({ port });
    await until(() => callText(server, "t").catch(() => ""), "the same handle works");
    expect(server.status).toBe("connected");
  });

  test("a server that goes away and comes back makes calls in between NOT_CONNECTED", async () => {
    const http = await serve({ sessions: false });
    const server = open(httpConfig("web", http.url));
    await call(server, "t");
    await http.close();
    // The first may still find the old socket and learn only from its end.
    await failure(call(server, "t"));
    expect(await failure(call(server, "t"))).toMatchObject({ code: "NOT_CONNECTED", effect: "none" });
    await serve({ sessions: false, port: http.port });
    expect(await callText(server, "t", { back: true })).toBe('{"back":true}');
  });

  test.each([401, 403])("HTTP %i to the handshake is UNAUTHORIZED and names the headers", async (status) => {
    const http = await serve({
      intercept: (_, response) => {
        sendJson(response, status, { token: "hunter2-hunter2" });
        return true;
      },
    });
    const clock = new FakeClock();
    const error = await failure(open(httpConfig("web", http.url), { clock }).connect());
    expect(error).toMatchObject({ code: "UNAUTHORIZED", retryable: false });
    expect(clock.pending, "it is not asked again and again").toBe(0);
    expect(error.message).toContain('"headers"');
    expect(error.message).not.toContain("hunter2");
  });

  test("HTTP 404 and a page that is no MCP are CONNECT_FAILED", async () => {
    const missing = await serve({
      intercept: (_, response) => {
        response.writeHead(404).end("nothing here");
        return true;
      },
    });
    const error = await failure(open(httpConfig("web", missing.url)).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("HTTP 404");
    const page = await serve({
      intercept: (_, response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>hello</h1>");
        return true;
      },
    });
    expect((await failure(open(httpConfig("web", page.url)).connect())).code).toBe("CONNECT_FAILED");
  });

  test("a server that accepts and says nothing is given up after connectTimeoutMs", async () => {
    const http = await serve({ intercept: () => true });
    const error = await failure(open(httpConfig("web", http.url, { connectTimeoutMs: 150 })).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("150 ms");
  });

  test("credentials in the address and the headers are in no message", async () => {
    const port = await freePort();
    const config = httpConfig("web", `http://127.0.0.1:${port}/mcp?api_key=hunter2-hunter2`, {
      headers: { Authorization: "Bearer swordfish" },
      secrets: ["Bearer swordfish", "hunter2-hunter2", "swordfish"],
    });
    const error = await failure(open(config).connect());
    expect(JSON.stringify(error)).not.toMatch(/hunter2|swordfish/);
  });

  test("the configured headers go out with every request", async () => {
    const http = await serve();
    const server = open(httpConfig("web", http.url, { headers: { "X-Key": "k" } }));
    await call(server, "t");
    await server.close();
    expect(http.requests.map(({ headers }) => headers["x-key"])).toEqual(http.requests.map(() => "k"));
    expect(http.count("DELETE")).toBe(1);
  });
});

describe("close()", () => {
  test("settles calls in flight at once, also when the server does not answer the goodbye", async () => {
    const http = await serve({
      intercept: (request) => request.rpc === "tools/call" || request.method === "DELETE",
    });
    const server = open(httpConfig("web", http.url));
    await server.connect();
    const calls = Array.from({ length: 3 }, () => failure(call(server, "t")));
    await until(() => http.count("tools/call") === 3, "the calls arrived");
    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    const errors = await Promise.all(calls);
    expect(closed, "the calls settle before the goodbye is over").toBe(false);
    expect(errors.map(({ code }) => code)).toEqual(["CANCELLED", "CANCELLED", "CANCELLED"]);
    await closing;
  });

  test("settles calls on a session that was lost meanwhile", async () => {
    const http = await serve({ intercept: ({ rpc, message }) => rpc === "tools/call" && isHanging(message) });
    const server = open(httpConfig("web", http.url));
    await server.connect();
    const hanging = failure(call(server, "hang"));
    await until(() => http.count("tools/call") === 1, "the call arrived");
    http.sessions.clear();
    await call(server, "t");
    expect(http.count("initialize")).toBe(2);
    await server.close();
    expect((await hanging).code).toBe("CANCELLED");
  });
});

function isHanging(message: unknown): boolean {
  return (message as { params: { name: string } }).params.name === "hang";
}

describe("the reference server over HTTP", () => {
  test("streamable HTTP: lists, calls, reports progress", async () => {
    const port = await freePort();
    await using _ = await startProgram(
      [program("everything"), "streamableHttp"],
      { PORT: `${port}` },
      "listening",
    );
    const server = open(httpConfig("everything", `http://127.0.0.1:${port}/mcp`));
    const tools = await server.listTools();
    expect(tools.map(({ name }) => name)).toContain("echo");
    expect(await callText(server, "echo", { message: "over HTTP" })).toContain("over HTTP");
    expect(server.info).toMatchObject({ transport: "http", protocolVersion: "2025-11-25" });
    const seen: unknown[] = [];
    await call(
      server,
      "trigger-long-running-operation",
      { duration: 0.2, steps: 2 },
      { onProgress: (progress: unknown) => seen.push(progress) },
    );
    expect(seen.length).toBeGreaterThan(0);
    expect((await server.listResources()).length).toBeGreaterThan(0);
    expect((await server.listPrompts()).length).toBeGreaterThan(0);
  });

  test("SSE: an entry of type sse, and one of type auto falls back to it", async () => {
    const port = await freePort();
    await using _ = await startProgram([program("everything"), "sse"], { PORT: `${port}` }, `${port}`);
    const url = `http://127.0.0.1:${port}/sse`;
    for (const type of ["sse", "auto"] as const) {
      const server = open(httpConfig(type, url, { type }));
      expect(await callText(server, "echo", { message: "over SSE" })).toContain("over SSE");
      expect(server.info?.transport).toBe("sse");
      await server.close();
    }
  });

  test("SSE: a restart of the server is survived by the same handle", async () => {
    const port = await freePort();
    const start = () => startProgram([program("everything"), "sse"], { PORT: `${port}` }, `${port}`);
    const first = await start();
    onTestFinished(() => first[Symbol.asyncDispose]());
    const server = open(httpConfig("web", `http://127.0.0.1:${port}/sse`, { type: "sse" }));
    expect(await callText(server, "echo", { message: "one" })).toContain("one");
    const waiting = failure(call(server, "trigger-long-running-operation", { duration: 60, steps: 2 }));
    await callText(server, "echo", { message: "the call before has arrived" });
    await first[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ code: "UPSTREAM", effect: "possible" });
    await using _ = await start();
    await until(
      () =>
        callText(server, "echo", { message: "two" }).then(
          (answer) => answer.includes("two"),
          () => false,
        ),
      "the handle works again",
      15_000,
    );
  });

  test("type http does not fall back, and the failure says what was answered", async () => {
    const port = await freePort();
    await using _ = await startProgram([program("everything"), "sse"], { PORT: `${port}` }, `${port}`);
    const error = await failure(open(httpConfig("web", `http://127.0.0.1:${port}/sse`)).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("HTTP 404");
  });

  test("type auto reports the first failure when neither transport works", async () => {
    const http = await serve({
      intercept: (_, response) => {
        response.writeHead(404).end();
        return true;
      },
    });
    const error = await failure(open(httpConfig("web", http.url, { type: "auto" })).connect());
    expect(error.message).toContain("HTTP 404");
  });

  test("type auto uses streamable HTTP where it is spoken", async () => {
    const http = await serve({ tools: [tool("t")] });
    const server = open(httpConfig("web", http.url, { type: "auto" }));
    await server.connect();
    expect(server.info?.transport).toBe("http");
  });
});
