import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { AIMessage, HumanMessage, isToolMessage, type ToolMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { Command, GraphInterrupt, interrupt, MemorySaver } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { describe, expect, onTestFinished, test } from "vitest";
import type { McpTool } from "../../src/adapters/mcp-tool.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { Call, Middleware } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import { failure, openAll } from "../support/calls.js";
import { freePort, startProgram } from "../support/processes.js";
import { countOf, type Script, scripted, text, tool } from "../support/scripted.js";
import { fixture, httpConfig, program, stdioConfig, temporaryFolder } from "../support/stdio-fixture.js";

const add: Script = {
  tools: [
    tool(
      "add",
      { properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
      { description: "Adds", annotations: { readOnlyHint: true, openWorldHint: false } },
    ),
  ],
  call: (_, { a, b }) => text(Number(a) + Number(b)),
};

async function only(script: Script, use: readonly Middleware[] = []): Promise<McpTool> {
  const [loaded] = await loadTools(openAll([scripted("calc", script)]), { use });
  if (!loaded) throw new Error("the server has no tool");
  return loaded;
}

const toolCall = (args: object, name = "add") => ({
  type: "tool_call" as const,
  id: "call_1",
  name,
  args: { ...args },
});

describe("loadTools()", () => {
  const three = () => [
    scripted("files", { tools: [tool("read"), tool("write")] }),
    scripted("web", { tools: [tool("read")] }),
  ];
  const load = async (options: Parameters<typeof loadTools>[1]) =>
    (await loadTools(openAll(three()), options)).map(({ metadata }) => `${metadata.server}.${metadata.tool}`);

  test("include and exclude select by server and tool; exclude wins", async () => {
    expect(await load({})).toEqual(["files.read", "files.write", "web.read"]);
    expect(await load({ include: ["files.*"] })).toEqual(["files.read", "files.write"]);
    expect(await load({ include: ["*.read"], exclude: ["web.*"] })).toEqual(["files.read"]);
    expect(await load({ exclude: ["*.*"] })).toEqual([]);
    expect((await failure(load({ include: ["files"] }))).code).toBe("CONFIG_INVALID");
  });

  test("what is left out takes no part in the naming", async () => {
    const tools = await loadTools(openAll(three()), { exclude: ["web.read"] });
    expect(tools.map(({ name }) => name)).toEqual(["read", "write"]);
    const prefixed = await loadTools(openAll(three()), { names: "prefixed" });
    expect(prefixed.map(({ name }) => name)).toEqual(["files__read", "files__write", "web__read"]);
  });

  test("fails only when no server could be listed", async () => {
    const dead = (name: string) => fixture(name, { lastWords: "dead" });
    const warnings: string[] = [];
    const tools = await loadTools(openAll([dead("bad"), scripted("calc", add)]), {
      onWarning: (warning) => warnings.push(warning),
    });
    expect(tools.map(({ name }) => name)).toEqual(["add"]);
    expect(warnings).toEqual([expect.stringContaining("'bad'")]);
    expect((await failure(loadTools(openAll([dead("bad")])))).code).toBe("CONNECT_FAILED");
    expect(await loadTools(openAll([]))).toEqual([]);
  });

  test("a signal ends it", async () => {
    const servers = openAll([fixture("mute", { mute: true })]);
    const controller = new AbortController();
    const loading = failure(loadTools(servers, { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await loading).code).toBe("CANCELLED");
  });
});

describe("McpTool", () => {
  test("shows the model the server's name, description and schema", async () => {
    const loaded = await only(add);
    expect(loaded).toMatchObject({
      name: "add",
      description: "Adds",
      schema: { type: "object", required: ["a", "b"] },
      metadata: { server: "calc", tool: "add" },
    });
    const unnamed = await only({ tools: [tool("x", {}, { title: "The X" })] });
    expect(unnamed.description).toBe("The X");
  });

  test("answers a model's call with a ToolMessage: content, artifact, name, id, status", async () => {
    const message: ToolMessage = await (await only(add)).invoke(toolCall({ a: 1, b: 2 }));
    expect(isToolMessage(message)).toBe(true);
    expect(message).toMatchObject({
      content: "3",
      name: "add",
      tool_call_id: "call_1",
      status: "success",
      artifact: text(3),
    });
  });

  test("answers plain arguments with the content", async () => {
    expect(await (await only(add)).invoke({ a: 1, b: 2 })).toBe("3");
    expect(await (await only({ tools: [tool("now")], call: () => text("noon") })).invoke({})).toBe("noon");
  });

  test("arguments that do not fit are refused before anything is sent, and the model is told what to correct", async () => {
    const config = scripted("calc", add);
    const [loaded] = await loadTools(openAll([config]));
    const message: ToolMessage = await loaded?.invoke(toolCall({ a: "one" }));
    expect(message.status).toBe("error");
    expect(message.content).toContain("Error (INVALID_ARGUMENTS)");
    expect(message.content).toContain("must have required property 'b'");
    expect(message.content).toContain("/a: must be number");
    expect((await failure(loaded?.invoke({ a: 1 }) ?? Promise.resolve())).code).toBe("INVALID_ARGUMENTS");
    expect(countOf(config.received, "tools/call")).toBe(0);
  });

  test("plain arguments: a tool that failed throws UPSTREAM with its text and its result", async () => {
    const loaded = await only({
      tools: [tool("t")],
      call: () => ({ ...text("no such row"), isError: true }),
    });
    const error = await failure(loaded.invoke({}));
    expect(error.code).toBe("UPSTREAM");
    expect(error.message).toContain("no such row");
    expect(error.data.result).toMatchObject({ isError: true });
  });

  test("an error that is thrown becomes a message for a model, and stays an error for code", async () => {
    const denied = new BatonError("DENIED", "not for you", {
      data: { rule: "r1" },
      cause: new Error("hunter2"),
    });
    const loaded = await only(add, [() => Promise.reject(denied)]);
    const message: ToolMessage = await loaded.invoke(toolCall({ a: 1, b: 2 }));
    expect(message).toMatchObject({
      status: "error",
      content: "Error (DENIED): not for you",
      artifact: { error: { code: "DENIED", data: { rule: "r1" } } },
    });
    expect(JSON.stringify(message)).not.toContain("hunter2");
    await expect(loaded.invoke({ a: 1, b: 2 })).rejects.toBe(denied);
  });

  test.each([
    ["a graph's interrupt", new GraphInterrupt([])],
    ["a bug", new TypeError("undefined is no function")],
  ])("%s passes by identity, with a tool call as well", async (_, error) => {
    const loaded = await only(add, [() => Promise.reject(error)]);
    await expect(loaded.invoke(toolCall({ a: 1, b: 2 }))).rejects.toBe(error);
    await expect(loaded.invoke({ a: 1, b: 2 })).rejects.toBe(error);
  });

  test("config.signal ends the call, and is thrown, not told to the model", async () => {
    const loaded = await only({ tools: [tool("t")], call: () => new Promise(() => {}) });
    const controller = new AbortController();
    const waiting = failure(loaded.invoke(toolCall({}, "t"), { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await waiting).code).toBe("CANCELLED");
  });

  test("every call carries server, tool, hints, caller and its limits to the middleware", async () => {
    const calls: Call[] = [];
    const servers = openAll([scripted("calc", add)]).for({ caller: { user: "ana", tenant: "acme" } });
    const [loaded] = await loadTools(servers, {
      use: [
        (call, next) => {
          calls.push(call);
          return next(call);
        },
      ],
    });
    await loaded?.invoke(toolCall({ a: 1, b: 2 }), { timeout: 1234 });
    expect(calls[0]).toMatchObject({
      server: "calc",
      tool: "add",
      args: { a: 1, b: 2 },
      hints: { readOnly: true, openWorld: false },
      caller: { user: "ana", tenant: "acme" },
      timeoutMs: 1234,
    });
  });

  test("a caller may be read from each run's config", async () => {
    const callers: unknown[] = [];
    const hidesAll: Middleware = Object.assign<Middleware, object>(
      (call, next) => {
        callers.push(call.caller);
        return next(call);
      },
      { allows: () => false },
    );
    const servers = openAll([scripted("calc", add)]);
    const caller = ({ configurable }: { configurable?: Record<string, unknown> }) => ({
      user: String(configurable?.user_id),
    });
    // Who it will be is not known yet, so no rule can hide the tool.
    const [loaded] = await loadTools(servers, { use: [hidesAll], caller });
    await loaded?.invoke({ a: 1, b: 2 }, { configurable: { user_id: "ana" } });
    await loaded?.invoke(toolCall({ a: 1, b: 2 }), { configurable: { user_id: "ben" } });
    expect(callers).toEqual([{ user: "ana" }, { user: "ben" }]);
    expect(await loadTools(servers, { use: [hidesAll], caller: { user: "ana" } })).toEqual([]);
  });

  test("a call inside of a graph's thread says which", async () => {
    const calls: Call[] = [];
    const [loaded] = await loadTools(openAll([scripted("calc", add)]), {
      use: [
        (call, next) => {
          calls.push(call);
          return next(call);
        },
      ],
    });
    await loaded?.invoke(toolCall({ a: 1, b: 2 }), { configurable: { thread_id: "thread-7" } });
    expect(calls[0]).toMatchObject({ threadId: "thread-7", toolCallId: expect.any(String) });
  });

  test("callbacks hear the start and the end under the tool's or the run's name, and errors as errors", async () => {
    const heard: unknown[] = [];
    const callbacks = [
      {
        handleToolStart: (...args: unknown[]) => void heard.push(["start", args[6]]),
        handleToolEnd: (output: unknown) =>
          void heard.push(["end", (output as ToolMessage).content ?? output]),
        handleToolError: (error: Error) => void heard.push(["error", error.message]),
      },
    ];
    const loaded = await only(add);
    await loaded.invoke(toolCall({ a: 1, b: 2 }), { callbacks, runName: "sum" });
    await loaded.invoke({ a: 1, b: 2 }, { callbacks });
    await loaded.invoke({ a: "x", b: 2 }, { callbacks }).catch(() => {});
    expect(heard).toEqual([
      ["start", "sum"],
      ["end", "3"],
      ["start", "add"],
      ["end", "3"],
      ["start", "add"],
      ["error", expect.stringContaining("/a: must be number")],
    ]);
  });
});

describe("in an agent", () => {
  const agentWith = (tools: McpTool[]) =>
    createAgent({
      model: fakeModel()
        .respondWithTools([{ name: "add", args: { a: 20, b: 22 }, id: "call_1" }])
        .respond(new AIMessage("42")),
      tools,
    });

  test("createAgent() calls the tool and goes on with its answer", async () => {
    const { messages } = await agentWith([await only(add)]).invoke({
      messages: [new HumanMessage("20 + 22?")],
    });
    expect(messages.map(({ type, content }) => [type, content]).slice(2)).toEqual([
      ["tool", "42"],
      ["ai", "42"],
    ]);
  });

  test("streamEvents() shows the tool's start and end", async () => {
    const agent = agentWith([await only(add)]);
    const events: unknown[] = [];
    const stream = agent.graph.streamEvents({ messages: [new HumanMessage("go")] }, { version: "v2" });
    for await (const { event, name, data } of stream) {
      if (event === "on_tool_start" || event === "on_tool_end") {
        events.push([event, name, (data.output as ToolMessage | undefined)?.content]);
      }
    }
    expect(events).toEqual([
      ["on_tool_start", "add", undefined],
      ["on_tool_end", "add", "42"],
    ]);
  });

  test("a call with invalid arguments is told to the model, which corrects it", async () => {
    const model = fakeModel()
      .respondWithTools([{ name: "add", args: { a: 1 }, id: "call_1" }])
      .respondWithTools([{ name: "add", args: { a: 1, b: 1 }, id: "call_2" }])
      .respond(new AIMessage("2"));
    const { messages } = await createAgent({ model, tools: [await only(add)] }).invoke({
      messages: [new HumanMessage("go")],
    });
    const answers = messages.filter((each) => isToolMessage(each));
    expect(answers.map(({ status }) => status)).toEqual(["error", "success"]);
  });
});

describe("an interrupt in a middleware", () => {
  test("stops the agent, and the call goes on when the graph is resumed", async () => {
    const ask: Middleware = async (call, next) => {
      const approved = interrupt({ tool: call.tool });
      return approved ? next(call) : { content: [{ type: "text", text: "refused" }], isError: true };
    };
    const config = scripted("calc", add);
    const tools = await loadTools(openAll([config]), { use: [ask] });
    const model = fakeModel()
      .respondWithTools([{ name: "add", args: { a: 20, b: 22 }, id: "call_1" }])
      .respond(new AIMessage("42"));
    const { graph } = createAgent({ model, tools, checkpointer: new MemorySaver() });
    const thread = { configurable: { thread_id: "t" } };
    const stopped = (await graph.invoke({ messages: [new HumanMessage("go")] }, thread)) as {
      __interrupt__?: { value: unknown }[];
    };
    expect(stopped.__interrupt__?.map(({ value }) => value)).toEqual([{ tool: "add" }]);
    expect(countOf(config.received, "tools/call")).toBe(0);
    const { messages } = await graph.invoke(new Command({ resume: true }), thread);
    expect(messages.at(-1)?.content).toBe("42");
    expect(countOf(config.received, "tools/call")).toBe(1);
  });
});

describe("over OpenAI's wire", () => {
  async function mock(useResponsesApi = false): Promise<{ mock: LLMock; model: ChatOpenAI }> {
    const mock = new LLMock({ port: 0 });
    await mock.start();
    onTestFinished(async () => void (await mock.stop()));
    const configuration = { baseURL: `${mock.url}/v1` };
    const fields = { model: "gpt-5", apiKey: "none", configuration, maxRetries: 0, useResponsesApi };
    return { mock, model: new ChatOpenAI(fields) };
  }

  test("a turn with a tool call: the schema goes out, the answer comes back", async () => {
    const { mock: server, model } = await mock();
    server.on(
      { userMessage: "sum", hasToolResult: false },
      { toolCalls: [{ name: "add", arguments: { a: 1, b: 2 } }] },
    );
    server.on({ userMessage: "sum", hasToolResult: true }, { content: "It is 3." });
    const agent = createAgent({ model, tools: [await only(add)] });
    const { messages } = await agent.invoke({ messages: [new HumanMessage("sum")] });
    expect(messages.at(-1)?.content).toBe("It is 3.");
    const [first, second] = server
      .getRequests()
      .map(({ body }) => body as unknown as Record<string, unknown[]>);
    expect(first?.tools?.[0]).toMatchObject({
      type: "function",
      function: { name: "add", description: "Adds", parameters: { type: "object", required: ["a", "b"] } },
    });
    expect(second?.messages?.at(-1)).toMatchObject({ role: "tool", content: "3" });
  });

  test.each([false, true])(
    "a result of several texts reaches the provider (Responses API: %s)",
    async (responses) => {
      const { mock: server, model } = await mock(responses);
      server.on(
        { userMessage: "look", hasToolResult: false },
        { toolCalls: [{ name: "see", arguments: {} }] },
      );
      server.on({ userMessage: "look", hasToolResult: true }, { content: "Two." });
      const one = { type: "text", text: "first text" };
      const see = await only({
        tools: [tool("see")],
        call: () => ({ content: [one, { ...one, text: "second text" }] }),
      });
      const agent = createAgent({ model, tools: [see] });
      const { messages } = await agent.invoke({ messages: [new HumanMessage("look")] });
      expect(messages.at(-1)?.text).toBe("Two.");
      const sent = JSON.stringify(server.getRequests().at(-1)?.body);
      expect(sent).toContain("first text");
      expect(sent).toContain("second text");
    },
  );

  // Chat completions take only text from a tool: the image stays behind, and a line says that there was one.
  test("a result with an image is sent in the provider's own form", async () => {
    const { mock: server, model } = await mock();
    server.on({ userMessage: "look", hasToolResult: false }, { toolCalls: [{ name: "see", arguments: {} }] });
    server.on({ userMessage: "look", hasToolResult: true }, { content: "A logo." });
    const image = { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" };
    const see = await only({
      tools: [tool("see")],
      call: () => ({ content: [{ type: "text", text: "here" }, image] }),
    });
    const { messages } = await createAgent({ model, tools: [see] }).invoke({
      messages: [new HumanMessage("look")],
    });
    expect(messages.at(-1)?.content).toBe("A logo.");
    const { body } = server.getRequests().at(-1) ?? {};
    expect((body as unknown as { messages: unknown[] }).messages.at(-1)).toMatchObject({
      role: "tool",
      content: [
        { type: "text", text: "here" },
        { type: "text", text: "[image: image/png, 8 bytes]" },
      ],
    });
    expect(messages.find((each) => isToolMessage(each))?.contentBlocks).toEqual([
      { type: "text", text: "here" },
      { type: "text", text: "[image: image/png, 8 bytes]" },
      image,
    ]);
  });
});

describe("the reference servers through loadTools()", () => {
  const ask = async (tools: readonly McpTool[], name: string, args: object): Promise<ToolMessage> => {
    const found = tools.find((each) => each.name === name);
    if (!found) throw new Error(`no tool ${name} among ${tools.map((each) => each.name).join(", ")}`);
    return found.invoke(toolCall(args, name));
  };

  test("server-everything over stdio: text, image, structured content, links", async () => {
    const tools = await loadTools(
      openAll([stdioConfig("everything", process.execPath, [program("everything")])]),
    );
    expect((await ask(tools, "echo", { message: "hi" })).content).toContain("hi");
    expect((await ask(tools, "get-tiny-image", {})).content).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: "image", mimeType: "image/png" })]),
    );
    const structured = await ask(tools, "get-structured-content", { location: "New York" });
    expect(structured.artifact.structuredContent).toHaveProperty("temperature");
    expect((await ask(tools, "get-sum", { a: "x", b: 2 })).status).toBe("error");
    const links = await ask(tools, "get-resource-links", { count: 2 });
    expect(JSON.stringify(links.content)).not.toContain('"type":"file"');
  });

  test("server-everything over streamable HTTP and over SSE has the same tools", async () => {
    const lists: string[][] = [];
    for (const [type, argument, path] of [
      ["http", "streamableHttp", "mcp"],
      ["sse", "sse", "sse"],
    ] as const) {
      const port = await freePort();
      await using _ = await startProgram([program("everything"), argument], { PORT: `${port}` }, `${port}`);
      const servers = openAll([httpConfig("everything", `http://127.0.0.1:${port}/${path}`, { type })]);
      const tools = await loadTools(servers);
      expect((await ask(tools, "echo", { message: "hi" })).content).toContain("hi");
      lists.push(tools.map(({ name }) => name));
      await servers.close();
    }
    expect(lists[0]?.length).toBeGreaterThan(8);
    expect(lists[1]).toEqual(lists[0]);
  });

  test("server-filesystem and server-memory side by side", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "notes"));
    writeFileSync(join(folder, "notes", "a.txt"), "remember the milk");
    const servers = openAll([
      stdioConfig("files", process.execPath, [program("filesystem"), folder]),
      stdioConfig("memory", process.execPath, [program("memory")], {
        env: { MEMORY_FILE_PATH: join(folder, "memory.jsonl") },
      }),
    ]);
    const tools = await loadTools(servers, { exclude: ["files.write_file"] });
    expect(tools.some(({ name }) => name === "write_file")).toBe(false);
    expect((await ask(tools, "read_text_file", { path: join(folder, "notes", "a.txt") })).content).toBe(
      "remember the milk",
    );
    const outside = await ask(tools, "read_text_file", { path: "/etc/passwd" });
    expect(outside.status).toBe("error");
    const entities = [{ name: "Ana", entityType: "person", observations: ["likes tea"] }];
    await ask(tools, "create_entities", { entities });
    expect(JSON.stringify((await ask(tools, "search_nodes", { query: "Ana" })).content)).toContain(
      "likes tea",
    );
  });
});
