import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { loadPrompts, toMessages } from "../../src/adapters/prompts.js";
import { failure, openAll } from "../support/calls.js";
import { countOf, scripted } from "../support/scripted.js";
import { fixture, program, stdioConfig } from "../support/stdio-fixture.js";

const config = () =>
  scripted("desk", {
    capabilities: { prompts: {} },
    methods: {
      "prompts/list": () => ({
        prompts: [
          {
            name: "analyst",
            title: "Analyst",
            description: "Answers like an analyst",
            arguments: [
              { name: "question", description: "What to answer", required: true },
              { name: "tone" },
            ],
          },
          { name: "plain" },
        ],
      }),
      "prompts/get": ({ arguments: args }) => ({
        messages: [{ role: "user", content: { type: "text", text: JSON.stringify(args) } }],
      }),
    },
  });

describe("loadPrompts()", () => {
  test("describes each prompt, its arguments as a JSON Schema", async () => {
    const [analyst, plain] = await loadPrompts(openAll([config()]));
    expect(analyst).toMatchObject({
      server: "desk",
      name: "analyst",
      title: "Analyst",
      description: "Answers like an analyst",
      schema: {
        type: "object",
        properties: { question: { type: "string", description: "What to answer" }, tone: { type: "string" } },
        required: ["question"],
        additionalProperties: false,
      },
    });
    expect(plain?.schema).toEqual({ type: "object", properties: {}, additionalProperties: false });
  });

  test("format() gives the messages, filled in by the server", async () => {
    const [analyst] = await loadPrompts(openAll([config()]));
    const messages = await analyst?.format({ question: "how?" });
    expect(messages).toEqual([new HumanMessage('{"question":"how?"}')]);
  });

  test.each([
    [{}, "'question' is missing; it takes: question, tone"],
    [{ question: "q", tome: "warm" }, "'tome' is not one of its arguments"],
    [{ question: 1 }, "'question' is not a string"],
    [{ question: "q", toString: "x" }, "'toString' is not one of its arguments"],
  ])("format(%j) is INVALID_ARGUMENTS and asks no server", async (args, problem) => {
    const desk = config();
    const [analyst] = await loadPrompts(openAll([desk]));
    const error = await failure(analyst?.format(args as Record<string, string>) ?? Promise.resolve());
    expect(error.code).toBe("INVALID_ARGUMENTS");
    expect(error.message).toContain(problem);
    expect(countOf(desk.received, "prompts/get")).toBe(0);
  });

  test("of several servers come in their order", async () => {
    const servers = openAll([config(), scripted("none", {}), { ...config(), name: "two" }]);
    expect((await loadPrompts(servers)).map(({ server, name }) => `${server}.${name}`)).toEqual([
      "desk.analyst",
      "desk.plain",
      "two.analyst",
      "two.plain",
    ]);
  });

  test("a server that is down costs a warning; only when all are is it an error", async () => {
    const dead = (name: string) => fixture(name, { lastWords: "dead" });
    const warnings: string[] = [];
    const prompts = await loadPrompts(openAll([dead("bad"), config()]), {
      onWarning: (warning) => warnings.push(warning),
    });
    expect(prompts.map(({ name }) => name)).toEqual(["analyst", "plain"]);
    expect(warnings).toEqual([expect.stringMatching(/^its prompts are left out: .*'bad'/)]);
    const error = await failure(loadPrompts(openAll([dead("first"), dead("second")])));
    expect(error).toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("'first'"),
    });
  });

  test("a signal ends it", async () => {
    const controller = new AbortController();
    const servers = openAll([fixture("mute", { mute: true }), config()]);
    const loading = failure(loadPrompts(servers, { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await loading).code).toBe("CANCELLED");
  });

  test("reads the prompts of the reference server", async () => {
    const servers = openAll([stdioConfig("everything", process.execPath, [program("everything")])]);
    const prompts = await loadPrompts(servers);
    const simple = prompts.find(({ name }) => name === "simple-prompt");
    expect((await simple?.format())?.[0]).toBeInstanceOf(HumanMessage);
    const resource = prompts.find(({ name }) => name === "resource-prompt");
    const messages = await resource?.format({ resourceType: "Text", resourceId: "1" });
    expect(messages?.length).toBe(2);
  });
});

describe("toMessages()", () => {
  test("user becomes human, assistant becomes AI", () => {
    const messages = toMessages({
      messages: [
        { role: "user", content: { type: "text", text: "a" } },
        { role: "assistant", content: { type: "text", text: "b" } },
      ],
    });
    expect(messages).toEqual([new HumanMessage("a"), new AIMessage("b")]);
  });

  test("an image and an embedded resource become standard content blocks", () => {
    const messages = toMessages({
      messages: [
        { role: "user", content: { type: "image", data: "AA==", mimeType: "image/png" } },
        { role: "assistant", content: { type: "resource", resource: { uri: "a://b", text: "inside" } } },
        { role: "user", content: { type: "resource_link", uri: "file:///x", name: "x" } },
      ],
    });
    expect(messages.map(({ contentBlocks }) => contentBlocks)).toEqual([
      [{ type: "image", data: "AA==", mimeType: "image/png" }],
      [{ type: "text", text: "a://b:\ninside" }],
      [{ type: "text", text: "x: file:///x" }],
    ]);
  });
});
