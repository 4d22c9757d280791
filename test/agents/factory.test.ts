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
      message: expect.stringMatching(/^the run's context: model .*; limit /),
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
    expect(input.properties.messages).toMatchObject({ langgraph_type: "messages" });
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
});
