import { AIMessage, type StandardMessageStructure } from "@langchain/core/messages";
import { Command, MemorySaver } from "@langchain/langgraph";
import { createAgent, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { createConductor } from "../../src/agents/conductor.js";
import { createReact } from "../../src/agents/react.js";
import { type BudgetOptions, budgetReport } from "../../src/models/budget.js";
import { createRouter } from "../../src/models/router.js";
import { conductingModel } from "../support/conducting-model.js";
import {
  type Asked,
  DecidingModel,
  isAnswered,
  type Reply,
  TOKENS_PER_CALL,
} from "../support/deciding-model.js";

const look = tool(async ({ where }: { where: string }) => `a thing in ${where}`, {
  name: "look",
  description: "Looks somewhere.",
  schema: z.object({ where: z.string() }),
});

const ask = { messages: "What is here, what is there, and what is elsewhere?" };
const three = ["here", "there", "elsewhere"].map((where) => ({
  id: where,
  specialist: `looks_${where}`,
  objective: `Look ${where}.`,
}));

/** Looks around without end, and each call of the model costs 400 tokens. */
function restless({ question, messages }: Asked): Reply {
  const steps = messages.filter(({ type }) => type === "ai").length;
  return new AIMessage<StandardMessageStructure>({
    content: "",
    tool_calls: [
      { name: "look", args: { where: `${question} ${steps}` }, id: `${question}${steps}`, type: "tool_call" },
    ],
    usage_metadata: { input_tokens: 300, output_tokens: 100, total_tokens: 400 },
  });
}

const looking = (budget: BudgetOptions, specialist: (asked: Asked) => Reply = restless) => {
  const model = conductingModel({ plan: three, specialist, write: "Things [1] [2] [3]." });
  const agent = createConductor({
    model,
    tools: [look],
    specialists: three.map(({ specialist: name }) => ({
      name,
      description: "looks around",
      tools: ["look"],
    })),
    budget,
    limits: { steps: 100 },
    graph: { checkpointer: new MemorySaver() },
  });
  return { agent, model, thread: { configurable: { thread_id: "1" } } };
};

test("every model call of the tree is counted, by model and by agent", async () => {
  const inner = new DecidingModel((asked) =>
    isAnswered(asked) ? "looked" : [{ name: "look", args: { where: "in" } }],
  );
  const model = conductingModel({
    plan: [
      { id: "a", specialist: "agent" },
      { id: "b", specialist: "graph" },
      { id: "c", specialist: "model", needs: ["a"] },
      { id: "d", specialist: "nested" },
    ],
    verify: [{ id: "e", specialist: "agent" }],
    specialist: (asked) => (isAnswered(asked) ? "done" : [{ name: "look", args: { where: "x" } }]),
  });
  const alone = new DecidingModel(() => "alone");
  const nestedModel = conductingModel({ plan: [{ id: "n", specialist: "agent" }] });
  const agents = [{ name: "agent", description: "looks", tools: ["look"] }];
  const agent = createConductor({
    model,
    tools: [look],
    specialists: [
      ...agents,
      { name: "graph", description: "a graph", graph: createAgent({ model: inner, tools: [look] }).graph },
      { name: "model", description: "a model", model: alone },
      {
        name: "nested",
        description: "a conductor",
        graph: createConductor({ model: nestedModel, tools: [look], specialists: agents }),
      },
    ],
  });
  const { spent, work } = await agent.invoke(ask);
  expect(work.tasks.every(({ status }) => status === "done")).toBe(true);
  const report = budgetReport(spent);
  const calls = [model, inner, alone, nestedModel].map((each) => each.calls);
  const made = calls.reduce((sum, each) => sum + each, 0);
  expect(report.calls).toBe(made);
  expect(report.totals.totalTokens).toBe(made * TOKENS_PER_CALL.total_tokens);
  expect(
    Object.fromEntries(Object.entries(report.byAgent).map(([name, { calls: each }]) => [name, each])),
  ).toEqual({
    // Plan, verify and write, and the plan of the one inside.
    conductor: 4,
    agent: 5,
    graph: 2,
    model: 1,
  });
});

test("three specialists that hit the budget stop within a call each, and what they found is reported", async () => {
  const maxTokens = 6000;
  const { agent, thread } = looking({ maxTokens, maxOutputTokens: 100 });
  const { work, spent, messages } = await agent.invoke(ask, thread);
  const { totals } = budgetReport(spent);
  expect(totals.totalTokens).toBeLessThanOrEqual(maxTokens);
  expect(totals.totalTokens).toBeGreaterThan(maxTokens / 2);
  expect(work.tasks.map(({ status }) => status)).toEqual(["stopped", "stopped", "stopped"]);
  const answer = messages.at(-1)?.text ?? "";
  for (const { objective } of three) expect(answer).toContain(`a thing in ${objective} 0`);
  expect(answer).toContain("the budget is used up");
  expect(answer).toContain("**Not answered**");
});

test("a budget that asks lets a person go on, and nothing that was done is done again", async () => {
  const ran: string[] = [];
  // Ends when it knows what it had found before.
  const settled = (asked: Asked): Reply => {
    if (asked.system.includes("<finding")) return "Enough was found.";
    const reply = restless(asked) as AIMessage;
    ran.push(String(reply.tool_calls?.[0]?.args.where));
    return reply;
  };
  const { agent, thread } = looking({ maxTokens: 6000, maxOutputTokens: 100, onLimit: "ask" }, settled);
  await agent.invoke(ask, thread);
  const waiting = (await agent.getState(thread)).tasks.flatMap(({ interrupts }) => interrupts);
  expect(waiting).toHaveLength(1);
  expect(waiting[0]?.value.actionRequests[0].name).toBe("continue_over_budget");
  const state = await agent.invoke(
    new Command({ resume: { [waiting[0]?.id ?? ""]: { decisions: [{ type: "approve" }] } } }),
    thread,
  );
  expect(new Set(ran).size).toBe(ran.length);
  expect(state.work.tasks.map(({ id, status }) => `${id} ${status}`)).toEqual([
    "here stopped",
    "there stopped",
    "elsewhere stopped",
    "here+ done",
    "there+ done",
    "elsewhere+ done",
  ]);
  expect(state.spent?.limits).toEqual({ maxTokens: 12_000 });
  expect(state.messages.at(-1)?.text).toMatch(/^Things \[1\] \[2\] \[3\]\./);
  expect(state.messages.at(-1)?.text).not.toContain("Not answered");
});

test("a person who rejects gets the report of what there is", async () => {
  const { agent, thread } = looking({ maxTokens: 6000, maxOutputTokens: 100, onLimit: "ask" });
  await agent.invoke(ask, thread);
  const reject = { decisions: [{ type: "reject" }] };
  await agent.invoke(new Command({ resume: reject }), thread);
  // The writer is asked about as well: there may be enough left for it.
  const state =
    (await agent.getState(thread)).next.length > 0
      ? await agent.invoke(new Command({ resume: reject }), thread)
      : (await agent.getState(thread)).values;
  expect(state.messages.at(-1)?.text).toContain("a thing in Look here. 0");
});

test("a budget that is too small for a plan says so, and a thread's budget holds over its questions", async () => {
  const small = looking({ maxTokens: 50 });
  const { messages } = await small.agent.invoke(ask, small.thread);
  expect(messages.at(-1)?.text).toContain("The budget does not cover the next step");

  const { agent, thread } = looking({ maxTokens: 6000, maxOutputTokens: 100, scope: "thread" });
  await agent.invoke(ask, thread);
  const again = await agent.invoke({ messages: "And now?" }, thread);
  expect(budgetReport(again.spent).totals.totalTokens).toBeLessThanOrEqual(6000);
  expect(again.messages.at(-1)?.text).toContain("budget does not cover");

  const run = looking({ maxTokens: 6000, maxOutputTokens: 100 });
  await run.agent.invoke(ask, run.thread);
  const next = await run.agent.invoke({ messages: "And now?" }, run.thread);
  expect(next.work.tasks).toHaveLength(3);
});

test("createReact() spends from the conductor that it is a specialist of", async () => {
  const model = new DecidingModel((asked) =>
    isAnswered(asked) ? "done" : [{ name: "look", args: { where: "x" } }],
  );
  const agent = createConductor({
    model: conductingModel({ plan: [{ id: "a", specialist: "react" }] }),
    tools: [],
    specialists: [
      {
        name: "react",
        description: "an agent",
        graph: createReact({ model, tools: [look], budget: { maxTokens: 10 } }),
      },
    ],
  });
  const { spent, messages } = await agent.invoke(ask);
  expect(messages.at(-1)?.text).toBe("done");
  expect(budgetReport(spent).byAgent.react?.calls).toBe(2);
});

test("a router chooses a model for each part of the work, and for the specialists", async () => {
  const asked: Record<string, number> = {};
  const script = { plan: three.slice(0, 2), specialist: () => "done" };
  const named = (name: string) => {
    const model = conductingModel(script);
    return Object.assign(model, { model: name, getLsParams: () => ({ ls_model_name: name }) });
  };
  const [small, large] = [named("small"), named("large")];
  const router = createRouter({
    models: [
      { model: small, price: { input: 1, output: 1 }, kinds: ["write", "looks_here"] },
      { model: large, price: { input: 9, output: 9 } },
    ],
  });
  const agent = createConductor({
    model: router,
    tools: [look],
    specialists: three.map(({ specialist: name }) => ({ name, description: "looks", tools: ["look"] })),
    budget: { maxUsd: 1, prices: { small: { input: 1, output: 1 }, large: { input: 9, output: 9 } } },
  });
  const { spent } = await agent.invoke(ask);
  for (const { agent: name, model, calls } of spent?.rows ?? []) asked[`${name} ${model}`] = calls;
  expect(asked).toEqual({
    "conductor large": 2,
    "conductor small": 1,
    "looks_here small": 1,
    "looks_there large": 1,
  });
});
