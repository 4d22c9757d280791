import { LLMock } from "@copilotkit/aimock";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import fc from "fast-check";
import { expect, test } from "vitest";
import { capOutput } from "../../src/models/budget/cap.js";
import { estimateInput } from "../../src/models/budget/estimate.js";
import { createLedger, type Reservation } from "../../src/models/budget/ledger.js";
import { type BudgetOptions, budgetReport, createBudget, mergeSpent } from "../../src/models/budget.js";
import { CountedModel } from "./counted-model.js";

const limit = 10_000;
const open = (options: BudgetOptions = { maxTokens: limit }) => createBudget(options).account();
const fine = () => ({ content: "fine" });
const of = (account: ReturnType<typeof open>, agent = "a") => ({ callbacks: [account.handler(agent)] });

test.each(["invoke", "stream"] as const)("a refused call is not made, by %s", async (way) => {
  const account = open({ maxTokens: 5 });
  const model = new CountedModel("m", fine);
  const asked = async () => {
    if (way === "invoke") return model.invoke("a question of more than five tokens", of(account));
    for await (const _ of await model.stream("a question of more than five tokens", of(account)));
    return undefined;
  };
  await expect(asked()).rejects.toMatchObject({
    code: "BUDGET_EXCEEDED",
    retryable: false,
    data: { agent: "a", model: "m", limit: { maxTokens: 5 }, spent: { totalTokens: 0 } },
  });
  expect(model.calls).toBe(0);
  expect(account.remaining()).toEqual({ tokens: 5 });
});

test.each(["invoke", "stream"] as const)("what a provider says was used is counted, by %s", async (way) => {
  const account = open();
  const model = new CountedModel("m", fine, [30, 12]);
  if (way === "invoke") await model.invoke("hi", of(account));
  else for await (const _ of await model.stream("hi", of(account)));
  expect(account.report().totals).toMatchObject({ inputTokens: 30, outputTokens: 12, estimatedCalls: 0 });
  expect(account.remaining()).toEqual({ tokens: limit - 42 });
});

test("usage that nobody said is estimated, and marked so", async () => {
  const account = open();
  const { FakeListChatModel } = await import("@langchain/core/utils/testing");
  await new FakeListChatModel({ responses: ["a short answer"] }).invoke("a short question", of(account));
  const { totals } = account.report();
  expect(totals.estimatedCalls).toBe(1);
  expect(totals.inputTokens).toBeGreaterThan(2);
  expect(totals.outputTokens).toBeGreaterThan(2);
});

test("two agents of one name on one model are both counted; a handler given twice counts once", async () => {
  const account = open();
  const model = new CountedModel("m", fine, [3, 2]);
  await Promise.all([model.invoke("hi", of(account)), model.invoke("hi", of(account))]);
  expect(account.report().byAgent.a).toMatchObject({ calls: 2, totalTokens: 10 });
  await model.invoke("hi", { callbacks: [account.handler("a"), account.handler("b")] });
  expect(account.report().totals).toMatchObject({ calls: 3, totalTokens: 15 });
  expect(account.remaining()).toEqual({ tokens: limit - 15 });
});

test("any graph is counted through its callbacks, in parallel branches too", async () => {
  const model = new CountedModel("m", fine, [30, 12]);
  const ask = async () => ({ messages: [await model.invoke("hi")] });
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("one", ask)
    .addNode("two", ask)
    .addNode("three", ask)
    .addEdge(START, "one")
    .addEdge(START, "two")
    .addEdge(START, "three")
    .compile();
  const account = open();
  await graph.invoke({ messages: [] }, of(account));
  expect(account.report().totals.totalTokens).toBe(model.used);
  expect(account.report().calls).toBe(3);
});

test("calls that do not fit together wait for each other instead of being refused", async () => {
  const account = open({ maxTokens: 300, maxOutputTokens: 200 });
  let running = 0;
  const most: number[] = [];
  const model = new CountedModel("m", () => fine(), [10, 10]);
  const generate = model._generate.bind(model);
  model._generate = async (messages) => {
    most.push(++running);
    const result = await generate(messages);
    running--;
    return result;
  };
  await Promise.all([1, 2, 3, 4].map(() => model.invoke("hi", of(account))));
  expect(most).toEqual([1, 1, 1, 1]);
  expect(account.report().totals.totalTokens).toBe(80);
});

test("a call that waits gives up with its signal, and holds nothing", async () => {
  const account = open({ maxTokens: 300, maxOutputTokens: 290 });
  const controller = new AbortController();
  const model = new CountedModel("m", () => {
    controller.abort(new Error("enough"));
    return fine();
  });
  const first = model.invoke("hi", of(account));
  const second = model.invoke("hi", { ...of(account), signal: controller.signal });
  await expect(second).rejects.toThrow("enough");
  await first;
  expect(model.calls).toBe(1);
  expect(account.remaining().tokens).toBe(300 - model.used);
});

test("run() holds a planned call back while it lasts, and frees what no call took over", async () => {
  const account = open();
  const planned = { model: "m", inputTokens: 100, outputTokens: 50 };
  await account.run("a", planned, async () => expect(account.remaining()).toEqual({ tokens: limit - 150 }));
  expect(account.remaining()).toEqual({ tokens: limit });
  const failing = account.run("a", planned, () => Promise.reject(new Error("before the call")));
  await expect(failing).rejects.toThrow("before");
  expect(account.remaining()).toEqual({ tokens: limit });
});

test("a failed call counts its input, as an estimate; one that the provider refused counts nothing", async () => {
  const account = open();
  const question = "a question of some tokens";
  const broken = new CountedModel("m", () => new Error("connection reset"));
  await expect(broken.invoke(question, of(account))).rejects.toThrow("reset");
  const { totals } = account.report();
  expect(totals).toMatchObject({ calls: 1, outputTokens: 0, estimatedCalls: 1 });
  expect(totals.inputTokens).toBeGreaterThan(4);
  const limited = new CountedModel("m", () => Object.assign(new Error("slow down"), { status: 429 }));
  await expect(limited.invoke(question, of(account))).rejects.toThrow("slow down");
  expect(account.report().totals).toEqual(totals);
  expect(account.remaining().tokens).toBe(limit - totals.totalTokens);
});

test("another callback that keeps a call from being made leaves nothing held once its node is over", async () => {
  const account = open();
  const model = new CountedModel("m", fine);
  const ask = async () => ({ messages: [await model.invoke("hi")] });
  const graph = new StateGraph(MessagesAnnotation).addNode("one", ask).addEdge(START, "one").compile();
  const { BaseCallbackHandler } = await import("@langchain/core/callbacks/base");
  const guard = BaseCallbackHandler.fromMethods({
    handleChatModelStart() {
      throw new Error("not today");
    },
  });
  guard.raiseError = true;
  guard.awaitHandlers = true;
  const callbacks = [account.handler("a"), guard];
  await expect(graph.invoke({ messages: [] }, { callbacks })).rejects.toThrow("not today");
  expect(account.remaining().tokens).toBe(limit - account.report().totals.totalTokens);
});

test("money: cached input costs its own price, and an unknown price is refused before the call", async () => {
  const account = open({ maxUsd: 1, prices: { m: { input: 10, cachedInput: 1, output: 100 } } });
  const model = new CountedModel("m", fine, [1000, 100]);
  await model.invoke("hi", of(account));
  expect(account.report().totals.costUsd).toBeCloseTo(0.02, 12);
  const other = new CountedModel("other", fine);
  await expect(other.invoke("hi", of(account))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    data: { model: "other" },
  });
  expect(other.calls).toBe(0);
});

test("without a limit in money, an unknown price makes the cost unknown, not zero", async () => {
  const account = open({ prices: { m: { input: 1, output: 1 } } });
  await new CountedModel("m", fine).invoke("hi", of(account));
  await new CountedModel("other", fine).invoke("hi", of(account));
  const { totals, byModel } = account.report();
  expect([totals.costUsd, byModel.other?.costUsd]).toEqual([null, null]);
  expect(byModel.m?.costUsd).toBeGreaterThan(0);
});

test("a budget warns once at its mark, and again after it was raised", async () => {
  const warnings: number[] = [];
  const budget = createBudget({
    maxTokens: 1000,
    maxOutputTokens: 10,
    warnAt: 0.5,
    onWarning: ({ share }) => warnings.push(share),
  });
  const account = budget.account();
  const model = new CountedModel("m", fine, [200, 0]);
  for (let calls = 0; calls < 4; calls++) await model.invoke("hi", of(account));
  expect(warnings).toEqual([0.6]);
  account.raise({ maxTokens: 1600 });
  await model.invoke("hi", of(account));
  expect(warnings).toEqual([0.6, 0.625]);
  const resumed = budget.account(account.spent());
  expect(resumed.limits()).toEqual({ maxTokens: 1600 });
  await model.invoke("hi", of(resumed));
  expect(warnings).toHaveLength(2);
});

test("countMissing() counts messages that the account has not seen, each once, over a restart too", async () => {
  const budget = createBudget({ maxTokens: limit });
  const account = budget.account();
  const model = new CountedModel("m", fine, [30, 12]);
  const live = await model.invoke("hi", of(account));
  const usage_metadata = { input_tokens: 5, output_tokens: 6, total_tokens: 11 };
  const lost = new AIMessage({
    id: "lost",
    content: "",
    usage_metadata,
    response_metadata: { model_name: "m" },
  } as never);
  const messages = [new HumanMessage("hi"), live, lost, lost, new AIMessage("a note")];
  const resumed = budget.account(JSON.parse(JSON.stringify(account.spent())));
  expect(resumed.countMissing(messages, "a")).toBe(1);
  expect(resumed.countMissing(messages, "a")).toBe(0);
  expect(resumed.report().totals).toMatchObject({ calls: 2, totalTokens: 53 });
});

test("mergeSpent() takes the later state of one account in any order, and the second of two accounts", async () => {
  const account = open();
  const empty = account.spent();
  const model = new CountedModel("m", fine, [30, 12]);
  await model.invoke("hi", of(account, "a"));
  const one = account.spent();
  await model.invoke("hi", of(account, "b"));
  const two = account.spent();
  for (const order of [
    [empty, one, two],
    [two, one, empty],
    [one, two, one],
  ]) {
    const merged = order.reduce(mergeSpent as never, undefined as never);
    expect(budgetReport(merged).totals.totalTokens).toBe(84);
  }
  const other = open().spent();
  expect(mergeSpent(two, other)).toBe(other);
});

test("mergeSpent() keeps the limits that a person raised, else the greater, in any order", () => {
  const before = { ...open({ maxTokens: 1000 }).spent() };
  const raised = { ...before, limits: { maxTokens: 2000 }, raised: true };
  const more = { ...before, limits: { maxTokens: 3000 } };
  for (const [one, other, maxTokens] of [
    [before, raised, 2000],
    [raised, more, 2000],
    [before, more, 3000],
  ] as const)
    for (const merged of [mergeSpent(one, other), mergeSpent(other, one)])
      expect(merged).toMatchObject({ limits: { maxTokens }, raised: one.raised || other.raised });
});

test("a call that cannot be told to write less is not made on less, and the error says what it needs", async () => {
  const account = open({ maxTokens: 120, maxOutputTokens: 100 });
  const model = new CountedModel("m", fine, [10, 90]);
  await model.invoke("hi", of(account));
  await expect(model.invoke("hi", of(account))).rejects.toMatchObject({
    code: "BUDGET_EXCEEDED",
    message: expect.stringMatching(
      /100 of 120 tokens are used.*needs about \d+ tokens for its input and 100 /,
    ),
    data: { needed: { inputTokens: expect.any(Number), outputTokens: 100 } },
  });
  expect(model.used).toBe(100);
});

test("a call that can be told writes what is left, down to the least that is of use", async () => {
  const account = open({ maxTokens: 100 });
  const call = { model: "m", inputTokens: 50, outputTokens: 500, leastOutputTokens: 16 };
  const granted = (outputTokens: number) => Promise.resolve(outputTokens);
  expect(await account.run("a", call, granted)).toBe(50);
  expect(await account.run("a", { ...call, inputTokens: 84 }, granted)).toBe(16);
  const tooLong = account.run("a", { ...call, inputTokens: 85 }, granted);
  await expect(tooLong).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
  expect(account.remaining()).toEqual({ tokens: 100 });
});

test("calls that wait go on although a warning throws", async () => {
  const onWarning = () => {
    throw new Error("no mail server");
  };
  const account = open({ maxTokens: 300, maxOutputTokens: 200, warnAt: 0.01, onWarning });
  const model = new CountedModel("m", fine);
  const [first, second] = await Promise.allSettled([
    model.invoke("hi", of(account)),
    model.invoke("hi", of(account)),
  ]);
  expect(first).toMatchObject({ reason: new Error("no mail server") });
  expect(second.status).toBe("fulfilled");
});

test.each([
  ["a text as a block", { type: "text-plain", text: "word ".repeat(10_000) }, 8000, 20_000],
  ["what a model thought", { type: "reasoning", reasoning: "word ".repeat(10_000) }, 8000, 20_000],
  ["a text file", { type: "file", mimeType: "text/plain", data: "d29y".repeat(10_000) }, 5000, 15_000],
  [
    "a text file as bytes",
    { type: "file", mimeType: "text/csv", data: new Uint8Array(40_000) },
    9000,
    15_000,
  ],
  [
    "a file as OpenAI takes it",
    { type: "file", file: { file_data: `data:text/plain;base64,${"d29y".repeat(10_000)}` } },
    5000,
    15_000,
  ],
  [
    "a file as Anthropic takes it",
    { type: "document", source: { media_type: "application/pdf", data: "A".repeat(1e6) } },
    20_000,
    60_000,
  ],
  ["an image", { type: "image", mimeType: "image/png", data: "A".repeat(1e6) }, 1000, 2000],
  ["a file that lies elsewhere", { type: "file", fileId: "f1" }, 1000, 2000],
])("%s is estimated by its size", (_, block, atLeast, atMost) => {
  const tokens = estimateInput([new HumanMessage({ content: [block as never] })]);
  expect(tokens).toBeGreaterThan(atLeast);
  expect(tokens).toBeLessThan(atMost);
});

test("capOutput() tells OpenAI's models how much they may write, and keeps their tools", async () => {
  const mock = new LLMock({ port: 0 });
  await mock.start();
  try {
    mock.onMessage(/.*/, { content: "short" });
    const configuration = { baseURL: `${mock.url}/v1` };
    const model = new ChatOpenAI({ model: "gpt-4.1", apiKey: "none", configuration });
    await capOutput(model, 77)
      .bindTools?.([{ type: "function", function: { name: "f", parameters: {} } }])
      .invoke("hi");
    const [request] = mock.getRequests();
    expect(request?.body).toMatchObject({ model: "gpt-4.1", max_tokens: 77, tools: [{ type: "function" }] });
    expect(model.maxTokens).toBeUndefined();
  } finally {
    await mock.stop();
  }
  const other = new CountedModel("m", fine);
  expect(capOutput(other, 77)).toBe(other);
});

test("what is spent and held together never passes the limits, whatever calls come and go", () => {
  const call = fc.record({
    inputTokens: fc.nat(400),
    outputTokens: fc.integer({ min: 1, max: 400 }),
    uses: fc.double({ min: 0, max: 1, noNaN: true }),
    end: fc.nat(5),
    price: fc.constantFrom({ input: 3, output: 15 }, { input: 0.1, output: 0.4 }, { input: 0, output: 0 }),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const limits = { maxTokens: 2000, maxUsd: 0.01 };
      const ledger = createLedger(limits, { tokens: 0, costUsd: 0 });
      let spent = { tokens: 0, costUsd: 0 };
      const held: { reservation: Reservation; uses: number; price: { input: number; output: number } }[] = [];
      for (const { uses, end, ...want } of calls) {
        const reservation = ledger.reserve(want);
        if (reservation === "wait") expect(held.length).toBeGreaterThan(0);
        else if (reservation !== "refused") held.push({ reservation, uses, price: want.price });
        const all = held.map((each) => each.reservation);
        const tokens = all.reduce((sum, each) => sum + each.inputTokens + each.outputTokens, spent.tokens);
        const usd = all.reduce((sum, each) => sum + each.costUsd, spent.costUsd);
        expect(tokens).toBeLessThanOrEqual(limits.maxTokens);
        expect(usd).toBeLessThanOrEqual(limits.maxUsd + 1e-12);
        const [done] = end < held.length ? held.splice(end, 1) : [];
        if (done === undefined) continue;
        const output = Math.floor(done.reservation.outputTokens * done.uses);
        const { inputTokens } = done.reservation;
        const used = {
          tokens: inputTokens + output,
          costUsd: (inputTokens * done.price.input + output * done.price.output) / 1e6,
        };
        ledger.settle(done.reservation, used);
        spent = { tokens: spent.tokens + used.tokens, costUsd: spent.costUsd + used.costUsd };
      }
    }),
  );
});

test("calls of a model at the same time never pass the limit together", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 15 }),
      fc.integer({ min: 20, max: 500 }),
      async (outputs, maxTokens) => {
        const account = open({ maxTokens, maxOutputTokens: 60, warnAt: 1 });
        let used = 0;
        const results = await Promise.allSettled(
          outputs.map((output) =>
            account.run("a", planned, async (most) => {
              const model = new CountedModel("m", fine, [5, Math.min(output, most)]);
              await model.invoke("hi", of(account));
              used += model.used;
            }),
          ),
        );
        for (const result of results)
          if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "BUDGET_EXCEEDED" });
        expect(account.report().totals.totalTokens).toBe(used);
        expect(used).toBeLessThanOrEqual(maxTokens);
        expect(account.remaining().tokens).toBe(maxTokens - used);
      },
    ),
    { numRuns: 40 },
  );
});

const planned = { model: "m", inputTokens: 5, outputTokens: 60 };

test.each([
  [{ maxTokens: 0 }, "maxTokens"],
  [{ maxTokens: 1.5 }, "maxTokens"],
  [{ maxUsd: -1 }, "maxUsd"],
  [{ warnAt: 2 }, "warnAt"],
  [{ onLimit: "throw" }, "onLimit"],
  [{ scope: "user" }, "scope"],
  [{ maxOutputTokens: 0 }, "maxOutputTokens"],
  [{ prices: { m: { input: 1 } } }, "prices.m"],
  [{ maxToken: 5 }, "maxToken"],
])("createBudget() refuses %j", (options, path) => {
  expect(() => createBudget(options as never)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: { faults: [expect.objectContaining({ path })] },
    }),
  );
});
