import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { McpResourceLoader } from "../../src/adapters/documents.js";
import { loadPrompts } from "../../src/adapters/prompts.js";
import { loadTools } from "../../src/adapters/tools.js";
import { createCall, type Progress } from "../../src/core/call.js";
import { type Result, resultText } from "../../src/core/result.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { record } from "../../src/mcp/record.js";
import type { RecordedMessage } from "../../src/mcp/recording.js";
import { replay } from "../../src/mcp/replay.js";
import type { ServerConfig } from "../../src/mcp/server-config.js";
import type { Servers } from "../../src/mcp/servers.js";
import { openDatabase } from "../../src/servers/enterprise/database.js";
import { serveEnterpriseHttp } from "../../src/servers/enterprise/http.js";
import { createEnterpriseServer } from "../../src/servers/enterprise/server.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { startHttp } from "../support/http-server.js";
import { until } from "../support/processes.js";
import { type RequestContext, RpcFault, scripted, text, tool } from "../support/scripted.js";
import { fixture, httpConfig, program, stdioConfig, temporaryFolder } from "../support/stdio-fixture.js";

const folder = temporaryFolder();
writeFileSync(join(folder, "note.txt"), "buy milk");

const database = openDatabase(":memory:");
afterAll(() => database.close());

const everything = () => stdioConfig("everything", process.execPath, [program("everything")]);
const files = () => stdioConfig("files", process.execPath, [program("filesystem"), folder]);
const enterprise = () => inProcess("enterprise", () => createEnterpriseServer(database));

const recording = (): string => join(temporaryFolder(), "new", "run.jsonl");

function lines(file: string): RecordedMessage[] {
  const [, ...rest] = readFileSync(file, "utf8").trim().split("\n");
  return rest.map((line) => JSON.parse(line) as RecordedMessage);
}

/** Ids of answers that stand there twice. */
function repeated(all: readonly RecordedMessage[]): unknown[] {
  const answers = all.filter(({ direction, message }) => direction === "received" && !("method" in message));
  const ids = answers.map(({ message }) => (message as { id: unknown }).id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

/** Connected until the test is over. */
async function connected(configs: readonly ServerConfig[]): Promise<Servers> {
  const servers = await connect(configs, { require: "all" });
  onTestFinished(() => servers.close());
  return servers;
}

type Use = readonly [server: string, tool: string, args: object];

/** A bit of everything that MCP has: what a user sees of it, to compare. */
async function use(configs: readonly ServerConfig[], calls: readonly Use[]) {
  const servers = await connected(configs);
  const tools = await loadTools(servers);
  const results: unknown[] = [];
  const progress: unknown[] = [];
  for (const [server, name, args] of calls) {
    const onProgress = (report: unknown) => void progress.push(report);
    results.push(await servers.call(createCall({ server, tool: name, args: { ...args }, onProgress })));
  }
  const offers = (what: "resources" | "prompts") => [...servers].some(({ info }) => info?.capabilities[what]);
  const documents = offers("resources")
    ? await new McpResourceLoader(servers, { onError: "skip" }).load()
    : [];
  const prompts = offers("prompts") ? await loadPrompts(servers) : [];
  const formatted = [];
  for (const prompt of prompts) {
    const names = Object.keys((prompt.schema.properties ?? {}) as object);
    const args = Object.fromEntries(names.map((name) => [name, "1"]));
    formatted.push(await prompt.format(args).catch((error: Error) => error.message));
  }
  const all = {
    info: [...servers].map(({ info }) => ({ ...info, transport: undefined })),
    tools: tools.map(({ name, description, schema, metadata }) => ({ name, description, schema, metadata })),
    results,
    progress,
    documents: documents.map(({ pageContent, metadata }) => ({ pageContent, metadata })),
    prompts: prompts.map(({ server, name, schema }) => ({ server, name, schema })),
    messages: JSON.parse(JSON.stringify(formatted)) as unknown,
  };
  await servers.close();
  return all;
}

async function both(configs: readonly ServerConfig[], calls: readonly Use[]) {
  const file = recording();
  const live = await use(record(configs, file), calls);
  const again = await use(replay(file), calls);
  // The SDK drops progress that arrives together with the answer; a recording has all of it.
  expect(again).toEqual({ ...live, progress: again.progress });
  expect(again.progress.slice(0, live.progress.length)).toEqual(live.progress);
  return { live, file };
}

test("record() makes a file that exists its owner's alone, and leaves a device as it is", () => {
  const file = join(temporaryFolder(), "run.jsonl");
  writeFileSync(file, "old", { mode: 0o644 });
  record([], file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toBe('{"langbatonRecording":1,"servers":[]}\n');
  const { mode } = statSync("/dev/null");
  record([], "/dev/null");
  expect(statSync("/dev/null").mode).toBe(mode);
});

describe("a recorded run, replayed,", () => {
  test("is the same with the reference servers: tools, calls, progress, resources and prompts", async () => {
    const { live, file } = await both(
      [everything(), files()],
      [
        ["everything", "echo", { message: "hi" }],
        ["everything", "get-structured-content", { location: "New York" }],
        ["everything", "trigger-long-running-operation", { duration: 0.2, steps: 4 }],
        ["files", "read_text_file", { path: join(folder, "note.txt") }],
        ["files", "read_text_file", { path: join(folder, "missing.txt") }],
      ],
    );
    expect(live.tools.length).toBeGreaterThan(20);
    expect(live.documents.length).toBeGreaterThan(3);
    expect(live.prompts.length).toBeGreaterThan(2);
    expect(live.progress.length).toBeGreaterThan(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const servers = await connected(replay(file));
    expect([...servers].map(({ pid, info }) => [pid, info?.transport])).toEqual([
      [undefined, "custom"],
      [undefined, "custom"],
    ]);
  });

  test("is the same with the enterprise server in this process, over HTTP and over stdio, in both protocols", async () => {
    const web = await serveEnterpriseHttp({ database });
    onTestFinished(() => web.close());
    const main = fileURLToPath(new URL("../../src/servers/enterprise/main.ts", import.meta.url));
    const child = stdioConfig("child", process.execPath, ["--import", "tsx", main], {
      env: { ENTERPRISE_DATABASE: ":memory:" },
    });
    const count = { table: "employees", aggregate: "count", where: { department: "Engineering" } };
    const { live } = await both(
      [enterprise(), httpConfig("web", web.url), child],
      ["enterprise", "web", "child"].map((server) => [server, "query_database", count]),
    );
    expect(live.results.map((result) => resultText(result as Result))).toEqual(
      Array(3).fill("128 employees where department = Engineering."),
    );
    expect(live.info.map(({ protocolVersion }) => protocolVersion)).toContain("2026-07-28");
    expect(live.documents.length).toBeGreaterThan(3);
  });

  test("is the same with an HTTP server of the older protocol, whose sessions are kept while it is recorded", async () => {
    const server = await startHttp({ tools: [tool("t")] });
    onTestFinished(() => server.close());
    const file = recording();
    const live = await use(record([httpConfig("web", server.url)], file), [["web", "t", { a: 1 }]]);
    expect(server.count("DELETE")).toBe(1);
    expect(repeated(lines(file))).toEqual([]);
    await server.close();
    expect(await use(replay(file), [["web", "t", { a: 1 }]])).toEqual(live);
    expect(live.info[0]?.protocolVersion).toBe("2025-11-25");
  });
});

describe("replay()", () => {
  test("gives the n-th equal request the n-th answer, and then the last one again", async () => {
    let n = 0;
    const file = recording();
    const counter = scripted("s", { tools: [tool("next")], call: () => text(++n) });
    const ask = async (servers: Servers, args = {}) =>
      resultText(await servers.call(createCall({ server: "s", tool: "next", args })));
    const live = await connected(record([counter], file));
    for (let i = 1; i <= 3; i++) expect(await ask(live)).toBe(String(i));
    expect(await ask(live, { b: 1, a: 2 })).toBe("4");
    const again = await connected(replay(file));
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await ask(again));
    expect(answers).toEqual(["1", "2", "3", "3", "3"]);
    expect(await ask(again, { a: 2, b: 1 })).toBe("4");
    // Another connection starts from the beginning.
    expect(await ask(await connected(replay(file)))).toBe("1");
  });

  test("answers requests that run at the same time, each with its own progress", async () => {
    const file = recording();
    const script = {
      tools: [tool("slow")],
      async call(_: string, { name }: { name?: string }, { notify, progressToken }: RequestContext) {
        for (let step = 1; step <= 2; step++) {
          notify("notifications/progress", { progressToken, progress: step, message: String(name) });
          await settle();
        }
        return text(name);
      },
    };
    const ask = async (servers: Servers) => {
      const heard: unknown[] = [];
      const results = await Promise.all(
        ["a", "b", "c"].map(async (name) => {
          const onProgress = ({ message, progress }: Progress) =>
            void heard.push(`${name} ${message} ${progress}`);
          return resultText(
            await servers.call(createCall({ server: "s", tool: "slow", args: { name }, onProgress })),
          );
        }),
      );
      return { results, heard: heard.sort() };
    };
    const live = await ask(await connected(record([scripted("s", script)], file)));
    expect(live.heard).toEqual(["a a 1", "a a 2", "b b 1", "b b 2", "c c 1", "c c 2"]);
    expect(live.results).toEqual(["a", "b", "c"]);
    const servers = await connected(replay(file));
    expect(await ask(servers)).toEqual(live);
    expect(await ask(servers)).toEqual(live);
  });

  test("says again that a list has changed, once", async () => {
    const file = recording();
    const configs = record([fixture("s")], file);
    const run = async (from: readonly ServerConfig[]) => {
      const servers = await connected(from);
      const before = (await loadTools(servers)).length;
      const call = (name: string, args: object) =>
        servers.call(createCall({ server: "s", tool: name, args: { ...args } }));
      await call("add_tool", { name: "extra" });
      await call("echo", { text: "it comes before this answer" });
      // The SDK waits a moment for more changes.
      await until(async () => (await loadTools(servers)).length > before, "the new tool");
      return before;
    };
    const live = await run(configs);
    expect(await run(replay(file))).toBe(live);
    const transport = await replay(file)[0]?.open();
    const methods: string[] = [];
    if (transport)
      transport.onmessage = (message) => void methods.push("method" in message ? message.method : "answer");
    const params = { name: "echo", arguments: { text: "it comes before this answer" } };
    for (const id of [1, 2]) await transport?.send({ jsonrpc: "2.0", id, method: "tools/call", params });
    await until(() => methods.filter((method) => method === "answer").length === 2, "both answers");
    expect(methods.filter((method) => method !== "answer")).toEqual(["notifications/tools/list_changed"]);
  });

  test("opens the subscriptions of the newer protocol again, and tells what they told", async () => {
    const names = ["first"];
    const handler = createMcpHandler(
      () => {
        const server = new McpServer({ name: "growing", version: "1.0.0" });
        for (const name of names)
          server.registerTool(name, { description: name }, () => ({
            content: [{ type: "text", text: name }],
          }));
        return server;
      },
      { legacy: "reject" },
    );
    const fetch = (request: Request) => handler.fetch(request);
    const web = serve({ fetch, hostname: "127.0.0.1", port: 0, overrideGlobalObjects: false });
    await once(web, "listening");
    onTestFinished(async () => {
      await handler.close();
      if ("closeAllConnections" in web) web.closeAllConnections();
      web.close();
    });
    const file = recording();
    const run = async (from: readonly ServerConfig[], grow: () => void) => {
      const servers = await connected(from);
      const before = (await loadTools(servers)).length;
      grow();
      await servers.call(createCall({ server: "s", tool: "first", args: {} }));
      await until(async () => (await loadTools(servers)).length > before, "the new tool");
      await servers.close();
      return [...servers].map(({ name }) => `${name} ${before}`);
    };
    const { port } = web.address() as AddressInfo;
    const live = await run(record([httpConfig("s", `http://127.0.0.1:${port}/mcp`)], file), () => {
      names.push("second");
      handler.notify.toolsChanged();
    });
    const content = readFileSync(file, "utf8");
    expect(content).toContain("subscriptions/acknowledged");
    // Ids of then are not those of now.
    writeFileSync(file, content.replaceAll('"listen:0"', '"listen:7"'));
    const startedAt = performance.now();
    expect(await run(replay(file), () => {})).toEqual(live);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("passes on errors, of the server and of the way to it", async () => {
    const server = await startHttp({
      tools: [tool("t")],
      call(name, { status }) {
        if (status === undefined) throw new RpcFault(-32602, "no such city");
        return text(name);
      },
      intercept({ message }, response) {
        if (!JSON.stringify(message ?? "").includes('"status":500')) return false;
        response.writeHead(500).end("a stack trace");
        return true;
      },
    });
    onTestFinished(() => server.close());
    const file = recording();
    const ask = async (servers: Servers, args: object) =>
      failure(servers.call(createCall({ server: "s", tool: "t", args: { ...args } })));
    const live = await connected(record([httpConfig("s", server.url)], file));
    const faults = [await ask(live, {}), await ask(live, { status: 500 })];
    const again = await connected(replay(file));
    expect((await ask(again, {})).toJSON()).toEqual(faults[0]?.toJSON());
    expect(await ask(again, { status: 500 })).toMatchObject({ code: "UPSTREAM" });
  });

  test("says what was not recorded", async () => {
    const file = recording();
    await use(record([scripted("s", { tools: [tool("t")] })], file), [["s", "t", { a: 1 }]]);
    const servers = await connected(replay(file));
    const error = await failure(servers.call(createCall({ server: "s", tool: "t", args: { a: 2 } })));
    expect(error).toMatchObject({ code: "PROTOCOL", retryable: false, effect: "none" });
    expect(error.message).toContain(
      `'${file}' holds no answer to a call of the tool 't' with these arguments`,
    );
    expect(error.message).toContain("record it anew with record()");
    expect((await failure(servers.get("s").readResource("docs://x"))).message).toContain(
      "the resource 'docs://x'",
    );
  });

  test("tells of a request that was not answered when it was recorded, and does not wait", async () => {
    const file = recording();
    const live = await connected(record([fixture("s")], file));
    const never = () => createCall({ server: "s", tool: "never", args: {}, timeoutMs: 50 });
    expect((await failure(live.call(never()))).code).toBe("TIMEOUT");
    const again = await connected(replay(file));
    expect((await failure(again.call({ ...never(), timeoutMs: undefined }))).message).toContain(
      "ends before the answer",
    );
  });

  test.each([
    ["", 1, "is empty"],
    ["nonsense\n", 1, "is not the start of a recording"],
    ['{"mcpServers":{}}\n', 1, "is not the start of a recording"],
    ["null\n", 1, "is not the start of a recording"],
    ['{"langbatonRecording":1,"servers":["s"]}', 2, "is cut off"],
    ['{"langbatonRecording":1,"servers":["s"]}\n{"server":"s","direc', 2, "is cut off"],
    ['{"langbatonRecording":1,"servers":["s"]}\n[1]\n', 2, "is not a recorded message"],
    ['{"langbatonRecording":1,"servers":["s"]}\n\n', 2, "is not a recorded message"],
    [
      '{"langbatonRecording":1,"servers":["s"]}\n{"server":"t","direction":"sent","atMs":0,"message":{"jsonrpc":"2.0"}}\n',
      2,
      "names a server",
    ],
  ])("refuses %j with the line", (content, line, problem) => {
    const file = join(temporaryFolder(), "broken.jsonl");
    writeFileSync(file, content);
    const faults = [expect.objectContaining({ line, problem: expect.stringContaining(problem) })];
    expect(() => replay(file)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(`, line ${line} `),
        data: { file, faults },
      }),
    );
  });

  test("refuses a file that is not there", () => {
    expect(() => replay("/no/such/file.jsonl")).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("does not exist") }),
    );
  });
});

describe("record()", () => {
  test("writes each message with server, direction and time, and overwrites what was there", async () => {
    const file = recording();
    const clock = new FakeClock();
    record([scripted("old", {})], file);
    const configs = record([scripted("s", { tools: [tool("t")] })], file, { clock });
    await clock.advance(1500);
    const servers = await connected(configs);
    await servers.call(createCall({ server: "s", tool: "t", args: { a: 1 } }));
    const all = lines(file);
    expect(all.every(({ server, atMs }) => server === "s" && atMs === 1500)).toBe(true);
    const sent = all.find(({ message }) => "method" in message && message.method === "tools/call");
    expect(sent).toMatchObject({
      direction: "sent",
      message: { params: { name: "t", arguments: { a: 1 } } },
    });
    expect(repeated(all)).toEqual([]);
  });

  test("writes a message once where the program listens to its transport as well", async () => {
    const file = recording();
    const inner = scripted("s", { tools: [tool("t")] });
    const overheard: unknown[] = [];
    const open = async () => {
      const transport = await inner.open();
      transport.onmessage = (message) => void overheard.push(message);
      return transport;
    };
    const servers = await connected(record([{ ...inner, open }], file));
    await servers.get("s").listTools();
    expect(overheard.length).toBeGreaterThan(0);
    expect(repeated(lines(file))).toEqual([]);
  });

  test("masks what the entry knows as secret, wherever it stands", async () => {
    const secret = 'sk-"quoted"-secret-123456';
    const server = await startHttp({
      tools: [tool("t", {}, { description: `send ${secret}` })],
      call: () => text(`you sent ${secret}, and {"${secret}":1}`),
    });
    onTestFinished(() => server.close());
    const file = recording();
    const headers = { Authorization: "Bearer secret-header-654321" };
    const config = httpConfig("s", server.url, { headers, secrets: [secret, "secret-header-654321"] });
    const servers = await connected(record([config], file));
    await servers.get("s").listTools();
    await servers.call(createCall({ server: "s", tool: "t", args: { [secret]: { nested: [secret] } } }));
    expect(server.requests.every((request) => request.headers.authorization === headers.Authorization)).toBe(
      true,
    );
    const content = readFileSync(file, "utf8");
    expect(content).toContain("you sent ***");
    expect(content).not.toMatch(/quoted|654321/);
  });

  test("a file that cannot be written is STORE", () => {
    expect(() => record([], "/dev/null/run.jsonl")).toThrow(expect.objectContaining({ code: "STORE" }));
  });
});
