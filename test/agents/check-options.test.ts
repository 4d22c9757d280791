import { Document } from "@langchain/core/documents";
import { InMemoryStore, MemorySaver } from "@langchain/langgraph";
import { createMiddleware, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { modelFaults } from "../../src/agents/check-options.js";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import { createReact } from "../../src/agents/react.js";
import { isBatonError } from "../../src/core/errors.js";
import type { Fault } from "../../src/core/faults.js";
import { createBudget } from "../../src/models/budget.js";
import { offline } from "../../src/models/offline.js";
import { createRouter } from "../../src/models/router.js";

const agents: Readonly<Record<string, (options: unknown) => unknown>> = {
  "createReact()": (options) => createReact(options as never),
  "createMemoryAgent()": (options) => createMemoryAgent(options as never),
};
const named = (name: string) => tool(() => "", { name, description: "Mine.", schema: z.object({}) });
const router = createRouter({ models: [{ model: "offline", quality: 1, price: { input: 0, output: 0 } }] });

/** What is wrong, each as a line; an agent that is made anyway fails the test. */
function faultsOf(make: (options: unknown) => unknown, options: unknown): readonly string[] {
  try {
    make(options);
  } catch (error) {
    if (!isBatonError(error, "CONFIG_INVALID")) throw error;
    const { faults } = error.data as { faults: readonly Fault[] };
    for (const { problem } of faults) expect(error.message).toContain(problem);
    return faults.map(({ path, problem }) => `${path} ${problem}`);
  }
  return expect.unreachable();
}

describe.each(Object.entries(agents))("%s refuses", (_, make) => {
  test.each<[string, object, string[]]>([
    ["a misspelt option", { tols: [] }, ["tols is not known; there are model, tools"]],
    ["no model", { model: undefined }, ['model must be a name such as "openai:gpt-5"']],
    ["an empty name of a model", { model: " " }, ["model must be a name"]],
    ["a model that is none", { model: { temperature: 0 } }, ["model must be a name"]],
    ["a router as the model", { model: router }, ["model cannot be a router here: give routed(router)"]],
    ["tools that are no list", { tools: named("a") }, ["tools must be a list of LangChain tools"]],
    ["what is no tool", { tools: [named("a"), null, "b", {}] }, ["tools[1] must", "tools[2]", "tools[3]"]],
    ["a prompt that is no text", { systemPrompt: 5 }, ["systemPrompt must be a text"]],
    ["middleware that is none", { middleware: [null] }, ["middleware[0] must be agent middleware"]],
    ["a graph that is no object", { graph: 5 }, ["graph must be an object of checkpointer,"]],
    ["a misspelt part of the graph", { graph: { nam: "a" } }, ["graph.nam is not known; there are"]],
    [
      "a checkpointer that is none",
      { graph: { checkpointer: 5 } },
      ["graph.checkpointer must be a LangGraph"],
    ],
    ["an empty name", { graph: { name: "" } }, ["graph.name must be a text"]],
    ["all of it at once", { model: 1, tools: 2, graph: { name: 3 } }, ["model", "tools", "graph.name"]],
  ])("%s", (_, options, expected) => {
    const faults = faultsOf(make, { model: "offline", tools: [], ...options });
    expect(faults).toEqual(expected.map((start) => expect.stringContaining(start)));
  });

  test.each([undefined, null, "offline", []])("%j for options", (options) => {
    expect(faultsOf(make, options)).toEqual([expect.stringContaining("needs an object of model, tools")]);
  });
});

test.each<[string, object, string[]]>([
  ["no tools", { tools: undefined }, ["tools must be a list of LangChain tools, [] for none"]],
  ["a text as context", { context: "hello" }, ["context must be a list of documents"]],
  [
    "context of no documents",
    { context: ["a", { pageContent: "b" }] },
    ["context[0] must be a", "context[1]"],
  ],
  ["a number as budget", { budget: 5 }, ["budget must be what createBudget() makes"]],
  ["a budget's wrong limit", { budget: { maxUsd: -1 } }, ["budget.maxUsd must be a number above 0"]],
  ["a budget's misspelt option", { budget: { maxUSD: 1 } }, ["budget.maxUSD is not known"]],
  ["a store that is none", { graph: { store: {} } }, ["graph.store must be a LangGraph store"]],
])("createReact() refuses %s", (_, options, expected) => {
  const faults = faultsOf((given) => createReact(given as never), {
    model: "offline",
    tools: [],
    ...options,
  });
  expect(faults).toEqual(expected.map((start) => expect.stringContaining(start)));
});

test("createMemoryAgent() refuses a store that is none, memory's own names, and a second place for the store", () => {
  const tools = [named("recall"), named("fine")];
  const make = (given: unknown) => createMemoryAgent(given as never);
  const graph = { store: new InMemoryStore() };
  expect(faultsOf(make, { model: "offline", tools, store: "memory.db", graph })).toEqual([
    expect.stringContaining("tools has 'recall', a name of memory's own"),
    expect.stringContaining("store must be a LangGraph store"),
    expect.stringContaining("graph.store is not known"),
  ]);
});

test("createMemoryAgent() refuses limits that are none", () => {
  const make = (given: unknown) => createMemoryAgent(given as never);
  const wrong = { contextTokens: 0, recent: { maxMesages: 1, maxMessages: 0, maxTokens: "9" } };
  expect(faultsOf(make, { model: "offline", ...wrong })).toEqual([
    expect.stringContaining("contextTokens must be a number above 0"),
    expect.stringContaining("recent.maxMesages is not known"),
    expect.stringContaining("recent.maxMessages must be"),
    expect.stringContaining("recent.maxTokens must be"),
  ]);
  expect(faultsOf(make, { model: "offline", recent: 5 })).toEqual([
    expect.stringContaining("recent must be an object of maxMessages, maxTokens"),
  ]);
});

test("options that can be used pass, whichever way they are given", () => {
  const graph = { checkpointer: new MemorySaver(), store: new InMemoryStore(), name: "mine" };
  const context = [new Document({ pageContent: "a" }), { pageContent: "b", metadata: {} }];
  const middleware = [createMiddleware({ name: "None" })];
  for (const budget of [{ maxTokens: 100 }, createBudget(), {}]) {
    const options = { model: offline(), tools: [named("a")], context, middleware, budget, graph };
    expect(createReact(options as never)).toBeDefined();
  }
  expect(createReact({ model: "offline", tools: [], graph: { checkpointer: true } })).toBeDefined();
});

test("modelFaults() takes a router where one is asked for", () => {
  expect(modelFaults("model", router, { router: true })).toEqual([]);
  expect(modelFaults("steps[0].model", {}, { router: true })).toEqual([
    { path: "steps[0].model", problem: expect.stringContaining("or a router") },
  ]);
});
