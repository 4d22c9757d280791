import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StateGraph, StateSchema } from "@langchain/langgraph";
import { getConfigTypeSchema, getInputTypeSchema } from "@langchain/langgraph/zod/schema";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { loadTools } from "../../src/adapters/tools.js";
import { approveOption, graphFactory, modelOption, promptOption } from "../../src/agents/factory.js";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import { createReact } from "../../src/agents/react.js";
import { isBatonError } from "../../src/core/errors.js";
import type { Servers } from "../../src/mcp/servers.js";
import { root } from "../support/child.js";

const READ = { accessContext: "assistants.read", executionRuntime: null };
const running = (context: unknown) => ({
  accessContext: "threads.create_run",
  executionRuntime: { context },
});
const enterprise = { command: process.execPath, args: [join(root, "dist/servers/enterprise/main.js")] };

describe("graphFactory()", () => {
  test("connects at first use, once for all runs, to the file that a URL names", async () => {
    const folder = await mkdtemp(join(tmpdir(), "langbaton-factory-"));
    const file = join(folder, "a b.json");
    await writeFile(file, JSON.stringify({ mcpServers: { enterprise } }));
    const seen: Servers[] = [];
    const graph = graphFactory({
      servers: pathToFileURL(file),
      async create({ servers }) {
        seen.push(servers);
        return createReact({ model: "offline", tools: await loadTools(servers) });
      },
    });
    expect(seen).toEqual([]);
    try {
      const [one, two] = await Promise.all([graph(), graph()]);
      expect(seen).toHaveLength(2);
      expect(seen[0]).toBe(seen[1]);
      for (const agent of [one, two]) {
        const { messages } = await agent.invoke({ messages: "How many engineers do we have?" });
        expect(messages.at(-1)?.text).toContain("128");
      }
    } finally {
      await seen[0]?.close();
      await rm(folder, { recursive: true });
    }
  });

  test("tries a server again at the next run that was not there at the last", async () => {
    const folder = await mkdtemp(join(tmpdir(), "langbaton-factory-"));
    const file = join(folder, "mcp.json");
    const graph = graphFactory({ servers: file, create: ({ servers }) => ({ servers }) });
    await expect(graph()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await writeFile(file, JSON.stringify({ mcpServers: { enterprise } }));
    const { servers } = await graph();
    expect([...servers].map(({ name }) => name)).toEqual(["enterprise"]);
    await servers.close();
    await rm(folder, { recursive: true });
  });

  test("hands a run's choice on, checked, with the defaults of the rest", async () => {
    const context = {
      model: modelOption("offline"),
      limit: z.int().max(10).default(3),
      note: promptOption(),
    };
    const graph = graphFactory({ context, create: ({ context: chosen }) => ({ chosen }) });
    expect(await graph()).toEqual({ chosen: { model: "offline", limit: 3 } });
    expect(await graph({}, running({ limit: 5 }))).toMatchObject({ chosen: { limit: 5 } });
    // As clients before `context` sent it, among keys that belong to others.
    const config = { configurable: { thread_id: "t", limit: 7 } };
    expect(await graph(config)).toEqual({ chosen: { model: "offline", limit: 7 } });
    expect(await graph(config, running({ limit: 8 }))).toMatchObject({ chosen: { limit: 8 } });
    expect(await graph({}, running({ model: "", note: null }))).toEqual({
      chosen: { model: "offline", limit: 3 },
    });
  });

  test("names every fault of a context at once", async () => {
    const context = { model: modelOption(), approve: approveOption(), limit: z.int().max(10).default(3) };
    const graph = graphFactory({ context, create: () => ({}) });
    const error: unknown = await graph({}, running({ model: 7, limit: 11, approve: ["a.b"] })).catch(
      (thrown) => thrown,
    );
    expect(isBatonError(error, "CONFIG_INVALID")).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^the run's context: model cannot be used: .*; limit cannot be used: /),
      data: { faults: [{ path: "model" }, { path: "limit" }] },
    });
    await expect(graph({}, running("offline"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("shows forms to who asks what the graph is like, and runs the graph itself", async () => {
    const context = { model: modelOption("offline"), systemPrompt: promptOption(), approve: approveOption() };
    const graph = graphFactory({ context, create: () => createMemoryAgent({ model: "offline" }) });
    const shown = await graph({}, READ);
    const options = getConfigTypeSchema(shown) as { properties: Record<string, unknown>; required?: unknown };
    expect(Object.keys(options.properties)).toEqual(["model", "systemPrompt", "approve", "userId"]);
    expect(options.properties.model).toMatchObject({ title: "Model", default: "offline", type: "string" });
    expect(options.properties.approve).toMatchObject({ default: [], type: "array" });
    expect(options.required).toBeUndefined();
    const input = getInputTypeSchema(shown) as { properties: Record<string, unknown> };
    expect(Object.keys(input.properties)).toEqual(["messages", "working"]);
    expect(input.properties.messages).toMatchObject({ langgraph_type: "messages", title: "Messages" });
    const drawn = (await shown.getGraphAsync()).toJSON() as { nodes: { id: string }[] };
    expect(drawn.nodes.map(({ id }) => id)).toContain("memory.after_agent");

    const { messages } = await (await graph({}, running({}))).invoke({ messages: "I like tea." });
    expect(messages.at(-1)?.text).toContain("Noted");
  });

  test("leaves the forms of a graph as they are whose state LangGraph's server can read by itself", async () => {
    const state = z.object({ count: z.number() });
    const graph = graphFactory({
      context: { model: modelOption() },
      create: () =>
        new StateGraph(state)
          .addNode("a", () => ({}))
          .addEdge("__start__", "a")
          .compile(),
    });
    const shown = await graph({}, READ);
    expect(getInputTypeSchema(shown)).toMatchObject({ properties: { count: { type: "number" } } });
    expect(getConfigTypeSchema(shown)).toMatchObject({ properties: { model: { title: "Model" } } });
  });

  test("takes the state for the input's form where the graph has no input of its own", async () => {
    const state = new StateSchema({ topic: z.string().meta({ title: "Topic" }) });
    const graph = graphFactory({
      create: () =>
        new StateGraph(state)
          .addNode("a", () => ({}))
          .addEdge("__start__", "a")
          .compile(),
    });
    const input = getInputTypeSchema(await graph({}, READ));
    expect(input).toMatchObject({ properties: { topic: { title: "Topic", type: "string" } } });
  });

  test("refuses what nobody knows: a misspelt option would be obeyed by nobody", async () => {
    const graph = graphFactory({
      context: { approve: approveOption() },
      create: () => createMemoryAgent({ model: "offline" }),
    });
    await expect(graph({}, running({ aprove: ["a.b"] }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "the run's context: aprove is not known; there are approve, userId",
    });
    await expect(graph({}, running(["a.b"]))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(graph({}, running({ userId: "ann" }))).resolves.toBeDefined();
    // What stands beside the options in `configurable` belongs to others.
    await expect(graph({ configurable: { thread_id: "1", other: 1 } })).resolves.toBeDefined();
  });

  test("takes nothing from a context's prototype, and keeps null where it can be chosen", async () => {
    const context = { constructor: z.string().default("a"), note: z.string().nullable().default("b") };
    const graph = graphFactory({ context, create: ({ context: chosen }) => ({ chosen }) });
    expect(await graph({}, running({}))).toEqual({ chosen: { constructor: "a", note: "b" } });
    expect(await graph({}, running({ note: null }))).toEqual({ chosen: { constructor: "a", note: null } });
    expect(await graph({ configurable: { constructor: "c" } }, running({ constructor: "" }))).toEqual({
      chosen: { constructor: "c", note: "b" },
    });
  });

  test("waits for a schema that has to ask somebody", async () => {
    const known = z.string().refine(async (name) => name !== "eve", "is not welcome");
    const graph = graphFactory({
      context: { who: known.default("ann") },
      create: ({ context }) => ({ ...context }),
    });
    expect(await graph({}, running({ who: "bob" }))).toEqual({ who: "bob" });
    await expect(graph({}, running({ who: "eve" }))).rejects.toThrow(/who cannot be used: is not welcome/);
  });

  test("describes what JSON Schema cannot say as far as it goes, and leaves no reference open", async () => {
    const person = z.object({ name: z.string() }).meta({ id: "FactoryPerson" });
    const context = {
      from: z.date().optional(),
      who: person.optional(),
      by: person.optional(),
      size: z.bigint().default(1n),
      any: z.custom<number>().optional(),
      tree: z.lazy(() => tree).optional(),
    };
    const tree: z.ZodType = z.object({
      get below() {
        return z.array(tree).optional();
      },
    });
    const graph = graphFactory({ context, create: () => createReact({ model: "offline", tools: [] }) });
    const options = getConfigTypeSchema(await graph({}, READ)) as { properties: Record<string, unknown> };
    expect(Object.keys(options.properties)).toEqual(Object.keys(context));
    expect(options.properties.from).toEqual({ type: "string", format: "date-time" });
    expect(options.properties.by).toMatchObject({ type: "object", properties: { name: { type: "string" } } });
    expect(JSON.stringify(options)).not.toContain("$ref");
  });

  test("connects again when its servers were closed, and closes them at the end", async () => {
    const graph = graphFactory({
      servers: { mcpServers: { enterprise } },
      create: ({ servers }) => ({ servers }),
    });
    const { servers: first } = await graph();
    await first.close();
    const [{ servers: second }, { servers: third }] = await Promise.all([graph(), graph()]);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
    await graph.close();
    expect([...second].map(({ status }) => status)).toEqual(["closed"]);
    await graph.close();
  });

  test.each([
    ["nothing", undefined, "needs an object of servers, context, create"],
    ["no create", {}, "create must be a function that makes the graph"],
    ["a misspelt option", { server: "mcp.json", create: () => ({}) }, "server is not known"],
    [
      "a URL of the web",
      { servers: new URL("https://a.example/"), create: () => ({}) },
      "servers must be a file's URL",
    ],
    [
      "a zod object",
      { context: z.object({}), create: () => ({}) },
      "context must be an object of zod schemas by name",
    ],
    ["no schema", { context: { a: "text" }, create: () => ({}) }, "context.a must be a schema of zod 4"],
    [
      "no default",
      { context: { a: z.string() }, create: () => ({}) },
      "context.a needs a default, or .optional()",
    ],
  ])("refuses %s when it is declared", (_, options, problem) => {
    expect(() => graphFactory(options as never)).toThrow(problem);
  });
});
