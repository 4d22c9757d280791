import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent, fakeModel, tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { type ConductorGraph, createConductor, type Specialist } from "../../src/agents/conductor.js";
import { conductingModel, type Planned } from "../support/conducting-model.js";
import { isAnswered } from "../support/deciding-model.js";

const add = tool(async ({ a, b }: { a: number; b: number }) => String(a + b), {
  name: "add",
  description: "Adds two numbers.",
  schema: z.object({ a: z.number(), b: z.number() }),
});

/** A specialist that is a function. */
const doing = (name: string, work: (text: string, signal?: AbortSignal) => unknown): Specialist => ({
  name,
  description: `does what ${name} does`,
  graph: RunnableLambda.from(({ messages }: { messages: BaseMessage[] }, { signal } = {}) =>
    work(messages.at(-1)?.text ?? "", signal),
  ) as unknown as NonNullable<Specialist["graph"]>,
});

const ask = { messages: "What is this, and what is that?" };

/** A promise that is kept from outside. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const statuses = ({ work }: { work: { tasks: readonly { id: string; status: string }[] } }) =>
  Object.fromEntries(work.tasks.map(({ id, status }) => [id, status]));

test("createConductor() runs all delegations of one message and cites what each brought", async () => {
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "one", objective: "Add 1 and 2." },
      { id: "t2", specialist: "two", objective: "Add 3 and 4." },
    ],
    write: "Three [1], seven [2] and a dozen [9].",
    specialist: (asked) => {
      const [a = 0, b = 0] = asked.question.match(/\d/g)?.map(Number) ?? [];
      return isAnswered(asked) ? `It is ${a + b}.` : [{ name: "add", args: { a, b } }];
    },
  });
  const agent = createConductor({
    model,
    tools: [add],
    specialists: [
      { name: "one", description: "sums", tools: ["add"] },
      { name: "two", description: "sums as well", tools: ["add"] },
    ],
  });
  const state = await agent.invoke(ask);
  expect(state.messages.map(({ type }) => type)).toEqual(["human", "ai"]);
  // A number of no finding is taken out, and sources are those of the calls that were made.
  expect(state.messages.at(-1)?.text).toBe(
    "Three [1], seven [2] and a dozen.\n\n**Sources**\n\n- [1] one: add(a: 1, b: 2)\n- [2] two: add(a: 3, b: 4)",
  );
  expect(statuses(state)).toEqual({ t1: "done", t2: "done" });
  expect(state.board.findings.map(({ key, value, author }) => [key, value, author])).toEqual(
    expect.arrayContaining([
      ["Add 1 and 2.", "It is 3.", "one"],
      ["Add 3 and 4.", "It is 7.", "two"],
    ]),
  );
});

test("a task starts when what it needs is there, while a slow one still runs", async () => {
  const after = gate();
  const agent = createConductor({
    model: conductingModel({
      plan: [
        // Named before what it needs.
        { id: "late", specialist: "late", needs: ["quick"] },
        { id: "quick", specialist: "quick" },
        { id: "slow", specialist: "slow" },
      ],
    }),
    tools: [],
    specialists: [
      doing("quick", () => "42"),
      doing("slow", () => after.opened.then(() => "slow is done")),
      doing("late", (text) => {
        after.open();
        return text.includes("42") ? "late has it" : "late has nothing";
      }),
    ],
  });
  const state = await agent.invoke(ask);
  expect(statuses(state)).toEqual({ late: "done", quick: "done", slow: "done" });
  expect(state.work.tasks[0]?.answer).toBe("late has it");
});

test("a specialist that throws is reported and the rest goes on, but for what needs it", async () => {
  const agent = createConductor({
    model: conductingModel({
      plan: [
        { id: "bad", specialist: "bad" },
        { id: "good", specialist: "good" },
        { id: "next", specialist: "good", needs: ["bad"] },
      ],
    }),
    tools: [],
    specialists: [
      doing("good", () => "good news"),
      doing("bad", () => {
        throw new Error("the disk is full");
      }),
    ],
  });
  const state = await agent.invoke(ask);
  expect(statuses(state)).toEqual({ bad: "failed", good: "done", next: "skipped" });
  const answer = state.messages.at(-1)?.text;
  expect(answer).toContain(
    "**Not answered**\n\n- Do bad. (bad): the disk is full\n- Do next. (good): not begun: it needs 'bad'",
  );
  expect(answer).toContain("[1] good:");
});

test("of 400 delegations as many run as the limit allows, and the rest is reported", async () => {
  let ran = 0;
  const plan = Array.from(
    { length: 400 },
    (_, index): Planned => ({ id: `t${index}`, specialist: "worker" }),
  );
  const agent = createConductor({
    model: conductingModel({ plan, verify: plan }),
    tools: [],
    specialists: [doing("worker", () => `result ${++ran}`)],
    limits: { tasks: 10 },
  });
  const state = await agent.invoke(ask);
  expect(ran).toBe(10);
  expect(state.work.tasks.filter(({ status }) => status === "done")).toHaveLength(10);
  const answer = state.messages.at(-1)?.text ?? "";
  expect(answer).toContain("beyond the limit of 10 tasks");
  expect(answer).toContain("and 370 more");
});

test("no more tasks run at a time than the limits allow, in all and of one specialist", async () => {
  const running = { all: 0, one: 0 };
  const most = { all: 0, one: 0 };
  const busy = (name: "one" | "two") =>
    doing(name, async () => {
      running.all++;
      if (name === "one") running.one++;
      most.all = Math.max(most.all, running.all);
      most.one = Math.max(most.one, running.one);
      await new Promise((resolve) => setImmediate(resolve));
      running.all--;
      if (name === "one") running.one--;
      return name;
    });
  const plan = [1, 2, 3, 4, 5, 6].flatMap((n): Planned[] => [
    { id: `a${n}`, specialist: "one" },
    { id: `b${n}`, specialist: "two" },
  ]);
  const agent = createConductor({
    model: conductingModel({ plan }),
    tools: [],
    specialists: [busy("one"), busy("two")],
    // As a program hands on what it may not have.
    limits: { parallel: 3, parallelPerSpecialist: 2, steps: undefined, taskMs: undefined } as never,
  });
  const state = await agent.invoke(ask);
  expect(new Set(Object.values(statuses(state)))).toEqual(new Set(["done"]));
  expect(most).toEqual({ all: 3, one: 2 });
});

test("what one specialist can answer is its answer, word for word", async () => {
  const model = conductingModel({ plan: [{ id: "t1", specialist: "one" }] });
  const agent = createConductor({ model, tools: [], specialists: [doing("one", () => "Just *this* [7].")] });
  const { messages } = await agent.invoke(ask);
  expect(messages.at(-1)?.text).toBe("Just *this* [7].");
  expect(model.calls).toBe(1);
});

test("a chain of steps is done by one agent with all of their tools", async () => {
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "one", objective: "Add 1 and 2." },
      { id: "t2", specialist: "two", objective: "Add 4 to it.", needs: ["t1"] },
    ],
    specialist: ({ messages, tools, question }) => {
      const results = messages.filter(({ type }) => type === "tool").map(({ text }) => Number(text));
      if (results.length === 0) return [{ name: "add", args: { a: 1, b: 2 } }];
      if (results.length === 1) return [{ name: "add", args: { a: 4, b: results[0] } }];
      return `${tools.join()}: ${results.at(-1)}. Asked: ${question}`;
    },
  });
  const agent = createConductor({
    model,
    tools: [add],
    specialists: [
      { name: "one", description: "sums", tools: ["add"] },
      { name: "two", description: "sums as well", tools: ["add"] },
    ],
  });
  const state = await agent.invoke(ask);
  expect(state.messages.at(-1)?.text).toBe("add: 7. Asked: 1. Add 1 and 2.\n2. Add 4 to it.");
  expect(state.work.tasks).toMatchObject([{ specialist: "conductor", status: "done" }]);
});

test("what needs nobody is answered without delegating", async () => {
  const model = conductingModel({ plan: "Hello to you." });
  const agent = createConductor({ model, tools: [], specialists: [doing("one", () => "one")] });
  const state = await agent.invoke({ messages: "Hello." });
  expect(state.messages.map(({ text }) => text)).toEqual(["Hello.", "Hello to you."]);
  expect(state.work.tasks).toEqual([]);
});

test("the verifier has what is missing done, once", async () => {
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "one" },
      { id: "t2", specialist: "one" },
    ],
    verify: [{ id: "t3", specialist: "one", objective: "Look again.", needs: ["t1"] }],
    write: "Found [3].",
  });
  const agent = createConductor({ model, tools: [], specialists: [doing("one", (text) => `re: ${text}`)] });
  const state = await agent.invoke(ask);
  expect(statuses(state)).toEqual({ t1: "done", t2: "done", t3: "done" });
  expect(state.work.tasks[2]?.answer).toContain("re: Do t1.");
  expect(model.calls).toBe(3);
});

test("a delegation that makes no sense is given back once, and the others stand", async () => {
  const asked: (readonly BaseMessage[])[] = [];
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "one" },
      { id: "t2", specialist: "nobody" },
      { id: "t3", specialist: "one", needs: ["t9"] },
      { id: "t4", specialist: "one", needs: ["t5"] },
      { id: "t5", specialist: "one", needs: ["t4"] },
      { id: "t1", specialist: "one" },
    ],
    specialist: ({ messages }) => {
      asked.push(messages);
      return "done";
    },
  });
  const agent = createConductor({
    model,
    tools: [add],
    specialists: [{ name: "one", description: "sums", tools: ["add"] }],
    limits: { repairs: 0 },
  });
  const state = await agent.invoke(ask);
  expect(state.work.tasks.map(({ objective, status }) => `${objective} ${status}`)).toEqual([
    "Do t1. done",
    ...["t2", "t3", "t4", "t5"].map((id) => `Do ${id}. skipped`),
  ]);
  const answer = state.messages.at(-1)?.text;
  expect(answer).toMatch(/Do t2\. \(nobody\): not delegated:[\s\S]*'t9', which is no task[\s\S]*in a circle/);
  expect(asked).toHaveLength(1);
});

test("a writer that fails loses nothing: the report is put together from the findings", async () => {
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "one" },
      { id: "t2", specialist: "two" },
    ],
    get write(): string {
      throw new Error("no words");
    },
  });
  const agent = createConductor({
    model,
    tools: [],
    specialists: [doing("one", () => "first fact"), doing("two", () => "second fact")],
  });
  const { messages } = await agent.invoke(ask);
  expect(messages.at(-1)?.text).toMatch(/## Do t1\.\n\nfirst fact \[1\]\n\n## Do t2\.\n\nsecond fact \[2\]/);
});

test("a compiled graph, an agent and a model can be specialists", async () => {
  const model = conductingModel({
    plan: [
      { id: "t1", specialist: "agent" },
      { id: "t2", specialist: "model" },
      { id: "t3", specialist: "form" },
    ],
  });
  const inner = createAgent({ model: fakeModel().respond(new AIMessage("from a graph")), tools: [] });
  const form = z.object({ figure: z.number() });
  const agent = createConductor({
    model,
    tools: [add],
    specialists: [
      { name: "agent", description: "a graph", graph: inner.graph },
      { name: "model", description: "no tools", model: fakeModel().respond(new AIMessage("from a model")) },
      {
        name: "form",
        description: "figures",
        tools: ["add"],
        model: fakeModel().respondWithTools([{ name: "extract-1", id: "f", args: { figure: 7 } }]),
        output: form,
      },
    ],
  });
  const { work } = await agent.invoke(ask);
  expect(work.tasks.map(({ answer }) => answer)).toEqual(["from a graph", "from a model", '{"figure":7}']);
  expect(work.tasks[2]?.structured).toEqual({ figure: 7 });
});

test("conductors that stand in one another stop at the limit", async () => {
  let planned = 0;
  const model = conductingModel({
    get plan() {
      planned++;
      return [{ id: "t1", specialist: "itself" }];
    },
  });
  const itself = RunnableLambda.from((input: typeof ask, config) => agent.invoke(input, config));
  const agent: ConductorGraph = createConductor({
    model,
    tools: [],
    specialists: [{ name: "itself", description: "the same again", graph: itself as never }],
    limits: { depth: 2, repairs: 0 },
  });
  const { messages } = await agent.invoke(ask);
  expect(planned).toBe(2);
  expect(messages.at(-1)?.text).toContain("conductors stand in one another 3 deep, and limits.depth is 2");
});

test("an interrupted specialist resumes by the id of its interrupt; the others ran once, and what waited runs after", async () => {
  const runs: string[] = [];
  const asking = tool(
    async ({ what }: { what: string }) => {
      const { ok } = interrupt<unknown, { ok: boolean }>({ may: what });
      runs.push(`${what} ${ok}`);
      return ok ? `${what} is done` : `${what} was refused`;
    },
    {
      name: "ask_first",
      description: "Asks before it does something.",
      schema: z.object({ what: z.string() }),
    },
  );
  const free = tool(async ({ what }: { what: string }) => `${runs.push(what)}`, {
    name: "free",
    description: "Does something at once.",
    schema: z.object({ what: z.string() }),
  });
  const model = conductingModel({
    plan: [
      { id: "a", specialist: "asks", objective: "paint" },
      { id: "b", specialist: "asks", objective: "sweep" },
      { id: "c", specialist: "frees", objective: "look" },
      { id: "d", specialist: "frees", objective: "after a", needs: ["a"] },
      { id: "e", specialist: "frees", objective: "after c", needs: ["c"] },
    ],
    specialist: (asked) => {
      if (isAnswered(asked)) return asked.messages.at(-1)?.text ?? "";
      const name = asked.tools.includes("ask_first") ? "ask_first" : "free";
      return [{ name, args: { what: asked.question } }];
    },
  });
  const agent = createConductor({
    model,
    tools: [asking, free],
    specialists: [
      { name: "asks", description: "careful", tools: ["ask_first"] },
      { name: "frees", description: "quick", tools: ["free"] },
    ],
    graph: { checkpointer: new MemorySaver() },
  });
  const thread = { configurable: { thread_id: "1" } };
  await agent.invoke(ask, thread);
  expect(runs.sort()).toEqual(["after c", "look"]);
  const waiting = (await agent.getState(thread)).tasks.flatMap(({ interrupts }) => interrupts);
  const idOf = (what: string) => waiting.find(({ value }) => value.may === what)?.id ?? "";
  expect(waiting).toHaveLength(2);

  await agent.invoke(new Command({ resume: { [idOf("sweep")]: { ok: false } } }), thread);
  expect(runs).toEqual(["after c", "look", "sweep false"]);
  const state = await agent.invoke(new Command({ resume: { [idOf("paint")]: { ok: true } } }), thread);
  expect(runs).toEqual(["after c", "look", "sweep false", "paint true", "after a"]);
  expect(statuses(state)).toEqual({ a: "done", b: "done", c: "done", d: "done", e: "done" });
  expect(state.work.tasks.map(({ answer }) => answer)).toContain("sweep was refused");
});

test.each<[string, unknown, string]>([
  ["nothing", undefined, "needs an object of model, tools"],
  ["no model", { model: undefined }, 'model must be a name such as "openai:gpt-5"'],
  ["a model that is none", { model: 5 }, "model must be a name"],
  ["an option misspelt", { specialist: [] }, "specialist is not known; there are model, tools, specialists"],
  ["tools that are no list", { tools: "add" }, "tools must be a list of LangChain tools"],
  ["neither tools nor specialists", { tools: [], specialists: undefined }, "tools must have at least one"],
  ["an empty team", { specialists: [] }, "specialists must have at least one"],
  ["a limit that is none", { limits: { tasks: 0 } }, "limits.tasks must be a whole number, 1 or more"],
  ["a limit misspelt", { limits: { task: 3 } }, "limits.task is not known"],
  ["a budget that is none", { budget: 5 }, "budget must be what createBudget() makes"],
  ["a context that is none", { context: "hello" }, "context must be a list of documents"],
  ["a board that is none", { board: "yes" }, "board must be true"],
  ["a graph option misspelt", { graph: { checkpoint: 1 } }, "graph.checkpoint is not known"],
  [
    "a specialist without a name",
    { specialists: [{ description: "x", tools: [] }] },
    "specialists[0].name must be",
  ],
  [
    "a specialist without anything",
    { specialists: [{ name: "a", description: "x" }] },
    "needs tools, a model or a graph",
  ],
  [
    "a specialist with a graph and tools",
    { specialists: [{ name: "a", description: "x", tools: [], graph: { invoke() {} } }] },
    "specialists[0].graph brings its own tools, model",
  ],
  [
    "two specialists of one name",
    { specialists: [1, 2].map(() => ({ name: "a", description: "x", tools: [] })) },
    "specialists[1].name is 'a' like another's",
  ],
  [
    "the conductor's own name",
    { specialists: [{ name: "conductor", description: "x", tools: [] }] },
    "is 'conductor', which is taken",
  ],
  [
    "a tool misspelt",
    { specialists: [{ name: "a", description: "x", tools: ["adding"] }] },
    "the tools of specialist 'a': tools[0] 'adding' matches no tool",
  ],
  [
    "an output that is no schema",
    { specialists: [{ name: "a", description: "x", tools: [], output: "json" }] },
    "output must be a zod or JSON schema",
  ],
])("createConductor() refuses %s", (_, given, message) => {
  const team = [{ name: "a", description: "adds", tools: ["add"] }];
  const options =
    given === undefined ? given : { model: "offline", tools: [add], specialists: team, ...(given as object) };
  expect(() => createConductor(options as never)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }),
  );
});
