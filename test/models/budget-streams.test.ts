import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { openAccount } from "../../src/models/budget/open-account.js";
import { createBudget } from "../../src/models/budget.js";
import { FakeClock } from "../support/fake-clock.js";
import { CountedModel } from "./counted-model.js";

const fine = () => ({ content: "fine" });
const model = new CountedModel("m", fine);
const minute = 60_000;

/** 300 tokens, of which an answer may have 200: no two calls fit beside each other. */
function open() {
  const clock = new FakeClock();
  const spent = { id: "1", rows: [], limits: { maxTokens: 300 }, raised: false, seen: [] };
  const account = openAccount({ spent, prices: {}, maxOutputTokens: 200, onSpent: () => {}, clock });
  return { account, clock, of: { callbacks: [account.handler("a")] } };
}

/** Writes several pieces, each only when it is read or soon to be. */
class Streaming extends CountedModel {
  override async *_streamResponseChunks(messages: BaseMessage[]) {
    for (const text of ["a", "b", "c", "d"])
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
    yield* super._streamResponseChunks(messages);
  }
}

/** Answers when it is let. */
class Slow extends CountedModel {
  answer = () => {};
  write: () => Promise<void> | undefined = async () => {};
  override async _generate(
    messages: BaseMessage[],
    _options?: unknown,
    runManager?: CallbackManagerForLLMRun,
  ) {
    this.write = () => runManager?.handleLLMNewToken("word");
    await new Promise<void>((resolve) => {
      this.answer = resolve;
    });
    return super._generate(messages);
  }
}

/** Lets what can go on go on, until something waits for the clock. */
async function settled(clock: FakeClock) {
  for (let turns = 0; turns < 1000 && clock.pending === 0; turns++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(clock.pending).toBe(1);
}

async function breakOff(config?: object) {
  for await (const _ of await model.stream("hi", config)) break;
}

test("a stream that was broken off holds a minute at most what it was not seen to write", async () => {
  const { account, clock, of } = open();
  await breakOff(of);
  expect(account.remaining().tokens).toBeLessThan(100);
  const next = model.invoke("hi", of);
  await settled(clock);
  await clock.advance(minute - 1);
  expect(account.report().calls).toBe(0);
  await clock.advance(1);
  expect((await next).text).toBe("fine");
  expect(clock.pending).toBe(0);
  expect(account.remaining().tokens).toBeLessThan(300 - 10);
  expect(account.remaining().tokens).toBeGreaterThan(250);
});

test("code that reads a stream may ask another model meanwhile, and the stream is counted once it is over", async () => {
  const { account, clock, of } = open();
  const run = account.run("a", undefined, async () => {
    const pieces = await new Streaming("m", fine).stream("hi", of);
    for await (const _ of pieces) await model.invoke("translate this", of);
  });
  await settled(clock);
  await clock.advance(minute);
  await run;
  expect(account.report().totals).toMatchObject({ calls: 6, totalTokens: 60 });
  expect(account.remaining().tokens).toBe(240);
});

test("a call that runs beside another, elsewhere, keeps what it holds however long it takes", async () => {
  const { account, clock, of } = open();
  const slow = new Slow("m", fine);
  const held = account.run("a", undefined, () => slow.invoke("hi", of));
  const next = account.run("b", undefined, () => model.invoke("hi", of));
  await settled(clock);
  await clock.advance(5 * minute);
  await settled(clock);
  expect(account.report().calls).toBe(0);
  slow.answer();
  await held;
  await next;
  expect(account.report().calls).toBe(2);
});

test("a call that still writes is not given up", async () => {
  const { clock, of } = open();
  const slow = new Slow("m", fine);
  const first = slow.invoke("hi", of);
  const next = model.invoke("hi", of);
  await settled(clock);
  await clock.advance(minute - 1);
  await slow.write();
  await clock.advance(1);
  await settled(clock);
  await clock.advance(minute);
  expect((await next).text).toBe("fine");
  slow.answer();
  await first;
});

test("what was planned for a call does not stand in the way of one that it waits for", async () => {
  const { account, of } = open();
  const planned = { model: "m", inputTokens: 10, outputTokens: 200 };
  await account.run("a", planned, async () => {
    await account.run("b", planned, async () => model.invoke("hi", of));
    await model.invoke("hi", of);
  });
  expect(account.report().byAgent).toMatchObject({ a: { calls: 1 }, b: { calls: 1 } });
  expect(account.remaining()).toEqual({ tokens: 280 });
});

test.each(["returns", "throws"])(
  "a stream that a tool broke off is counted when the tool %s",
  async (way) => {
    const account = createBudget({ maxTokens: 300, maxOutputTokens: 200 }).account();
    const peek = tool(
      async (_, config) => {
        await breakOff(config);
        if (way === "throws") throw new Error("no");
        return "x";
      },
      { name: "peek", description: "Peeks", schema: z.object({}) },
    );
    const of = { callbacks: [account.handler("a")] };
    await peek.invoke({}, of).catch(() => {});
    expect(account.report().totals).toMatchObject({ calls: 1, estimatedCalls: 1 });
    const ask = new AIMessage({ content: "", tool_calls: [{ name: "peek", args: {}, id: "1" }] });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", new ToolNode([peek]))
      .addNode("ask", async () => ({ messages: [await model.invoke("hi")] }))
      .addEdge(START, "tools")
      .addEdge("tools", "ask")
      .compile();
    await graph.invoke({ messages: [ask] }, of);
    expect(account.report().calls).toBe(3);
  },
);
