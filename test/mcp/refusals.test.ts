import { describe, expect, onTestFinished, test } from "vitest";
import { retryAfterMs } from "../../src/mcp/retry-after.js";
import { call, callText, failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { type HttpScript, sendJson, startHttp } from "../support/http-server.js";
import { RpcFault, scripted, tool } from "../support/scripted.js";
import { httpConfig } from "../support/stdio-fixture.js";

async function serve(script: HttpScript) {
  const http = await startHttp(script);
  onTestFinished(() => http.close());
  return http;
}

/** Refuses tool calls so often, and answers the later ones. */
function refuse(status: number, headers: Readonly<Record<string, string>>, times = 1): HttpScript {
  let left = times;
  return {
    intercept: ({ rpc }, response) => {
      if (rpc !== "tools/call" || left-- <= 0) return false;
      sendJson(response, status, { password: "hunter2-hunter2" }, headers);
      return true;
    },
  };
}

describe("a server that is busy says when to come back", () => {
  test.each([
    [429, "7", "RATE_LIMITED", "none", 7000],
    [503, "7", "UPSTREAM", "possible", 7000],
    [503, "Thu, 01 Jan 2026 00:01:30 GMT", "UPSTREAM", "possible", 90_000],
    [429, "Thu, 01 Jan 2026 00:00:00 GMT", "RATE_LIMITED", "none", 0],
    [429, "999999999", "RATE_LIMITED", "none", 24 * 60 * 60 * 1000],
  ] as const)("HTTP %i with Retry-After: %s", async (status, header, code, effect, waitMs) => {
    const http = await serve(refuse(status, { "retry-after": header }));
    const server = open(httpConfig("web", http.url), { clock: new FakeClock() });
    const error = await failure(call(server, "t"));
    expect(error).toMatchObject({ code, effect, retryable: true });
    expect(error.data).toEqual({ server: "web", status, retryAfterMs: waitMs });
    expect(error.message).toContain(`HTTP ${status}`);
    expect(await callText(server, "t")).toBe("{}");
  });

  test.each([
    [429, {}],
    [503, { "retry-after": "soon" }],
    [500, { "retry-after": "7" }],
  ] as const)("HTTP %i with %j says nothing of it", async (status, headers) => {
    const http = await serve(refuse(status, headers));
    const error = await failure(call(open(httpConfig("web", http.url)), "t"));
    expect(error.data).toEqual({ server: "web", status });
  });

  test("also at the handshake, where it is CONNECT_FAILED", async () => {
    const http = await serve({
      intercept: (_, response) => {
        sendJson(response, 429, {}, { "retry-after": "7" });
        return true;
      },
    });
    const error = await failure(open(httpConfig("web", http.url), { clock: new FakeClock() }).connect());
    expect(error).toMatchObject({ code: "CONNECT_FAILED", retryable: true });
    expect(error.message).toContain("HTTP 429");
  });
});

test.each([
  ["0", 0],
  [" 12 ", 12_000],
  ["86401", 86_400_000],
  ["Thu, 01 Jan 2026 00:00:01 GMT", 1000],
  ["Thursday, 01-Jan-26 00:00:02 GMT", 2000],
  ["Thu Jan  1 00:00:03 2026", undefined],
  ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
  ["Fri, 01 Jan 2100 00:00:00 GMT", 86_400_000],
  ["1.5", undefined],
  ["-1", undefined],
  ["2026", 2_026_000],
  ["", undefined],
  ["Thu, never", undefined],
  ["1e3", undefined],
])("Retry-After: %j is %j", (header, expected) => {
  const found = retryAfterMs(header, Date.UTC(2026, 0, 1));
  // The third form of a date has no zone of its own.
  if (header.startsWith("Thu Jan")) expect(found).toBeTypeOf("number");
  else expect(found).toBe(expected);
});

describe("what a server echoes stands in no error", () => {
  const authorization = "Bearer sk-live-swordfish-0123456789";
  const headers = { Authorization: authorization, "X-Api-Key": "hunter2-hunter2" };
  const secret = /swordfish|hunter2|at secret\.ts/;
  const expectSilence = (error: Error & { data: unknown }): void => {
    expect(`${error.message} ${JSON.stringify(error)} ${JSON.stringify(error.data)}`).not.toMatch(secret);
  };
  const echo = `at secret.ts:1 password=hunter2-hunter2 ${authorization}`;

  test.each([400, 401, 403, 404, 405, 409, 413, 429, 500, 502, 503])(
    "HTTP %i, in JSON and in HTML",
    async (status) => {
      for (const type of ["application/json", "text/html"]) {
        const http = await serve({
          sessions: false,
          intercept: ({ rpc }, response) => {
            if (rpc !== "tools/call") return false;
            response
              .writeHead(status, { "content-type": type, "retry-after": echo, "x-debug": echo })
              .end(`<pre>${echo}</pre>`);
            return true;
          },
        });
        expectSilence(await failure(call(open(httpConfig("web", http.url, { headers })), "t")));
      }
    },
  );

  test.each([
    ["an HTML page", "text/html", `<h1>${echo}</h1>`],
    ["broken JSON", "application/json", `{"jsonrpc":"2.0","result":${echo}`],
    ["JSON that is no answer", "application/json", JSON.stringify({ error: echo })],
    [
      "a result that is none",
      "application/json",
      JSON.stringify({ jsonrpc: "2.0", id: "$ID", result: echo }),
    ],
    ["a broken event", "text/event-stream", `data: {"jsonrpc":"2.0","id":"$ID",${echo}\n\n`],
    [
      "content that MCP does not know",
      "application/json",
      JSON.stringify({ jsonrpc: "2.0", id: "$ID", result: { content: [{ type: echo }] } }),
    ],
  ])("%s", async (_, type, body) => {
    const http = await serve({
      intercept: ({ rpc, message }, response) => {
        if (rpc !== "tools/call") return false;
        const id = String((message as { id?: number }).id);
        response.writeHead(200, { "content-type": type }).end(body.replace('"$ID"', id));
        return true;
      },
    });
    const error = await failure(call(open(httpConfig("web", http.url, { headers })), "t"));
    expect(error.code).toMatch(/^(PROTOCOL|INVALID_RESULT)$/);
    expect(error).toMatchObject({ retryable: true, effect: "possible" });
    expectSilence(error);
  });

  test.each([-32603, -32602, -32601, -32000, -32099, -32098, -32097, 1])(
    "the message of JSON-RPC error %i",
    async (code) => {
      const fault = new RpcFault(code, `denied for ${authorization} and hunter2-hunter2`);
      const http = await serve({
        call: () => {
          throw fault;
        },
      });
      const error = await failure(call(open(httpConfig("web", http.url, { headers })), "t"));
      expect(error.code).not.toBe("RESULT_TOO_LARGE");
      expectSilence(error);
    },
  );

  test("a property of a result that is named by it", async () => {
    const outputSchema = { type: "object", additionalProperties: false };
    const secrets = ["hunter2-hunter2"];
    const result = { content: [], structuredContent: { "hunter2-hunter2": 1 } };
    const server = open(
      scripted("s", { tools: [tool("t", {}, { outputSchema })], call: () => result }, { secrets }),
    );
    await server.listTools();
    const error = await failure(call(server, "t"));
    expect(error.code).toBe("INVALID_RESULT");
    expectSilence(error);
  });

  test("credentials in the address", async () => {
    const config = httpConfig("web", "http://user:hunter2-hunter2@127.0.0.1:9/mcp", {
      secrets: ["hunter2-hunter2"],
    });
    expectSilence(await failure(open(config).connect()));
  });
});

test.each(["sampling/createMessage", "elicitation/create", "roots/list"])(
  "%s of a server is refused",
  async (method) => {
    const heard: unknown[] = [];
    const config = scripted("s", { tools: [tool("t")] });
    const server = open(config);
    await server.connect();
    const transport = config.transports[0];
    const { onmessage } = transport ?? {};
    if (transport) {
      transport.onmessage = (message, extra) => {
        heard.push(message);
        onmessage?.(message, extra);
      };
    }
    await transport?.send({ jsonrpc: "2.0", id: "theirs", method, params: {} });
    await call(server, "t");
    expect(heard).toContainEqual(
      expect.objectContaining({ id: "theirs", error: expect.objectContaining({ code: -32601 }) }),
    );
  },
);

test("meta of a call reaches the server as it is", async () => {
  const config = scripted("s", { tools: [tool("t")] });
  await call(open(config), "t", {}, { meta: { trace: "abc" } });
  expect(JSON.stringify(config.received)).toContain('"trace":"abc"');
});
