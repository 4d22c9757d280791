import { LLMock } from "@copilotkit/aimock";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { type AIMessage, type BaseMessage, isAIMessage, isToolMessage } from "@langchain/core/messages";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, initChatModel, modelRetryMiddleware, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { budgeted, isOverBudget } from "../../src/agents/budget.js";
import { withLive } from "../../src/agents/live.js";
import { createReact } from "../../src/agents/react.js";
import { routed } from "../../src/agents/routed.js";
import { budgetReport, createBudget, type Spent } from "../../src/models/budget.js";
import { createRouter } from "../../src/models/router.js";
import { CountedModel, call, toolsDone } from "../models/counted-model.js";

const look = tool(async () => "42 engineers", {
  name: "look",
  description: "Looks it up",
  schema: z.object({}),
});

/** Asks the tool again and again. */
const restless = (usage: readonly [number, number] = [5, 5]) =>
  new CountedModel("restless", () => call("look"), usage);

function specialist(name: string, model: CountedModel) {
  const graph = createReact({ model, tools: [look], graph: { name } });
  return tool(
    async (_, config) => (await graph.invoke({ messages: name }, config)).messages.at(-1)?.text ?? "",
    {
      name,
      description: `Asks ${name}`,
      schema: z.object({}),
    },
  );
}

interface CountedMessage {
  readonly usage_metadata: { readonly total_tokens: number };
}

const spentOf = (state: unknown) => (state as { spent: Spent }).spent;

function isAnswered(messages: BaseMessage[]): boolean {
  const answered = new Set(
    messages.flatMap((message) => (isToolMessage(message) ? [message.tool_call_id] : [])),
  );
  return messages.every(
    (message) =>
      !isAIMessage(message) || (message.tool_calls ?? []).every(({ id }) => answered.has(id ?? "")),
  );
}

test.each(["invoke", "stream"])(
  "a budget counts what each model says it used: three specialists at once, nested, by %s",
  async (way) => {
    const inner = new CountedModel("small", (messages) =>
      toolsDone(messages) ? { content: "done" } : call("look"),
    );
    const lead = new CountedModel("large", (messages) =>
      toolsDone(messages) ? { content: "all done" } : call("alpha", "beta", "gamma"),
    );
    const tools = ["alpha", "beta", "gamma"].map((name) => specialist(name, inner));
    const agent = createReact({ model: lead, tools, budget: { maxTokens: 100_000 } });
    let state: unknown;
    if (way === "invoke") state = await agent.invoke({ messages: "go" });
    else {
      for await (const [mode, chunk] of await agent.stream(
        { messages: "go" },
        { streamMode: ["messages", "values"], subgraphs: false },
      ))
        if (mode === "values") state = chunk;
    }
    const report = budgetReport(spentOf(state));
    expect(report.totals.totalTokens).toBe(inner.used + lead.used);
    expect(report.calls).toBe(inner.calls + lead.calls);
    expect(report.calls).toBe(8);
    expect(report.byModel.small?.totalTokens).toBe(inner.used);
    expect(report.byModel.large?.totalTokens).toBe(lead.used);
    expect(report.totals.estimatedCalls).toBe(0);
    expect(report.totals.costUsd).toBeNull();
  },
);

test("at the limit an agent ends with what its tools returned, and a history that is valid", async () => {
  const model = restless([100, 100]);
  const agent = createReact({ model, tools: [look], budget: { maxTokens: 1000, maxOutputTokens: 100 } });
  const state = await agent.invoke({ messages: "go" });
  const last = state.messages.at(-1) as AIMessage;
  expect(isOverBudget(last)).toBe(true);
  expect(last.text).toMatch(/budget does not cover[\s\S]*look: 42 engineers/);
  expect(isAnswered(state.messages)).toBe(true);
  expect(model.used).toBeLessThanOrEqual(1000);
  expect(model.calls).toBeGreaterThan(2);
  expect(budgetReport(spentOf(state)).totals.totalTokens).toBe(model.used);
});

test("three specialists that reach the limit together stop within one call, and the total stays below it", async () => {
  const inner = restless([100, 100]);
  const lead = new CountedModel("large", () => call("alpha", "beta", "gamma"), [100, 100]);
  const tools = ["alpha", "beta", "gamma"].map((name) => specialist(name, inner));
  const agent = createReact({ model: lead, tools, budget: { maxTokens: 3000, maxOutputTokens: 100 } });
  const state = await agent.invoke({ messages: "go" }, { recursionLimit: 200 });
  const results = state.messages.filter((message) => isToolMessage(message));
  expect(results.map(({ text }) => text)).toEqual(
    ["alpha", "beta", "gamma"].map((name) =>
      expect.stringContaining(`BUDGET_EXCEEDED: the budget was used up before '${name}'`),
    ),
  );
  expect(isOverBudget(state.messages.at(-1) as AIMessage)).toBe(true);
  expect(isAnswered(state.messages)).toBe(true);
  const { totals } = budgetReport(spentOf(state));
  expect(totals.totalTokens).toBe(inner.used + lead.used);
  expect(totals.totalTokens).toBeLessThanOrEqual(3000);
  expect(totals.totalTokens).toBeGreaterThan(2000);
});

test("retries are counted, and a refused call is not sent", async () => {
  let failures = 2;
  const model = new CountedModel("shaky", () =>
    failures-- > 0 ? new Error("connection reset") : { content: "fine" },
  );
  const retry = modelRetryMiddleware({ maxRetries: 3, initialDelayMs: 0, jitter: false });
  const agent = createReact({ model, tools: [look], middleware: [retry], budget: { maxTokens: 100_000 } });
  const report = budgetReport(spentOf(await agent.invoke({ messages: "go" })));
  expect(model.calls).toBe(3);
  expect(report.calls).toBe(3);
  expect(report.totals.estimatedCalls).toBe(2);

  const small = createReact({ model: restless(), tools: [look], budget: { maxTokens: 10 } });
  const { messages } = await small.invoke({ messages: "a question of more than ten tokens, tools aside" });
  expect(isOverBudget(messages.at(-1) as AIMessage)).toBe(true);
  expect(messages).toHaveLength(2);
});

test("an unknown price is an error where money is limited, and no cost where it is not", async () => {
  const priced = createReact({ model: restless(), tools: [look], budget: { maxUsd: 1 } });
  await expect(priced.invoke({ messages: "go" })).rejects.toThrow(/no price for 'restless'; add it/);
});

function asking(model: CountedModel, checkpointer = new MemorySaver()) {
  const budget = createBudget({ maxTokens: 1000, maxOutputTokens: 100, onLimit: "ask" });
  return createReact({ model, tools: [look], budget, graph: { checkpointer } });
}

const thread = { configurable: { thread_id: "t" }, recursionLimit: 200 };

function requestOf(state: unknown) {
  const [interrupt] = (state as { __interrupt__: { value: Record<string, unknown> }[] }).__interrupt__;
  return interrupt?.value as {
    actionRequests: [{ name: string; args: Record<string, number>; description: string }];
    reviewConfigs: unknown;
  };
}

const decide = (...decisions: unknown[]) => new Command({ resume: { decisions } }) as never;

test("onLimit ask: approve allows as much again, each time once, over a restart too", async () => {
  const model = restless([100, 100]);
  const checkpointer = new MemorySaver();
  const first = await asking(model, checkpointer).invoke({ messages: "go" }, thread);
  const request = requestOf(first);
  expect(request.actionRequests[0]).toMatchObject({
    name: "continue_over_budget",
    args: { maxTokens: 2000 },
  });
  expect(request.actionRequests[0].description).toMatch(/of 1,000 tokens/);
  expect(request.reviewConfigs).toEqual([
    { actionName: "continue_over_budget", allowedDecisions: ["approve", "edit", "reject"] },
  ]);
  const before = model.used;
  expect(before).toBeLessThanOrEqual(1000);
  // Another process: nothing but the checkpoint says what was spent.
  const again = asking(model, checkpointer);
  const second = await again.invoke(decide({ type: "approve" }), thread);
  expect(requestOf(second).actionRequests[0].args).toEqual({ maxTokens: 3000 });
  expect(model.used).toBeGreaterThan(1000);
  expect(model.used).toBeLessThanOrEqual(2000);
  const third = await again.invoke(decide({ type: "reject" }), thread);
  expect(isOverBudget(third.messages.at(-1) as AIMessage)).toBe(true);
  expect(budgetReport(spentOf(third)).totals.totalTokens).toBe(model.used);
});

test("onLimit ask: what was approved counts once, however often one call has to ask", async () => {
  const model = new CountedModel("m", () => ({ content: "fine" }), [350, 10]);
  const budget = createBudget({ maxTokens: 100, maxOutputTokens: 10, onLimit: "ask" });
  const agent = createReact({
    model,
    tools: [],
    systemPrompt: "word ".repeat(350),
    budget,
    graph: { checkpointer: new MemorySaver() },
  });
  let state: unknown = await agent.invoke({ messages: "go" }, thread);
  for (const maxTokens of [200, 300, 400]) {
    expect(requestOf(state).actionRequests[0].args).toEqual({ maxTokens });
    expect(model.calls).toBe(0);
    state = await agent.invoke(decide({ type: "approve" }), thread);
  }
  expect(model.calls).toBe(1);
  expect(spentOf(state).limits).toEqual({ maxTokens: 400 });
});

test("onLimit ask: an edit sets the limits; what cannot be read is asked again", async () => {
  const model = restless([100, 100]);
  const agent = asking(model);
  await agent.invoke({ messages: "go" }, thread);
  const unread = await agent.invoke(new Command({ resume: "yes" }) as never, thread);
  expect(requestOf(unread).actionRequests[0].description).toMatch(/could not be taken: it needs decisions/);
  const tooLittle = await agent.invoke(
    decide({ type: "edit", editedAction: { name: "continue_over_budget", args: { maxTokens: 1001 } } }),
    thread,
  );
  expect(requestOf(tooLittle).actionRequests[0].args).toEqual({ maxTokens: 2001 });
  const raised = await agent.invoke(decide({ type: "approve" }), thread);
  expect(requestOf(raised).actionRequests[0].args).toEqual({ maxTokens: 3001 });
  expect(model.used).toBeLessThanOrEqual(2001);
  expect(model.used).toBeGreaterThan(1000);
});

test.each([
  ["run", 1],
  ["thread", 2],
] as const)("scope %s: after two questions the account holds %i of them", async (scope, questions) => {
  const model = new CountedModel("m", () => ({ content: "fine" }), [10, 10]);
  const agent = createReact({
    model,
    tools: [look],
    budget: { maxTokens: 10_000, scope },
    graph: { checkpointer: new MemorySaver() },
  });
  await agent.invoke({ messages: "one" }, thread);
  const state = await agent.invoke({ messages: "two" }, thread);
  expect(budgetReport(spentOf(state)).totals.totalTokens).toBe(20 * questions);
});

test("a caller cannot make an account look empty, or its limit high", async () => {
  const model = restless([100, 100]);
  const budget = { maxTokens: 1000, maxOutputTokens: 100, scope: "thread" } as const;
  const agent = createReact({ model, tools: [look], budget, graph: { checkpointer: new MemorySaver() } });
  await agent.invoke({ messages: "go" }, thread);
  const { used } = model;
  const forged = { id: "x", rows: [], limits: { maxTokens: 1e9 }, raised: true, seen: [] };
  await agent.invoke({ messages: "more", spent: forged, _budget: forged } as never, thread);
  expect(model.used).toBe(used);
});

test("an agent inside of a run spends from the run's account, in the name it has there, counted once", async () => {
  const budget = createBudget({ maxTokens: 10_000 });
  const account = budget.account();
  const model = new CountedModel("m", (messages) =>
    toolsDone(messages) ? { content: "done" } : call("look"),
  );
  const agent = createReact({ model, tools: [look], budget: { maxTokens: 1 } });
  const config = withLive({ callbacks: [account.handler("conductor")] }, { agent: "researcher", account });
  const state = await agent.invoke({ messages: "go" }, config);
  expect(account.report().totals.totalTokens).toBe(model.used);
  expect(Object.keys(account.report().byAgent)).toEqual(["researcher"]);
  expect(spentOf(state)).toBeUndefined();
});

test("a run that a tool interrupted goes on from what it had spent, in another process too", async () => {
  const ask = tool(async () => String(interrupt("sure?")), {
    name: "ask",
    description: "Asks a person",
    schema: z.object({}),
  });
  const model = new CountedModel("m", (messages) =>
    toolsDone(messages) ? { content: "done" } : call("ask", "look"),
  );
  const checkpointer = new MemorySaver();
  const build = () =>
    createReact({ model, tools: [ask, look], budget: { maxTokens: 10_000 }, graph: { checkpointer } });
  const asked = await build().invoke({ messages: "go" }, thread);
  expect((asked as { __interrupt__?: unknown }).__interrupt__).toHaveLength(1);
  const state = await build().invoke(new Command({ resume: "yes" }) as never, thread);
  expect(state.messages.at(-1)?.text).toBe("done");
  expect(budgetReport(state.spent)).toMatchObject({ calls: 2, totals: { totalTokens: 20 } });
});

test("an agent inside of a run ends at the run's limit, and does not ask by itself", async () => {
  const account = createBudget({ maxTokens: 1000, maxOutputTokens: 100 }).account();
  const model = restless([100, 100]);
  const budget = createBudget({ maxOutputTokens: 100, onLimit: "ask" });
  const agent = createReact({ model, tools: [look], budget });
  const { messages } = await agent.invoke({ messages: "go" }, withLive({}, { agent: "a", account }));
  expect(isOverBudget(messages.at(-1) as AIMessage)).toBe(true);
  expect(model.used).toBeLessThanOrEqual(1000);
  expect(account.report().totals.totalTokens).toBe(model.used);
});

test("an aborted run leaves nothing held", async () => {
  const controller = new AbortController();
  const account = createBudget({ maxTokens: 10_000 }).account();
  const model = new CountedModel("m", () => {
    controller.abort();
    return { content: "too late" };
  });
  const config = withLive({ signal: controller.signal }, { agent: "a", account });
  const agent = createReact({ model, tools: [look], budget: {} });
  await expect(agent.invoke({ messages: "go" }, config)).rejects.toThrow();
  const { totalTokens } = account.report().totals;
  expect(account.remaining().tokens).toBe(10_000 - totalTokens);
  expect(totalTokens).toBeGreaterThan(0);
});

test("a structured answer is counted", async () => {
  let used = 0;
  const counter = BaseCallbackHandler.fromMethods({
    handleLLMEnd({ generations }) {
      for (const each of generations.flat() as unknown as { message: CountedMessage }[])
        used += each.message.usage_metadata.total_tokens;
    },
  });
  const responseFormat = z.object({ headcount: z.number().describe("number of engineers") });
  const agent = createReact({ model: "offline", tools: [look], responseFormat, budget: { maxUsd: 0.01 } });
  const question = { messages: "Look: how many engineers are there?" };
  const state = await agent.invoke(question, { callbacks: [counter] });
  expect(state).toMatchObject({ structuredResponse: expect.anything() });
  const { totals } = budgetReport(state.spent);
  expect(totals.totalTokens).toBe(used);
  expect(totals.calls).toBeGreaterThan(0);
  expect(totals.costUsd).toBe(0);
  expect(totals.estimatedCalls).toBe(totals.calls);
});

test("routed() asks the cheapest model that fits; what the budget does not cover, the budget ends", async () => {
  const dear = new CountedModel("dear", () => call("look"));
  const cheap = new CountedModel("cheap", (messages) =>
    toolsDone(messages) ? { content: "done" } : call("look"),
  );
  const router = createRouter({
    models: [
      { model: dear, price: { input: 10, output: 10 }, quality: 5 },
      { model: cheap, price: { input: 1, output: 1 }, quality: 2 },
    ],
  });
  const agent = createReact({ model: dear, tools: [look], middleware: [routed(router)], budget: {} });
  const state = await agent.invoke({ messages: "go" });
  expect([dear.calls, cheap.calls]).toEqual([0, 2]);
  expect(Object.keys(budgetReport(state.spent).byModel)).toEqual(["cheap"]);
  const prices = { cheap: { input: 1, output: 1 }, dear: { input: 10, output: 10 } };
  const poor = createReact({
    model: dear,
    tools: [look],
    middleware: [routed(router)],
    budget: { maxUsd: 1e-6, prices },
  });
  const { messages } = await poor.invoke({ messages: "go" });
  expect(isOverBudget(messages.at(-1) as AIMessage)).toBe(true);
  expect([dear.calls, cheap.calls]).toEqual([0, 2]);
});

test("onLimit ask: an edit of what is not limited, or of less than is spent, is asked for again", async () => {
  const agent = asking(restless([100, 100]));
  const first = await agent.invoke({ messages: "go" }, thread);
  expect(requestOf(first).actionRequests[0].description).toMatch(/needs about \d+ tokens for its input/);
  for (const [args, reason] of [
    [{ maxTokens: 5000, maxUsd: 5 }, /the budget has no maxUsd/],
    [{ maxTokens: 10 }, /maxTokens must be above the \d+ that are spent/],
  ] as const) {
    const edit = { type: "edit", editedAction: { name: "continue_over_budget", args } };
    const again = await agent.invoke(decide(edit), thread);
    expect(requestOf(again).actionRequests[0].description).toMatch(reason);
  }
  const ended = await agent.invoke(decide({ type: "reject" }), thread);
  expect(isOverBudget(ended.messages.at(-1) as AIMessage)).toBe(true);
});

test("onLimit ask without a checkpointer is an error before a model is asked", async () => {
  const model = restless();
  const budget = createBudget({ maxTokens: 10_000, onLimit: "ask" });
  const agent = createReact({ model, tools: [look], budget });
  await expect(agent.invoke({ messages: "go" })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    data: { faults: [{ path: "onLimit", problem: expect.stringContaining("checkpointer") }] },
  });
  expect(model.calls).toBe(0);
});

test("scope thread: what the tools of a failed run spent is not forgotten", async () => {
  const inner = new CountedModel("inner", () => ({ content: "fine" }), [400, 400]);
  const think = tool(async () => (await inner.invoke("think")).text, {
    name: "think",
    description: "Thinks",
    schema: z.object({}),
  });
  let fails = true;
  const lead = new CountedModel("lead", (messages) => {
    if (!isToolMessage(messages.at(-1) as BaseMessage)) return call("think");
    return fails ? Object.assign(new Error("slow down"), { status: 429 }) : { content: "done" };
  });
  const agent = createReact({
    model: lead,
    tools: [think],
    budget: { maxTokens: 10_000, scope: "thread" },
    graph: { checkpointer: new MemorySaver() },
  });
  await expect(agent.invoke({ messages: "go" }, thread)).rejects.toThrow("slow down");
  fails = false;
  const state = await agent.invoke({ messages: "again" }, thread);
  expect(inner.calls).toBe(2);
  expect(budgetReport(spentOf(state)).totals.totalTokens).toBe(inner.used + lead.used);
});

test("a model that is settled by the call is counted by the name that it has then", async () => {
  const mock = new LLMock({ port: 0 });
  await mock.start();
  try {
    mock.onMessage(/.*/, { content: "fine" });
    const configuration = { baseURL: `${mock.url}/v1` };
    const model = await initChatModel("openai:gpt-4.1", { apiKey: "none", configuration });
    const budget = createBudget({ maxUsd: 1 });
    const agent = createAgent({ model, tools: [], middleware: [budgeted(budget)] });
    const state = await agent.invoke({ messages: "hi" } as never);
    expect(Object.keys(budgetReport(spentOf(state)).byModel)).toEqual(["gpt-4.1"]);
  } finally {
    await mock.stop();
  }
});

test("a model that can be told how much to write is told what is left; another is not asked for less", async () => {
  const mock = new LLMock({ port: 0 });
  await mock.start();
  try {
    mock.onMessage(/.*/, { content: "fine" });
    const configuration = { baseURL: `${mock.url}/v1` };
    const model = new ChatOpenAI({ model: "gpt-4.1", apiKey: "none", configuration });
    const ask = (maxTokens: number, systemPrompt: string) =>
      createReact({ model, tools: [], systemPrompt, budget: { maxTokens } }).invoke({ messages: "hi" });
    await ask(200, "Be short.");
    const [request] = mock.getRequests() as unknown as { body: { max_tokens: number } }[];
    expect(request?.body.max_tokens).toBeGreaterThan(100);
    expect(request?.body.max_tokens).toBeLessThan(200);
    await ask(20, "Be short.");
    expect(mock.getRequests()).toHaveLength(1);
  } finally {
    await mock.stop();
  }
  const other = restless();
  const refused = await createReact({ model: other, tools: [], budget: { maxTokens: 1000 } }).invoke({
    messages: "hi",
  });
  expect(other.calls).toBe(0);
  expect(isOverBudget(refused.messages.at(-1) as AIMessage)).toBe(true);
});
