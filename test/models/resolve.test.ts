import { LLMock } from "@copilotkit/aimock";
import { tool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isBatonError } from "../../src/core/errors.js";
import { OfflineModel, offline } from "../../src/models/offline.js";
import { resolveModel } from "../../src/models/resolve.js";

const mock = new LLMock({ port: 0 });
const add = tool(async ({ a, b }: { a: number; b: number }) => `${a + b}`, {
  name: "add",
  description: "Adds two numbers",
  schema: z.object({ a: z.number(), b: z.number() }),
});

beforeAll(async () => {
  mock.onMessage("Say hello", { content: "Hello from the wire." });
  mock.on({ userMessage: "Add 3 and 4", hasToolResult: true }, { content: "It is 7." });
  mock.on({ userMessage: "Add 3 and 4" }, { toolCalls: [{ name: "add", arguments: '{"a":3,"b":4}' }] });
  await mock.start();
});
afterAll(() => mock.stop());

const overTheWire = () =>
  resolveModel("openai:gpt-5-mini", { env: { OPENAI_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "test" } });

async function failureOf(model: string, env: Record<string, string> = {}): Promise<Error> {
  try {
    await resolveModel(model, { env });
  } catch (error) {
    expect(isBatonError(error, "CONFIG_INVALID")).toBe(true);
    return error as Error;
  }
  throw new Error("it resolved");
}

describe("resolveModel()", () => {
  test("gives the offline model for its name", async () => {
    expect(await resolveModel("offline")).toBeInstanceOf(OfflineModel);
  });

  test("returns a model object as it is", async () => {
    const model = offline();
    expect(await resolveModel(model)).toBe(model);
  });

  test("invokes an OpenAI model over the wire", async () => {
    const answer = await (await overTheWire()).invoke("Say hello");
    expect(answer.content).toBe("Hello from the wire.");
    expect(mock.getRequests().at(-1)?.body?.model).toBe("gpt-5-mini");
  });

  test("streams an OpenAI model over the wire", async () => {
    let text = "";
    for await (const chunk of await (await overTheWire()).stream("Say hello")) text += chunk.content;
    expect(text).toBe("Hello from the wire.");
  });

  test("runs an OpenAI model with tools in an agent", async () => {
    const agent = createAgent({ model: await overTheWire(), tools: [add] });
    const { messages } = await agent.invoke({ messages: "Add 3 and 4" });
    expect(messages.map((message) => message.type)).toEqual(["human", "ai", "tool", "ai"]);
    expect(messages.at(-1)?.content).toBe("It is 7.");
  });

  test("needs no key for a server of one's own", async () => {
    const model = await resolveModel("openai:llama3", { env: { OPENAI_BASE_URL: `${mock.url}/v1` } });
    expect((await model.invoke("Say hello")).content).toBe("Hello from the wire.");
  });

  test("says which key is missing, and that offline needs none", async () => {
    const { message } = await failureOf("openai:gpt-5");
    expect(message).toContain("OPENAI_API_KEY");
    expect(message).toContain('"offline"');
  });

  test("names what is known for a name without a provider", async () => {
    const { message } = await failureOf("gpt-5");
    expect(message).toContain('"openai:NAME"');
    expect(message).toContain("any LangChain chat model object");
  });

  test.each(["", "openai:", ":gpt-5", "offline:big"])("refuses %j", async (name) => {
    await failureOf(name);
  });

  test("says that a provider is unknown", async () => {
    expect((await failureOf("nonsense:model")).message).toContain("nonsense");
  });

  test("says which package a provider of LangChain needs", async () => {
    expect((await failureOf("anthropic:claude-sonnet")).message).toContain("@langchain/anthropic");
  });
});
