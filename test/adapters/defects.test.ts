import { fileURLToPath } from "node:url";
import { AIMessage, HumanMessage, type ToolMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { createAgent } from "langchain";
import { describe, expect, onTestFinished, test } from "vitest";
import { McpResourceLoader } from "../../src/adapters/documents.js";
import type { McpTool } from "../../src/adapters/mcp-tool.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { ServerConfig } from "../../src/mcp/server-config.js";
import { failure, openAll } from "../support/calls.js";
import { type HttpScript, startHttp } from "../support/http-server.js";
import { freePort, isAlive, startProgram, until } from "../support/processes.js";
import { countOf, type Script, scripted, text, tool } from "../support/scripted.js";
import { createLog, fixture, httpConfig, program } from "../support/stdio-fixture.js";

// The defects of @langchain/mcp-adapters 1.1.4 by their numbers, and what happens here instead.

async function serve(script: HttpScript = {}) {
  const http = await startHttp(script);
  onTestFinished(() => http.close());
  return http;
}

async function load(...configs: readonly ServerConfig[]): Promise<McpTool[]> {
  return loadTools(openAll(configs), { onWarning: () => {} });
}

async function only(config: ServerConfig): Promise<McpTool> {
  const [tool] = await load(config);
  if (!tool) throw new Error("the server has no tool");
  return tool;
}

/** The tool's answer to a model's call. */
function ask(tool: McpTool | undefined, args: object = {}, config: object = {}): Promise<ToolMessage> {
  if (!tool) throw new Error("there is no such tool");
  return tool.invoke({ type: "tool_call", id: "call_1", name: tool.name, args }, config);
}

const property = (tool: McpTool, name: string) => (tool.schema.properties as Record<string, unknown>)[name];

/** Whether a model's call with these arguments reaches the server. */
async function accepts(tool: McpTool, args: object): Promise<boolean> {
  const message = await ask(tool, args);
  if (message.status === "error") expect(message.content).toContain("INVALID_ARGUMENTS");
  return message.status === "success";
}

describe("schemas", () => {
  const withProperty = (schema: object, rest: object = {}) =>
    only(scripted("s", { tools: [tool("t", { properties: { a: schema }, ...rest })] }));

  test("D1: a nullable anyOf keeps its types", async () => {
    const schema = { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }], default: null };
    const tool = await withProperty(schema);
    expect(property(tool, "a")).toEqual(schema);
    expect(await Promise.all([{ a: null }, { a: ["x"] }, {}].map((args) => accepts(tool, args)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(await Promise.all([{ a: [1] }, { a: "x" }].map((args) => accepts(tool, args)))).toEqual([
      false,
      false,
    ]);
  });

  test("D2: a oneOf of scalars keeps its branches", async () => {
    const schema = { oneOf: [{ type: "string" }, { type: "integer" }] };
    const tool = await withProperty(schema);
    expect(property(tool, "a")).toEqual(schema);
    expect(await accepts(tool, { a: 1 })).toBe(true);
    expect(await accepts(tool, { a: 1.5 })).toBe(false);
  });

  test("D3: a discriminated union takes its valid calls and refuses the invalid", async () => {
    const schema = {
      oneOf: [
        { type: "object", properties: { kind: { const: "none" } }, required: ["kind"] },
        {
          type: "object",
          properties: { kind: { const: "range" }, start: { type: "string" } },
          required: ["kind", "start"],
        },
      ],
    };
    const nested = await withProperty(schema);
    expect(property(nested, "a")).toEqual(schema);
    expect(await accepts(nested, { a: { kind: "none" } })).toBe(true);
    expect(await accepts(nested, { a: { kind: "range" } })).toBe(false);
    const top = await only(scripted("s", { tools: [tool("t", schema)] }));
    expect(await accepts(top, { kind: "none" })).toBe(true);
    expect(await accepts(top, { kind: "range", start: "now" })).toBe(true);
    expect(await accepts(top, { kind: "range" })).toBe(false);
    expect(top.schema).not.toHaveProperty("oneOf");
    expect(property(top, "kind")).toEqual({ anyOf: [{ const: "none" }, { const: "range" }] });
  });

  test("D4: a recursive schema stays recursive", async () => {
    const $defs = {
      node: {
        type: "object",
        properties: { name: { type: "string" }, kids: { type: "array", items: { $ref: "#/$defs/node" } } },
        required: ["name"],
      },
    };
    const tool = await withProperty({ $ref: "#/$defs/node" }, { $defs });
    expect(tool.schema.$defs).toEqual($defs);
    expect(await accepts(tool, { a: { name: "x", kids: [{ name: "y", kids: [{ name: "z" }] }] } })).toBe(
      true,
    );
    expect(await accepts(tool, { a: { name: "x", kids: [{ name: "y", kids: [{}] }] } })).toBe(false);
  });
});

describe("results", () => {
  test("D5: a tool that failed answers the model, keeps its structured content, and the agent goes on", async () => {
    const tools = await load(fixture("s"));
    const model = fakeModel()
      .respondWithTools([{ name: "fail", args: {}, id: "call_1" }])
      .respondWithTools([{ name: "echo", args: { text: "second try" }, id: "call_2" }])
      .respond(new AIMessage("done"));
    const agent = createAgent({ model, tools });
    const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
    const [failed, worked] = messages.filter((each) => each.type === "tool") as unknown as ToolMessage[];
    expect(failed).toMatchObject({
      status: "error",
      content: "no such row",
      artifact: { isError: true, structuredContent: { row: 7 } },
    });
    expect(worked).toMatchObject({ status: "success", content: "second try" });
    expect(messages.at(-1)?.content).toBe("done");
  });

  test("D6: a result of structured content alone is visible as JSON", async () => {
    const tool_ = await only(
      scripted("s", { tools: [tool("t")], call: () => ({ content: [], structuredContent: { total: 3 } }) }),
    );
    expect(await ask(tool_)).toMatchObject({
      content: '{"total":3}',
      artifact: { structuredContent: { total: 3 } },
    });
  });

  test("D26: a resource link keeps its name, title and description as text, and its URI is no URL block", async () => {
    const link = {
      type: "resource_link",
      uri: "file:///etc/hosts",
      name: "hosts",
      title: "The hosts file",
      description: "Names and addresses",
    };
    const tool_ = await only(
      scripted("s", { tools: [tool("t")], call: () => ({ content: [{ type: "text", text: "see" }, link] }) }),
    );
    const { content } = await ask(tool_);
    expect(content).toEqual([
      { type: "text", text: "see" },
      { type: "text", text: "The hosts file: file:///etc/hosts\nNames and addresses" },
    ]);
    const plain = scripted("s", { tools: [tool("t")], call: () => ({ content: [link] }) });
    expect(JSON.stringify((await ask(await only(plain))).content)).not.toContain('"url"');
  });
});

describe("sessions and headers", () => {
  const who: Script = { tools: [tool("who")], call: (_, __, { headers }) => text(headers.authorization) };

  test.each([404, 400] as const)(
    "D7: a session that was forgotten (HTTP %i) is opened again, once, by the same tool object",
    async (lostStatus) => {
      const http = await serve({ ...who, lostStatus });
      const tool = await only(httpConfig("web", http.url, { headers: { Authorization: "base" } }));
      expect(await tool.invoke({})).toBe("base");
      http.sessions.clear();
      const answers = await Promise.all(Array.from({ length: 20 }, () => tool.invoke({})));
      expect(answers).toEqual(Array.from({ length: 20 }, () => "base"));
      expect(http.count("initialize")).toBe(2);
      expect(http.sessions.size).toBe(1);
    },
  );

  test("D7: a restart of the whole HTTP server is survived by the same tool object", async () => {
    const http = await serve(who);
    const tool = await only(httpConfig("web", http.url, { headers: { Authorization: "base" } }));
    await tool.invoke({});
    await http.close();
    const again = await serve({ ...who, port: http.port });
    // The first call may find the old socket: it may have run, so nobody repeats it.
    const answer = await tool.invoke({}).catch(() => tool.invoke({}));
    expect(answer).toBe("base");
    expect(again.count("initialize")).toBe(1);
  });

  test("D7: a restart of server-everything, which answers 400, is survived as well", async () => {
    const port = await freePort();
    const start = () =>
      startProgram([program("everything"), "streamableHttp"], { PORT: `${port}` }, "listening");
    const first = await start();
    onTestFinished(() => first[Symbol.asyncDispose]());
    const tools = await load(httpConfig("everything", `http://127.0.0.1:${port}/mcp`));
    const echo = tools.find(({ name }) => name === "echo");
    expect((await ask(echo, { message: "one" })).content).toContain("one");
    await first[Symbol.asyncDispose]();
    const second = await start();
    onTestFinished(() => second[Symbol.asyncDispose]());
    await until(
      async () => (await ask(echo, { message: "two" })).text.includes("two"),
      "the tool works again",
    );
  });

  test("D8: 300 calls with a caller's own headers open one more session, not 300", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url, { headers: { Authorization: "base" } })]);
    await loadTools(servers);
    const scope = servers.for({ headers: { web: { Authorization: "Bearer ana" } } });
    const [tool] = await loadTools(scope);
    const answers = await Promise.all(Array.from({ length: 300 }, () => tool?.invoke({})));
    expect(new Set(answers)).toEqual(new Set(["Bearer ana"]));
    expect(http.count("initialize")).toBe(2);
    expect(http.sessions.size).toBe(2);
    await scope.close();
    expect(http.sessions.size).toBe(1);
  });

  test("D9: own headers work for an entry whose transport is not said", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url, { type: "auto" })]);
    const [tool] = await loadTools(servers.for({ headers: { web: { Authorization: "mine" } } }));
    expect(await tool?.invoke({})).toBe("mine");
  });

  test("D10: the configured headers stay on in a scope", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url, { headers: { Authorization: "Bearer base" } })]);
    const [tool] = await loadTools(servers.for({ headers: { web: { "X-Request": "1" } } }));
    expect(await tool?.invoke({})).toBe("Bearer base");
    expect(http.requests.at(-1)?.headers["x-request"]).toBe("1");
  });

  test("D11: two tenants never share tools, lists or headers, whoever comes first", async () => {
    const http = await serve({
      methods: {
        "tools/list": (_, { headers }) => ({ tools: [tool("who"), tool(`only_${headers["x-tenant"]}`)] }),
      },
      call: (_, __, { headers }) => text(headers["x-tenant"]),
    });
    const servers = openAll([httpConfig("web", http.url)]);
    const toolsOf = (tenant: string) => loadTools(servers.for({ headers: { web: { "X-Tenant": tenant } } }));
    const loaded = [await toolsOf("a"), await toolsOf("b"), await toolsOf("a")];
    expect(loaded.map((tools) => tools.map(({ name }) => name))).toEqual([
      ["who", "only_a"],
      ["who", "only_b"],
      ["who", "only_a"],
    ]);
    const answers = await Promise.all(loaded.map(([tool]) => tool?.invoke({})));
    expect(answers).toEqual(["a", "b", "a"]);
    expect(http.count("initialize")).toBe(2);
  });

  test("D12: a scope's header wins over the configured one", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url, { headers: { Authorization: "Bearer base" } })]);
    const [tool] = await loadTools(servers.for({ headers: { web: { AUTHORIZATION: "Bearer user" } } }));
    expect(await tool?.invoke({})).toBe("Bearer user");
  });

  test("D13: a scope gives its own handle for a server, and the servers give theirs", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url, { headers: { Authorization: "base" } })]);
    const scope = servers.for({ headers: { web: { Authorization: "ana" } } });
    await loadTools(scope);
    expect(scope.get("web")).not.toBe(servers.get("web"));
    const [tool] = await loadTools(servers);
    expect(await tool?.invoke({})).toBe("base");
  });

  test("D21: close() ends the session with DELETE", async () => {
    const http = await serve(who);
    const servers = openAll([httpConfig("web", http.url)]);
    await loadTools(servers);
    await servers.close();
    expect([http.count("initialize"), http.count("DELETE"), http.sessions.size]).toEqual([1, 1, 0]);
  });
});

describe("connecting", () => {
  test("D14: servers connect all at once: the fifth handshake begins before the first is answered", async () => {
    let waiting = 0;
    let release: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const configs = Array.from({ length: 5 }, (_, n) =>
      scripted(`s${n}`, {
        tools: [tool("t")],
        methods: {
          initialize: async () => {
            if (++waiting === 5) release();
            await all;
            return {
              protocolVersion: "2025-11-25",
              capabilities: { tools: {} },
              serverInfo: { name: "s", version: "1" },
            };
          },
        },
      }),
    );
    expect(await load(...configs)).toHaveLength(5);
    expect(waiting).toBe(5);
  });

  test("D15: three loadTools() at once make one handshake and one list", async () => {
    const http = await serve({ tools: [tool("t")] });
    const servers = openAll([httpConfig("web", http.url)]);
    await Promise.all([
      loadTools(servers),
      loadTools(servers),
      loadTools(servers),
      servers.get("web").connect(),
    ]);
    expect([http.count("initialize"), http.count("tools/list")]).toEqual([1, 1]);
  });

  test("D16: one name on five servers becomes five names, and each calls its own server", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const tools = await load(
      ...names.map((name) => scripted(name, { tools: [tool("same")], call: () => text(name) })),
    );
    expect(tools.map(({ name }) => name)).toEqual(names.map((name) => `${name}__same`));
    expect(await Promise.all(tools.map((each) => each.invoke({})))).toEqual(names);
  });

  test("D22: a changed list is listed anew", async () => {
    const servers = openAll([fixture("s")]);
    const before = await loadTools(servers);
    const add = before.find(({ name }) => name === "add_tool");
    await add?.invoke({ name: "brand_new" });
    await until(
      async () => (await loadTools(servers)).some(({ name }) => name === "brand_new"),
      "the new tool is listed",
    );
  });

  test("D22: a server that is dead at the start is tried again in the background, and comes back", async () => {
    const port = await freePort();
    const servers = openAll([
      scripted("good", { tools: [tool("t")] }),
      httpConfig("late", `http://127.0.0.1:${port}/mcp`),
    ]);
    const warnings: string[] = [];
    const before = await loadTools(servers, { onWarning: (warning) => warnings.push(warning) });
    expect(before.map(({ name }) => name)).toEqual(["t"]);
    expect(warnings[0]).toContain("'late'");
    await serve({ port, tools: [tool("late_tool")] });
    await until(() => servers.get("late").status === "connected", "it is back, without a call");
    expect((await loadTools(servers)).map(({ name }) => name)).toEqual(["t", "late_tool"]);
  });
});

describe("time", () => {
  // The slow tool tells of its progress more often than the limit asks, and takes longer than that limit.
  const slow = (timeouts: object) =>
    load(fixture("s", {}, timeouts)).then((tools) => tools.find(({ name }) => name === "progress"));

  test("D17: progress extends the time limit", async () => {
    const tool = await slow({ maxTimeoutMs: 20_000 });
    expect((await ask(tool, { steps: 12, everyMs: 80 }, { timeout: 600 })).content).toBe("done");
  });

  test("D17: the maximum ends a call whose progress goes on, and one whose progress has stopped", async () => {
    const tool = await slow({ maxTimeoutMs: 600 });
    const endless = await ask(tool, { steps: 1000, everyMs: 40 }, { timeout: 400 });
    expect(endless.content).toContain("TIMEOUT");
    expect(endless.artifact.error.data.timeoutMs).toBe(600);
    const silent = await ask(tool, { steps: 2, everyMs: 20, answer: false }, { timeout: 400 });
    expect(silent.content).toContain("TIMEOUT");
  });

  test("D18: a call's own limit wins over its server's, which wins over the default", async () => {
    const hangs = scripted("s", { tools: [tool("t")], call: () => new Promise(() => {}) }, { timeoutMs: 70 });
    const tool_ = await only(hangs);
    expect((await ask(tool_)).content).toContain("70 ms");
    const call = { type: "tool_call", id: "c", name: "t", args: {} } as const;
    expect((await tool_.invoke(call, { timeout: 30 })).content).toContain("30 ms");
    expect((await tool_.invoke(call, { metadata: { timeoutMs: 40 } })).content).toContain("40 ms");
    const longer = await only(
      scripted(
        "s",
        { tools: [tool("t")], call: () => new Promise((resolve) => setTimeout(resolve, 150, text("late"))) },
        { timeoutMs: 20 },
      ),
    );
    expect((await longer.invoke(call, { timeout: 10_000 })).content).toBe("late");
  });

  test("D25: time limit, signal and progress reach the SDK", async () => {
    const log = createLog();
    const servers = openAll([fixture("s", { log: log.file })]);
    const tools = await loadTools(servers);
    const never = tools.find(({ name }) => name === "never");
    expect((await failure(never?.invoke({}, { timeout: 50 }) ?? Promise.resolve())).code).toBe("TIMEOUT");
    await until(
      () => log.received("notifications/cancelled").length === 1,
      "the server hears of the time limit",
    );
    const controller = new AbortController();
    const waiting = failure(never?.invoke({}, { signal: controller.signal }) ?? Promise.resolve());
    await until(() => log.received("tools/call").length === 2, "the second call arrived");
    controller.abort();
    expect((await waiting).code).toBe("CANCELLED");
    await until(() => log.received("notifications/cancelled").length === 2, "the server hears of the signal");
    const progress: unknown[] = [];
    await tools
      .find(({ name }) => name === "progress")
      ?.invoke(
        { steps: 2, everyMs: 5 },
        { callbacks: [{ handleToolEvent: (event: unknown) => void progress.push(event) }] },
      );
    // The last report may share a chunk with the answer, and the SDK then drops it.
    expect(progress[0]).toEqual({ type: "progress", progress: 1, total: 2 });
  });
});

describe("resources", () => {
  const paged = (pages: number) =>
    scripted("s", {
      capabilities: { resources: {} },
      methods: {
        "resources/list": ({ cursor }) => {
          const page = Number(cursor ?? 0);
          const next = page + 1 < pages ? { nextCursor: `${page + 1}` } : {};
          return { resources: [{ uri: `r://${page}`, name: `r${page}` }], ...next };
        },
        "resources/read": ({ uri }) => ({ contents: [{ uri, text: `text of ${uri}` }] }),
      },
    });

  test("D19: every page of resources is listed and loaded", async () => {
    const servers = openAll([paged(5)]);
    const documents = await new McpResourceLoader(servers).load();
    expect(documents.map(({ pageContent }) => pageContent)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `text of r://${n}`),
    );
  });

  test("D19: a list without end is PROTOCOL after 64 pages", async () => {
    const config = paged(Number.POSITIVE_INFINITY);
    const servers = openAll([config]);
    expect((await failure(servers.get("s").listResources())).code).toBe("PROTOCOL");
    expect(countOf(config.received, "resources/list")).toBeLessThanOrEqual(65);
  });
});

describe("a killed stdio server", () => {
  test("D20: the same tool object and a compiled graph work again, and no process is left", async () => {
    const log = createLog();
    const servers = openAll([fixture("s", { log: log.file })]);
    const tools = await loadTools(servers);
    const echo = tools.find(({ name }) => name === "echo");
    const model = fakeModel()
      .respondWithTools([{ name: "echo", args: { text: "before" }, id: "call_1" }])
      .respond(new AIMessage("first"))
      .respondWithTools([{ name: "echo", args: { text: "after" }, id: "call_2" }])
      .respond(new AIMessage("second"));
    const agent = createAgent({ model, tools });
    const run = async () => {
      const { messages } = await agent.invoke({ messages: [new HumanMessage("go")] });
      return messages.filter((each) => each.type === "tool").map(({ content }) => content);
    };
    expect(await run()).toEqual(["before"]);
    const pid = servers.get("s").pid ?? 0;
    process.kill(pid, "SIGKILL");
    await until(() => servers.get("s").pid !== pid, "the death is noticed");
    expect(await run()).toEqual(["after"]);
    process.kill(servers.get("s").pid ?? 0, "SIGKILL");
    expect(await until(async () => (await ask(echo, { text: "x" })).content, "it answers")).toBeTruthy();
    await until(async () => (await ask(echo, { text: "again" })).content === "again", "the tool works again");
    await servers.close();
    expect(log.starts().length).toBe(3);
    expect(log.starts().filter(isAlive)).toEqual([]);
  });
});

describe("what a tool tells", () => {
  test("D23: title, annotations, output schema, icons and _meta are in its metadata", async () => {
    const rest = {
      title: "The Tool",
      annotations: { readOnlyHint: true },
      outputSchema: { type: "object", properties: { n: { type: "number" } } },
      icons: [{ src: "https://x.test/i.png" }],
      _meta: { "x.test/a": 1 },
    };
    const loaded = await only(scripted("srv", { tools: [tool("t", {}, rest)] }));
    expect(loaded.metadata).toEqual({ server: "srv", tool: "t", ...rest });
  });

  test("D24: nothing is logged, whatever DEBUG says: no argument, no credential, no result", async () => {
    const script = fileURLToPath(new URL("../support/quiet.ts", import.meta.url));
    const http = await serve({ tools: [tool("t")], call: () => text("secret-result") });
    const env = { DEBUG: "*", NODE_DEBUG: "", SERVER_URL: http.url };
    await using run = await startProgram(["--import", "tsx", script], env, "finished");
    expect(http.count("tools/call")).toBe(2);
    expect(run.output()).toContain("finished");
    expect(run.output()).not.toContain("secret");
  });
});

test("D16 is the peer's still: two servers' tools have one name", async () => {
  const client = new MultiServerMCPClient({
    mcpServers: Object.fromEntries(
      ["a", "b"].map((name) => {
        const { command, args } = fixture(name);
        return [name, { command, args: [...args] }];
      }),
    ),
  });
  onTestFinished(() => client.close());
  const names = (await client.getTools()).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length / 2);
});
