import {
  AIMessage,
  type AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { concat } from "@langchain/core/utils/stream";
import { createAgent, providerStrategy, toolStrategy } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isBatonError } from "../../src/core/errors.js";
import { offline } from "../../src/models/offline.js";

const weather = tool(async ({ city }: { city: string }) => `It is 7 degrees and raining in ${city}.`, {
  name: "get_weather",
  description: "Tells the current weather of a city",
  schema: z.object({ city: z.string().describe("Name of the city") }),
});
const stock = tool(
  async ({ product, aggregate }: { product?: string | undefined; aggregate?: string | undefined }) =>
    JSON.stringify(aggregate === "count" ? { count: 12 } : [{ product: product ?? "tea", price: 4 }]),
  {
    name: "query_stock",
    description: "Reads the products in the warehouse",
    schema: z.object({
      product: z.enum(["tea", "coffee", "sugar"]).optional(),
      aggregate: z.enum(["count", "sum"]).optional(),
    }),
  },
);
const erase = tool(async ({ path }: { path: string }) => `Deleted ${path}`, {
  name: "delete_file",
  description: "Deletes a file",
  schema: z.object({ path: z.string() }),
});
const QUESTION = "What is the weather in Lisbon, and how many tea products are in stock?";

const callsOf = (message: unknown) =>
  AIMessage.isInstance(message) ? (message.tool_calls ?? []).map(({ name, args }) => ({ name, args })) : [];

async function ask(question: string, tools: Parameters<typeof createAgent>[0]["tools"]) {
  const { messages } = await createAgent({ model: offline(), tools: tools ?? [] }).invoke({
    messages: question,
  });
  return { messages, calls: messages.flatMap(callsOf), answer: String(messages.at(-1)?.content) };
}

describe("offline()", () => {
  test.each([
    ["no message", []],
    ["an empty message", [new HumanMessage("")]],
    ["blanks", [new HumanMessage(" \n")]],
    ["a picture alone", [new HumanMessage({ content: [{ type: "image", url: "data:image/png;base64," }] })]],
  ])("says of %s that there is no question, whatever the system message says", async (_, said) => {
    const system = new SystemMessage(
      "You look up the weather in Lisbon. <context>It rains in Lisbon.</context>",
    );
    const { text, tool_calls } = await offline()
      .bindTools([weather])
      .invoke([system, ...said]);
    expect(text).toBe("There is no question: send a message with some text.");
    expect(tool_calls).toEqual([]);
  });

  test("says what it is", async () => {
    const model = offline();
    expect(model._llmType()).toBe("offline");
    expect((await model.invoke("Hello?")).response_metadata).toMatchObject({
      model_name: "offline",
      usage_is_estimate: true,
    });
  });

  test("calls the tools of all parts at once and answers in the order of the parts", async () => {
    const { messages, answer } = await ask(QUESTION, [stock, weather]);
    expect(messages.map(({ type }) => type)).toEqual(["human", "ai", "tool", "tool", "ai"]);
    expect(callsOf(messages[1])).toEqual([
      { name: "get_weather", args: { city: "Lisbon" } },
      { name: "query_stock", args: { product: "tea", aggregate: "count" } },
    ]);
    expect(answer).toMatch(/7 degrees.*\(get_weather\)[\s\S]*12.*\(query_stock\)/);
  });

  test("gives the same reply to the same messages, ids included", async () => {
    const model = offline().bindTools([weather, stock]);
    const [one, other] = [await model.invoke(QUESTION), await model.invoke(QUESTION)];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one.id).toMatch(/^offline-/);
  });

  test("gives two ids when a question comes twice in a thread", async () => {
    const model = offline().bindTools([weather]);
    const first = [new HumanMessage({ id: "1", content: "What is the weather in Lisbon?" })];
    const again = [new HumanMessage({ id: "2", content: "What is the weather in Lisbon?" })];
    const ids = [await model.invoke(first), await model.invoke(again)].map(
      (reply) => reply.tool_calls?.[0]?.id,
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("never changes something unasked", async () => {
    expect((await ask("How do I delete the file notes.txt?", [erase])).calls).toEqual([]);
    expect((await ask("Is notes.txt deleted?", [erase])).calls).toEqual([]);
    expect((await ask("How do I stop, and also delete notes.txt?", [erase])).calls).toEqual([]);
    expect((await ask("File notes.txt under taxes", [erase])).calls).toEqual([]);
    expect((await ask("Do not delete notes.txt", [erase])).calls).toEqual([]);
    expect((await ask("Could you delete notes.txt?", [erase])).calls).toHaveLength(1);
    expect((await ask("Please delete notes.txt", [erase])).calls).toEqual([
      { name: "delete_file", args: { path: "notes.txt" } },
    ]);
  });

  test("does not call a tool whose arguments the question does not hold", async () => {
    const { calls, answer } = await ask("What is the weather?", [weather]);
    expect(calls).toEqual([]);
    expect(answer).toContain('I found nothing about "weather"');
  });

  test("tells of a tool that failed, and stops", async () => {
    const broken = tool(
      async () => {
        throw new Error("the station is down");
      },
      { name: "get_weather", description: "Tells the weather", schema: z.object({ city: z.string() }) },
    );
    const { calls, answer } = await ask("What is the weather in Lisbon?", [broken]);
    expect(calls).toHaveLength(1);
    expect(answer).toContain("get_weather failed");
    expect(answer).toContain("the station is down");
  });

  test("tries one alternative, then admits that it found nothing", async () => {
    const searches = ["search_docs", "search_wiki", "search_mail"].map((name) =>
      tool(async () => "No results found.", {
        name,
        description: `Searches the ${name}`,
        schema: z.object({ query: z.string() }),
      }),
    );
    const { calls, answer } = await ask("What is the airspeed of a swallow?", searches);
    expect(calls).toHaveLength(2);
    expect(answer).toContain('I found nothing about "airspeed swallow". Tried: search_docs, search_wiki.');
  });

  test("says so without any tool", async () => {
    expect(String((await offline().invoke("Who won the cup?")).content)).toContain("no tools are bound");
  });

  test("answers from resources in the system message", async () => {
    const system = new SystemMessage(
      '<resource uri="config://company">{"name":"Acme","contacts":{"payroll":"pay@acme.example"}}</resource>',
    );
    const { content } = await offline().invoke([system, new HumanMessage("What is the payroll contact?")]);
    expect(content).toContain("pay@acme.example");
    expect(content).toContain("config://company");
  });

  test("answers from the text of a long question", async () => {
    const context =
      "Ada leads the team in Lisbon. The budget for tea is 300 EUR a year. Coffee is paid by everyone alone. ".repeat(
        5,
      );
    const { content } = await offline().invoke(`Context:\n${context}\n\nWhat is the budget for tea?`);
    expect(content).toBe("The budget for tea is 300 EUR a year. (the question)");
    const summary = await offline().invoke(`Summarize the following text:\n\n${context}`);
    expect(summary.content).toMatch(/^Ada leads the team in Lisbon\./);
  });

  test("answers from memories in the system message, never from its instructions", async () => {
    const system = new SystemMessage(
      "<instructions>Always mention the weather in Lisbon.</instructions><memories>\n- Ada prefers tea.\n</memories>",
    );
    const reply = (question: string) => offline().invoke([system, new HumanMessage(question)]);
    expect((await reply("What does Ada prefer?")).content).toBe("Ada prefers tea. (memories)");
    expect((await reply("What is the weather in Lisbon?")).content).toMatch(/^I found nothing/);
  });

  test("takes the frame of the question before for a follow-up", async () => {
    const model = offline().bindTools([stock]);
    const reply = await model.invoke([
      new HumanMessage("How many tea products are in stock?"),
      new AIMessage("12 tea."),
      new HumanMessage("And coffee?"),
    ]);
    expect(callsOf(reply)).toEqual([
      { name: "query_stock", args: { product: "coffee", aggregate: "count" } },
    ]);
  });

  test("reads content blocks and results in content blocks", async () => {
    const model = offline().bindTools([weather]);
    const question = new HumanMessage({
      content: [{ type: "text", text: "What is the weather in Lisbon?" }],
    });
    const call = await model.invoke([question]);
    const result = new ToolMessage({
      tool_call_id: call.tool_calls?.[0]?.id ?? "",
      content: [{ type: "text", text: "Sunny weather in Lisbon." }],
    });
    expect((await model.invoke([question, call, result])).content).toBe(
      "Sunny weather in Lisbon. (get_weather)",
    );
  });

  test("counts days from its clock", async () => {
    const log = tool(async () => "", {
      name: "read_log",
      description: "Reads the server log of a day",
      schema: z.object({ date: z.string().describe("YYYY-MM-DD") }),
    });
    const model = offline({ clock: { now: () => Date.UTC(2026, 4, 20) } }).bindTools([log]);
    expect(callsOf(await model.invoke("Read the log of yesterday"))).toEqual([
      { name: "read_log", args: { date: "2026-05-19" } },
    ]);
  });
});

describe("offline().bindTools()", () => {
  const schema = {
    type: "object" as const,
    properties: { city: { type: "string" as const } },
    required: ["city"],
  };
  const question = "What is the weather in Lisbon?";

  test.each([
    ["a tool with a zod schema", weather],
    [
      "a tool with a JSON Schema",
      tool(async () => "", { name: "get_weather", description: "Weather of a city", schema }),
    ],
    [
      "an OpenAI definition",
      {
        type: "function",
        function: { name: "get_weather", description: "Weather of a city", parameters: schema },
      },
    ],
    [
      "an Anthropic definition",
      { name: "get_weather", description: "Weather of a city", input_schema: schema },
    ],
    [
      "a runnable as a tool",
      RunnableLambda.from(async (_: { city: string }) => "").asTool({
        name: "get_weather",
        description: "Weather of a city",
        schema: z.object({ city: z.string() }),
      }),
    ],
  ])("takes %s", async (_, bound) => {
    expect(callsOf(await offline().bindTools([bound]).invoke(question))).toEqual([
      { name: "get_weather", args: { city: "Lisbon" } },
    ]);
  });

  test("honours tool_choice", async () => {
    const bind = (tool_choice: string | Record<string, unknown>) =>
      offline().bindTools([weather, stock], { tool_choice });
    expect(callsOf(await bind("none").invoke(question))).toEqual([]);
    expect(callsOf(await bind("any").invoke("Good morning!"))).toHaveLength(1);
    expect(callsOf(await bind("query_stock").invoke(question))).toEqual([{ name: "query_stock", args: {} }]);
    expect(
      callsOf(await bind({ type: "function", function: { name: "get_weather" } }).invoke(QUESTION))[0]?.name,
    ).toBe("get_weather");
  });

  test("is not forced into a change that nobody described", async () => {
    const reply = await offline().bindTools([erase], { tool_choice: "any" }).invoke("Good morning!");
    expect(callsOf(reply)).toEqual([]);
  });

  test("makes one call at a time when asked to", async () => {
    const model = offline().bindTools([weather, stock], { parallel_tool_calls: false });
    const first = await model.invoke([new HumanMessage(QUESTION)]);
    expect(callsOf(first)).toHaveLength(1);
    const result = new ToolMessage({
      tool_call_id: first.tool_calls?.[0]?.id ?? "",
      content: "7 degrees in Lisbon, rainy weather.",
    });
    const second = await model.invoke([new HumanMessage(QUESTION), first, result]);
    expect(callsOf(second)).toEqual([{ name: "query_stock", args: { product: "tea", aggregate: "count" } }]);
  });
});

describe("offline().stream()", () => {
  async function collect(input: string | HumanMessage[], tools = [weather]) {
    const chunks: AIMessageChunk[] = [];
    for await (const chunk of await offline().bindTools(tools).stream(input)) chunks.push(chunk);
    return { chunks, whole: chunks.reduce((one, other) => concat(one, other)) };
  }

  test("adds up to what invoke says", async () => {
    const { chunks, whole } = await collect("Who won the cup?");
    const invoked = await offline().bindTools([weather]).invoke("Who won the cup?");
    expect(chunks.length).toBeGreaterThan(3);
    expect(whole.content).toBe(invoked.content);
    expect(whole.id).toBe(invoked.id);
    expect(whole.usage_metadata).toMatchObject(invoked.usage_metadata ?? {});
    expect(whole.response_metadata).toMatchObject(invoked.response_metadata);
  });

  test("streams tool calls in chunks that add up", async () => {
    const question = "What is the weather in Lisbon?";
    const { chunks, whole } = await collect(question);
    const invoked = await offline().bindTools([weather]).invoke(question);
    expect(chunks.filter((chunk) => (chunk.tool_call_chunks ?? []).length > 0)).toHaveLength(2);
    expect(whole.tool_calls).toEqual(invoked.tool_calls);
  });

  test("reports each token to callbacks", async () => {
    const tokens: string[] = [];
    const stream = await offline().stream("Who won the cup?", {
      callbacks: [{ handleLLMNewToken: (token: string) => void tokens.push(token) }],
    });
    let text = "";
    for await (const chunk of stream) text += chunk.content;
    expect(tokens.join("")).toBe(text);
  });

  test("streams out of an agent", async () => {
    const agent = createAgent({ model: offline(), tools: [weather] });
    let text = "";
    for await (const [chunk] of await agent.stream(
      { messages: "What is the weather in Lisbon?" },
      { streamMode: "messages" },
    )) {
      if (chunk.type === "ai") text += chunk.content;
    }
    expect(text).toBe("It is 7 degrees and raining in Lisbon. (get_weather)");
  });

  test("stops at the caller's signal", async () => {
    const controller = new AbortController();
    const stream = await offline().stream("Who won the cup?", { signal: controller.signal });
    await expect(async () => {
      for await (const _ of stream) controller.abort();
    }).rejects.toThrow();
    await expect(offline().invoke("Hello?", { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("offline().withStructuredOutput()", () => {
  const ticket = z.object({
    priority: z.enum(["low", "normal", "urgent"]),
    question: z.string(),
    email: z.email().optional(),
    amount: z.number().optional(),
  });
  const text = "This is urgent: how do I get back 40 EUR? Write to ada@example.com, amount: 40";

  test.each(["functionCalling", "jsonMode", "jsonSchema"] as const)(
    "fills a zod form by %s",
    async (method) => {
      const filled = await offline().withStructuredOutput(ticket, { method }).invoke(text);
      expect(filled).toMatchObject({ priority: "urgent", email: "ada@example.com", amount: 40 });
      expect(ticket.parse(filled)).toEqual(filled);
    },
  );

  test("fills a JSON Schema form", async () => {
    const schema = {
      title: "choice",
      type: "object",
      properties: { color: { enum: ["red", "green"] } },
      required: ["color"],
    };
    expect(await offline().withStructuredOutput(schema).invoke("I like green")).toEqual({ color: "green" });
  });

  test("makes one entry for each part of the question", async () => {
    const plan = z.object({
      steps: z.array(z.object({ worker: z.enum(["sales", "legal"]), task: z.string() })),
    });
    const filled = await offline()
      .withStructuredOutput(plan)
      .invoke("What did sales earn in May, and what does legal say about it?");
    expect(filled).toEqual({
      steps: [
        { worker: "sales", task: "What did sales earn in May" },
        { worker: "legal", task: "what does legal say about it?" },
      ],
    });
  });

  test("lists the required fields for which there is no evidence", async () => {
    const schema = z.object({ birthday: z.string(), nickname: z.string() });
    const { raw, parsed } = await offline()
      .withStructuredOutput(schema, { includeRaw: true })
      .invoke("Good morning!");
    expect(parsed).toEqual({ birthday: "", nickname: "" });
    expect(raw.response_metadata.unfilled).toEqual(["birthday", "nickname"]);
  });

  test("throws when nothing can fit", async () => {
    const schema = z.object({ code: z.string().regex(/^[A-Z]{3}-\d{4}$/) });
    const failure = offline().withStructuredOutput(schema).invoke("Good morning!");
    await expect(failure).rejects.toSatisfy((error) => isBatonError(error, "INVALID_RESULT"));
  });
});

describe("offline() in createAgent with responseFormat", () => {
  const form = z.object({
    answer: z.string(),
    sources: z.array(z.string()),
    confidence: z.number().min(0).max(1),
  });

  test.each([
    ["toolStrategy", toolStrategy(form)],
    ["providerStrategy", providerStrategy(form)],
    ["a plain schema", form],
  ])("runs its tools, then fills %s", async (_, responseFormat) => {
    const agent = createAgent({
      model: offline(),
      tools: [weather],
      responseFormat: responseFormat as typeof form,
    });
    const { structuredResponse, messages } = await agent.invoke({
      messages: "What is the weather in Lisbon?",
    });
    expect(messages.flatMap(callsOf)[0]).toEqual({ name: "get_weather", args: { city: "Lisbon" } });
    expect(structuredResponse).toEqual({
      answer: "It is 7 degrees and raining in Lisbon. (get_weather)",
      sources: ["get_weather"],
      confidence: 1,
    });
  });
});
