import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import type { Server, ToolDefinition } from "../../src/mcp/server.js";
import { call, failure, open, openAll } from "../support/calls.js";
import { until } from "../support/processes.js";
import { countOf, scripted, tool } from "../support/scripted.js";

const good = tool("good", { properties: { n: { type: "number" } } });
const names = (tools: readonly ToolDefinition[]) => tools.map(({ name }) => name);

test("null for what a tool has not is taken for nothing", async () => {
  const server = open(
    scripted("s", { tools: [{ ...tool("t"), title: null, annotations: null, outputSchema: null }] }),
  );
  expect(await server.listTools()).toEqual([tool("t")]);
});

describe("one bad tool of several", () => {
  test.each<[string, object | null, string]>([
    ["no input schema", { name: "bad" }, 'not of "type": "object"'],
    ["an input schema without a type", { name: "bad", inputSchema: { properties: {} } }, '"type": "object"'],
    ["an input schema of another type", { name: "bad", inputSchema: { type: "string" } }, '"type": "object"'],
    ["a description that is no text", { ...tool("bad"), description: 7 }, "description is not text"],
    ["annotations that are a list", { ...tool("bad"), annotations: [] }, "annotations is not an object"],
    ["a hint in words", { ...tool("bad"), annotations: { readOnlyHint: "yes" } }, "neither true nor false"],
    ["icons that are no list", { ...tool("bad"), icons: {} }, "icons are not a list"],
    ["nothing in its place", null, "no name"],
    ["a broken expression", tool("bad", { properties: { a: { pattern: "(" } } }), "regular expression"],
    ["a dangling reference", tool("bad", { properties: { a: { $ref: "#/$defs/x" } } }), "points to nothing"],
    ["a reference that cannot be read", tool("bad", { properties: { a: { $ref: "#/%zz" } } }), "$ref"],
    ["a type that is none", tool("bad", { properties: { a: { type: "text" } } }), "no JSON type"],
    ["the name of an earlier one", { ...tool("good"), description: "twin" }, "same name"],
    ["an empty name", tool(""), "no name"],
    ["no name", { inputSchema: { type: "object" } }, "no name"],
  ])("with %s costs that tool, with a warning, and no other", async (_, bad, reason) => {
    const servers = openAll([scripted("s", { tools: [good, bad as object, tool("last")] })]);
    const warnings: string[] = [];
    const tools = await loadTools(servers, { onWarning: (warning) => warnings.push(warning) });
    expect(tools.map(({ name }) => name)).toEqual(["good", "last"]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("server 's'");
    expect(warnings[0]).toContain(reason);
    expect(await tools[0]?.invoke({ n: 1 })).toBe('{"n":1}');
  });

  test("is in rejectedTools until the next list", async () => {
    const tools = [good, tool("bad", { properties: { a: { pattern: "(" } } })];
    const config = scripted("s", { tools: () => tools });
    const server = open(config);
    await server.listTools();
    expect(server.rejectedTools).toEqual([
      { name: "bad", reason: expect.stringContaining("schema is broken") },
    ]);
    tools.pop();
    await config.transports[0]?.send({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(async () => {
      await server.listTools();
      return server.rejectedTools.length === 0;
    }, "the new list has no bad tool");
  });

  test("does not stop results of the others from being checked against their output schemas", async () => {
    const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const server = open(
      scripted("s", {
        tools: [{ name: "bad" }, tool("checked", {}, { outputSchema })],
        call: (_, { n }) => ({ content: [], structuredContent: { n } }),
      }),
    );
    expect(names(await server.listTools())).toEqual(["checked"]);
    expect(await call(server, "checked", { n: 1 })).toMatchObject({ structuredContent: { n: 1 } });
    expect((await failure(call(server, "checked", { n: "x" }))).code).toBe("INVALID_RESULT");
  });
});

test("a schema that points to the network is never fetched: the canary gets no request", async () => {
  let hits = 0;
  const canary = createServer((_, response) => {
    hits++;
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(canary, "listening");
  onTestFinished(() => void canary.close());
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/schema.json`;
  const servers = openAll([
    scripted("s", {
      tools: [
        tool("direct", { properties: { a: { $ref: url } } }),
        tool("dynamic", { properties: { a: { $dynamicRef: url } } }),
        tool("by_id", { $id: url, properties: { a: { $ref: "other.json" } } }),
        tool("dialect", { $schema: url, properties: { a: { type: "string" } } }),
      ],
    }),
  ]);
  const tools = await loadTools(servers, { onWarning: () => {} });
  expect(tools.map(({ name }) => name)).toEqual(["by_id", "dialect"]);
  await expect(tools[0]?.invoke({ a: 1 })).rejects.toMatchObject({ code: "PROTOCOL" });
  expect(await tools[1]?.invoke({ a: "x" })).toBe('{"a":"x"}');
  expect(hits).toBe(0);
});

describe("pages", () => {
  const paged = (pages: number, bad = false) =>
    scripted("s", {
      methods: {
        "tools/list": ({ cursor }) => {
          const page = Number(cursor ?? 0);
          const tools = bad && page === 0 ? [tool("t0"), { name: "bad" }] : [tool(`t${page}`)];
          return { tools, ...(page + 1 < pages ? { nextCursor: `${page + 1}` } : {}) };
        },
      },
    });

  test.each([false, true])("are all walked (a bad tool on one of them: %s)", async (bad) => {
    expect(names(await open(paged(5, bad)).listTools())).toEqual(["t0", "t1", "t2", "t3", "t4"]);
  });

  test.each([false, true])("without end are PROTOCOL at 64 (a bad tool on one of them: %s)", async (bad) => {
    const config = paged(Number.POSITIVE_INFINITY, bad);
    const error = await failure(open(config).listTools());
    expect(error.code).toBe("PROTOCOL");
    expect(error.message).toContain("does not end");
    expect(countOf(config.received, "tools/list")).toBeLessThanOrEqual(130);
  });
});

test.each([
  ["resources/list", "resources", (server: Server) => server.listResources()],
  ["resources/templates/list", "resourceTemplates", (server: Server) => server.listResourceTemplates()],
  ["prompts/list", "prompts", (server: Server) => server.listPrompts()],
] as const)("%s without end is PROTOCOL at 64 pages", async (method, key, list) => {
  let pages = 0;
  const page = () => ({
    [key]: [{ name: `n${pages}`, uri: "x:/", uriTemplate: "x:/{a}" }],
    nextCursor: `${++pages}`,
  });
  const config = scripted("s", { capabilities: { resources: {}, prompts: {} }, methods: { [method]: page } });
  const error = await failure(list(open(config)));
  expect(error.code).toBe("PROTOCOL");
  expect(error.message).toContain("does not end");
  expect(countOf(config.received, method)).toBe(64);
});

test("an answer that is no list of tools fails the list", async () => {
  const server = open(scripted("s", { methods: { "tools/list": () => ({ tools: "none" }) } }));
  expect((await failure(server.listTools())).code).toMatch(/INVALID_RESULT|PROTOCOL/);
});

test("a server that cannot say that its tools changed is asked each time", async () => {
  const tools = [tool("one")];
  const config = scripted("s", { tools: () => tools, capabilities: { tools: {} } });
  const server = open(config);
  expect(await server.listTools()).toHaveLength(1);
  tools.push(tool("two"));
  expect(await server.listTools()).toHaveLength(2);
});
