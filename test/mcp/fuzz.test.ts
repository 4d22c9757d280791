import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ErrorCode } from "../../src/core/errors.js";
import { isBatonError } from "../../src/core/errors.js";
import { compileSchema, type JsonSchema } from "../../src/mcp/json-schema.js";
import type { CustomConfig } from "../../src/mcp/server-config.js";
import { call, open } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { startHttp } from "../support/http-server.js";
import { garbled, mutated } from "../support/mutations.js";
import { answer, scripted, text, tool } from "../support/scripted.js";
import { fixture, httpConfig } from "../support/stdio-fixture.js";

/** FUZZ_RUNS=10000 is the full size. */
const runs = Number(process.env.FUZZ_RUNS ?? 1000);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const CODES: readonly ErrorCode[] = [
  "PROTOCOL",
  "INVALID_RESULT",
  "INVALID_ARGUMENTS",
  "UPSTREAM",
  "RESULT_TOO_LARGE",
];
/** Far over what a broken answer may take, and under the limit of a call. */
const SOON_MS = 10_000;

const REPLY = {
  jsonrpc: "2.0",
  id: 0,
  result: {
    content: [
      { type: "text", text: "one", annotations: { audience: ["user"], priority: 0.5 } },
      { type: "resource", resource: { uri: "file:///x", mimeType: "text/plain", text: "two" } },
      { type: "image", data: "AAAA", mimeType: "image/png" },
    ],
    structuredContent: { n: 1, list: [1, 2] },
    isError: false,
    _meta: { a: 1 },
  },
};
const FAULT = { jsonrpc: "2.0", id: 0, error: { code: -32000, message: "no", data: { why: "because" } } };
const reply = fc.oneof(mutated(REPLY), mutated(FAULT));

const uncaught: unknown[] = [];
const hear = (error: unknown): void => void uncaught.push(error);
beforeAll(() => {
  process.stdout.write(`fuzz: seed ${seed}, ${runs} runs\n`);
  process.on("uncaughtException", hear).on("unhandledRejection", hear);
});
afterAll(() => {
  process.off("uncaughtException", hear).off("unhandledRejection", hear);
  expect(uncaught).toEqual([]);
});

/** Samples in groups, so that a group's calls are under way together. */
function groups<T>(arbitrary: fc.Arbitrary<T>, size: number): T[][] {
  const all = fc.sample(arbitrary, { numRuns: runs, seed });
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/** How calls ended, by code; anything that is no answer and no error of ours fails the test. */
function tally() {
  const counts = new Map<string, number>();
  const settled = async (work: Promise<unknown>, what: unknown): Promise<void> => {
    const startedAt = performance.now();
    const code = await work.then(
      () => "ok",
      (error: unknown) =>
        isBatonError(error) && CODES.includes(error.code) ? error.code : `${JSON.stringify(what)}: ${error}`,
    );
    counts.set(code, (counts.get(code) ?? 0) + 1);
    expect(["ok", ...CODES], code).toContain(code);
    expect(performance.now() - startedAt, JSON.stringify(what)).toBeLessThan(SOON_MS);
  };
  return {
    settled,
    print: (name: string) => process.stdout.write(`${name}: ${JSON.stringify(Object.fromEntries(counts))}\n`),
  };
}

describe("broken answers", () => {
  test("over a pipe, each line changed or garbled", { timeout: 600_000 }, async () => {
    const server = open(fixture("s"));
    await server.connect();
    const { pid } = server;
    const { settled, print } = tally();
    let silent = 0;
    const line = fc.oneof(
      reply.map((value) => ({
        text: JSON.stringify({ ...value, ...("id" in value && value.id === 0 && { id: "$" }) }).replace(
          '"id":"$"',
          '"id":$ID',
        ),
      })),
      garbled(JSON.stringify(REPLY).replace('"id":0', '"id":$ID')).map((text) => ({ text })),
    );
    for (const group of groups(line, 50)) {
      await Promise.all(
        group.map(({ text: written }) => {
          // What cannot be taken for a message, or answers another request, is no answer: the real one follows.
          const followed = isSilent(written) ? { answer: "at last" } : {};
          if ("answer" in followed) silent++;
          return settled(
            call(server, "raw", { lines: [written], ...followed }, { timeoutMs: 60_000 }),
            written,
          );
        }),
      );
    }
    print(`stdio (${silent} that are no answer)`);
    expect(server.pid).toBe(pid);
    expect(await call(server, "echo", { text: "alive" })).toMatchObject(text("alive"));
  });

  test("over HTTP, as JSON and as events", { timeout: 600_000 }, async () => {
    let body = "";
    let type = "";
    const http = await startHttp({
      intercept: ({ rpc, message }, response) => {
        if (rpc !== "tools/call") return false;
        const id = String((message as { id: number }).id);
        response.writeHead(200, { "content-type": type });
        response.end(
          type === "application/json"
            ? body.replaceAll("$ID", id)
            : `data: ${body.replaceAll("$ID", id)}\n\n`,
        );
        return true;
      },
    });
    onTestFinished(() => http.close());
    const server = open(httpConfig("web", http.url));
    const { settled, print } = tally();
    const bodies = fc.oneof(
      reply.map((value) =>
        JSON.stringify({ ...value, ...(value.id === 0 && { id: "$" }) }).replace('"id":"$"', '"id":$ID'),
      ),
      garbled(JSON.stringify(REPLY).replace('"id":0', '"id":$ID')),
    );
    for (const [n, each] of groups(bodies, 1).flat().entries()) {
      if (n % 4 > 1 && runs > 2000) continue;
      body = each;
      type = n % 2 === 0 ? "application/json" : "text/event-stream";
      await settled(call(server, "t", {}, { timeoutMs: 60_000 }), `${type} ${each}`);
    }
    print("http");
    expect(server.status).toBe("connected");
  });

  test("in this process, by a clock that is moved", { timeout: 600_000 }, async () => {
    let next: Record<string, unknown> = {};
    const config: CustomConfig = {
      ...scripted("s", {}),
      async open() {
        const [ours, theirs] = InMemoryTransport.createLinkedPair();
        theirs.onmessage = async (message) => {
          const context = { headers: {}, progressToken: undefined, notify: () => {} };
          const regular = await answer({}, message, context);
          const isCall = "method" in message && message.method === "tools/call" && "id" in message;
          const id = isCall ? message.id : undefined;
          const sent = isCall ? { ...next, ...(next.id === 0 && { id }) } : regular;
          if (sent) await theirs.send(sent as unknown as JSONRPCMessage);
        };
        await theirs.start();
        return ours;
      },
    };
    const clock = new FakeClock();
    const server = open(config, { clock });
    await server.connect();
    const { settled, print } = tally();
    for (const value of groups(reply, 1).flat()) {
      next = value;
      let isSettled = isElsewhere(value);
      if (isSettled) continue;
      const work = settled(call(server, "t"), value).finally(() => {
        isSettled = true;
      });
      for (let turn = 0; turn < 3; turn++) await settle();
      if (!isSettled) await clock.advance(1000);
      await work;
    }
    print("in process");
    expect(clock.pending).toBe(0);
  });
});

describe("broken lists of tools", () => {
  const TOOL = {
    name: "broken",
    title: "Broken",
    description: "d",
    inputSchema: {
      type: "object",
      properties: {
        a: { type: "string", pattern: "^(a|b)+$", enum: ["a", "b"] },
        b: { type: "array", items: { $ref: "#/$defs/d" }, uniqueItems: true },
        c: { anyOf: [{ type: "null" }, { type: "integer", minimum: 1 }] },
      },
      required: ["a"],
      additionalProperties: false,
      $defs: { d: { type: "object", properties: { e: { format: "uri" } } } },
    },
    annotations: { readOnlyHint: true },
    outputSchema: { type: "object", properties: { n: { type: "number" } } },
    icons: [{ src: "x" }],
    _meta: {},
  };

  test("cost the broken tools, one by one, and never the server", { timeout: 600_000 }, async () => {
    let listed: readonly object[] = [];
    const server = open(scripted("s", { tools: () => listed, capabilities: { tools: {} } }));
    let left = 0;
    for (const [n, group] of groups(mutated(TOOL), 10).entries()) {
      listed = [
        tool("first"),
        ...group.map((each, i) => (each.name === "broken" ? { ...each, name: `t${i}` } : each)),
        tool(`last${n}`),
      ];
      const tools = await server.listTools();
      const names = tools.map(({ name }) => name);
      expect([names[0], names.at(-1)]).toEqual(["first", `last${n}`]);
      expect(tools.length + server.rejectedTools.length).toBe(listed.length);
      left += server.rejectedTools.length;
      for (const { inputSchema, outputSchema } of tools) {
        for (const schema of [inputSchema, outputSchema] as readonly (JsonSchema | undefined)[]) {
          if (schema === undefined) continue;
          try {
            compileSchema(schema)({ a: "ab", b: [{ e: "x:/y" }, { e: 1 }], c: 0, n: "x" });
          } catch (error) {
            // The schema's own fault: said when the tool is called.
            expect(error).toBeInstanceOf(Error);
            expect(error).not.toBeInstanceOf(RangeError);
          }
        }
      }
    }
    process.stdout.write(`tools: ${left} of ${runs} left out\n`);
  });
});

/** Whether a line is none of the answers to its request, so that the request rightly goes on waiting. */
function isSilent(written: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(written.replaceAll("$ID", "7"));
  } catch {
    return (
      !(
        /^\s*\{\s*"/.test(written) ||
        written.slice(0, 1024).includes('"jsonrpc"') ||
        written.slice(-1024).includes('"jsonrpc"')
      ) || /"method"\s*:\s*"notifications/.test(written)
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
  return isElsewhere(written.includes("$ID") ? { ...value, id: 0 } : (value as Record<string, unknown>));
}

/** An answer to another request, a request or a notification of the server, or nothing of MCP. */
function isElsewhere(value: Readonly<Record<string, unknown>>): boolean {
  const isAnswer = "result" in value || "error" in value;
  if (!isAnswer && (typeof value.method === "string" || !("jsonrpc" in value))) return true;
  return value.id !== 0 && (Number.isSafeInteger(value.id) || typeof value.id === "string");
}
