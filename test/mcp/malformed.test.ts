import { describe, expect, onTestFinished, test } from "vitest";
import { call, callText, failure, open } from "../support/calls.js";
import { startHttp } from "../support/http-server.js";
import { scripted, text } from "../support/scripted.js";
import { fixture, httpConfig } from "../support/stdio-fixture.js";

/** Well under any limit, and over what detection may take. */
const SOON_MS = 5000;

const BROKEN = [
  '{"jsonrpc":"2.0","id":$ID,"result":42}',
  '{"jsonrpc":"2.0","id":$ID,"result":null}',
  '{"jsonrpc":"2.0","id":$ID,"result":[]}',
  '{"jsonrpc":"2.0","id":$ID,"error":{"message":"no code"}}',
  '{"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":"both"}}',
  '{"jsonrpc":"2.0","id":$ID}',
  '{"jsonrpc":"2.0","id":$ID,"result":{"content":[{]}}',
  '{"jsonrpc":"2.0","id":$ID,"result":{"content":"text"}}',
  '{"jsonrpc":"2.0","result":{"content":[',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
];

describe("a broken answer over stdio", () => {
  test.each(BROKEN)("%s fails its call, and the server goes on", async (line) => {
    const server = open(fixture("s"));
    await server.connect();
    const { pid } = server;
    const startedAt = performance.now();
    const error = await failure(call(server, "raw", { lines: [line] }));
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
    expect(error.code).toMatch(/^(PROTOCOL|INVALID_RESULT)$/);
    expect(error).toMatchObject({ retryable: true, effect: "possible", data: { server: "s" } });
    expect(await callText(server, "echo", { text: "next" })).toBe("next");
    expect(server.pid).toBe(pid);
  });

  test("leaves alone a call that is answered within a second, and one that is made later", async () => {
    const server = open(fixture("s"));
    await server.connect();
    const slow = callText(server, "slow", { ms: 300 });
    const broken = failure(call(server, "raw", { lines: ['{"jsonrpc":"2.0","resu'] }));
    const later = new Promise((resolve) => setTimeout(resolve, 100)).then(() =>
      callText(server, "slow", { ms: 1500 }),
    );
    expect(await slow).toBe("slow");
    expect((await broken).code).toBe("PROTOCOL");
    expect(await later).toBe("slow");
  });

  test.each([
    ["a banner"],
    ["{ level: 'info' }"],
    ['{"level":30,"msg":"log"}'],
    ["[1,2]"],
    ['"text"'],
    ['{"jsonrpc":"2.0","id":4711,"result":{}}'],
  ])("is not taken for one: %s", async (line) => {
    const server = open(fixture("s"));
    const slow = callText(server, "slow", { ms: 1300 });
    expect(await callText(server, "raw", { lines: [line, ""], answer: "whole" })).toBe("whole");
    expect(await slow).toBe("slow");
  });
});

describe("a broken answer over HTTP", () => {
  async function serve(status: number, type: string, body: string) {
    const http = await startHttp({
      call: () => text("fine"),
      intercept: ({ rpc, message }, response) => {
        const { id, params } = (message ?? {}) as { id?: number; params?: { name?: string } };
        if (rpc !== "tools/call" || params?.name !== "bad") return false;
        // Left open, so that nothing but the body itself can fail the call.
        response.writeHead(status, { "content-type": type }).write(body.replaceAll("$ID", String(id)));
        if (type !== "text/event-stream") response.end();
        return true;
      },
    });
    onTestFinished(() => http.close());
    return open(httpConfig("web", http.url));
  }

  test.each<readonly [type: string, body: string]>([
    ...BROKEN.map((body) => ["application/json", body] as const),
    ["application/json", ""],
    ["application/json", "[]"],
    ["application/json", "{}"],
    ["application/json", '{"jsonrpc":"2.0","id":4711,"result":{}}'],
    ["text/html", "<h1>Sign in</h1>"],
    ["text/plain", "fine"],
    ...BROKEN.slice(0, 9).map((body) => ["text/event-stream", `event: message\ndata: ${body}\n\n`] as const),
    ["text/event-stream", "data: <h1>\n\n"],
  ])("%s %s fails its call at once", async (type, body) => {
    const server = await serve(200, type, body);
    await server.connect();
    const startedAt = performance.now();
    const error = await failure(call(server, "bad"));
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
    expect(error.code).toMatch(/^(PROTOCOL|INVALID_RESULT)$/);
    expect(error).toMatchObject({ retryable: true, effect: "possible" });
    expect(await callText(server, "good")).toBe("fine");
  });

  test("a request that is accepted without an answer fails at once", async () => {
    const server = await serve(202, "text/plain", "");
    expect(await failure(call(server, "bad"))).toMatchObject({
      code: "PROTOCOL",
      retryable: true,
      effect: "possible",
    });
  });

  test("an answer whose stream breaks right behind it arrives or fails, and keeps nobody waiting", async () => {
    const http = await startHttp({
      intercept: ({ rpc, message }, response) => {
        if (rpc !== "tools/call") return false;
        const { id } = message as { id: number };
        response.writeHead(200, { "content-type": "text/event-stream" });
        const answer = `data: ${JSON.stringify({ jsonrpc: "2.0", id, result: text("x".repeat(100_000)) })}\n\n`;
        response.write(answer, () => response.socket?.resetAndDestroy());
        return true;
      },
    });
    onTestFinished(() => http.close());
    const server = open(httpConfig("web", http.url));
    for (let n = 0; n < 20; n++) {
      const startedAt = performance.now();
      const outcome = await call(server, "t").then(
        () => "ok",
        (error: { code: string }) => error.code,
      );
      expect(["ok", "UPSTREAM"]).toContain(outcome);
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
    }
  });

  test("events in every form that the standard allows are read", async () => {
    const message = (id: number) =>
      `{"jsonrpc":"2.0",\ndata: "id":${id},"result":{"content":[{"type":"text","text":"ü\u2028"}]}}`;
    for (const [end, start] of [
      ["\n", "\uFEFF"],
      ["\r\n", ""],
      ["\r", ""],
    ] as const) {
      const http = await startHttp({
        intercept: ({ rpc, message: asked }, response) => {
          if (rpc !== "tools/call") return false;
          const stream = `${start}: hello\n\nid: 1\nretry: 5\ndata:\n\nevent:message\ndata: ${message((asked as { id: number }).id)}\n\n`;
          const bytes = Buffer.from(stream.replaceAll("\n", end));
          response.writeHead(200, { "content-type": "text/event-stream;charset=utf-8" });
          // Cut everywhere, also within a character.
          for (const byte of bytes) response.write(Buffer.of(byte));
          response.end();
          return true;
        },
      });
      onTestFinished(() => http.close());
      expect(await callText(open(httpConfig("web", http.url)), "t"), JSON.stringify(end)).toBe("ü\u2028");
    }
  });
});

test.each([5000, 1_000_000])(
  "a result of %i levels is INVALID_RESULT, and no stack overflows",
  async (levels) => {
    const nested = `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const line = `{"jsonrpc":"2.0","id":$ID,"result":{"content":[],"structuredContent":{"a":${nested}}}}`;
    const error = await failure(call(open(fixture("s")), "raw", { lines: [line] }));
    expect(error).toMatchObject({ code: "INVALID_RESULT", effect: "possible" });
  },
);

test("a broken answer in process fails its call at once", async () => {
  const config = scripted("s", { call: () => 42 });
  expect(await failure(call(open(config), "t"))).toMatchObject({
    code: "PROTOCOL",
    retryable: true,
    effect: "possible",
  });
});
