import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { type DevServer, startDevServer } from "../support/dev-server.js";

/** Over a copy of the project, so that nothing that the server writes stays behind. */
let server: DevServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "langbaton-studio-"));
  for (const entry of ["package.json", "langgraph.json", "tsconfig.json", "graphs", "src", "docs"]) {
    await cp(join(root, entry), join(folder, entry), { recursive: true });
  }
  for (const entry of ["node_modules", "dist"]) await symlink(join(root, entry), join(folder, entry));
  const env = { LANGBATON_MODEL: "offline", LANGBATON_MEMORY: join(folder, "memory.db") };
  server = await startDevServer(folder, env);
}, 90_000);

afterAll(async () => {
  server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Values = Readonly<Record<string, unknown>>;
type Schema = { readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

interface Expected {
  /** Fields of the input's form, and of the form of options. */
  readonly input: readonly string[];
  readonly context: readonly string[];
  readonly nodes: readonly string[];
  readonly run: Values;
  /** What the run leaves in the thread, as JSON. */
  readonly leaves: RegExp;
}

const ask = (content: string): Values => ({ messages: [{ role: "user", content }] });

const GRAPHS: Readonly<Record<string, Expected>> = {
  react: {
    input: ["messages"],
    context: ["model", "systemPrompt", "approve"],
    nodes: ["__start__", "model_request", "tools", "__end__"],
    run: ask("How many engineers do we have?"),
    leaves: /128 employees/,
  },
  conductor: {
    input: ["messages"],
    context: ["model", "approve"],
    nodes: ["plan", "task", "verify", "report"],
    run: ask("How many engineers do we have, and what is our remote work policy?"),
    leaves: /128[\s\S]*Remote Work Policy[\s\S]*Sources/,
  },
  memory: {
    input: ["messages", "working"],
    context: ["model", "systemPrompt", "userId"],
    nodes: ["model_request", "tools", "memory.after_agent"],
    run: ask("I am fond of opera."),
    leaves: /Noted/,
  },
  research: {
    input: ["messages"],
    context: ["model", "passages"],
    nodes: ["plan", "search", "dedupe", "analyse", "synthesise"],
    run: ask("What do our policies say about working abroad, and what changed this year?"),
    leaves: /\[1\][\s\S]*Remote Work Policy/,
  },
  "code-review": {
    input: ["messages", "path", "focus"],
    context: ["model"],
    nodes: ["plan", "secrets", "dependencies", "complexity", "documentation", "report"],
    run: { path: "src/core" },
    leaves: /review/i,
  },
  "quarterly-review": {
    input: ["input"],
    context: [],
    nodes: ["check input", "period", "trends", "report", "sign_off"],
    run: { input: { quarter: "2026-Q3" } },
    leaves: /# Quarterly review, 2026-Q3/,
  },
};

test("every graph of langgraph.json is tried here, and described there", () => {
  const { graphs } = JSON.parse(readFileSync(join(root, "langgraph.json"), "utf8")) as {
    graphs: Record<string, { path: string; description: string }>;
  };
  expect(Object.keys(graphs).sort()).toEqual(Object.keys(GRAPHS).sort());
  for (const { description } of Object.values(graphs)) expect(description.length).toBeGreaterThan(30);
});

describe.each(Object.entries(GRAPHS))("%s", (graph, expected) => {
  test("has forms for its input and its options, and a drawing", async () => {
    const id = await assistantOf(graph);
    const schemas = await server.client.assistants.getSchemas(id);
    const input = propertiesOf(schemas.input_schema as Schema);
    const context = propertiesOf(schemas.context_schema as Schema);
    expect(Object.keys(input), server.said()).toEqual(expected.input);
    expect(Object.keys(context)).toEqual(expected.context);
    if ("messages" in input) expect(input.messages).toMatchObject({ langgraph_type: "messages" });
    for (const [key, option] of Object.entries(context)) {
      expect(option, key).toMatchObject({ title: expect.any(String), description: expect.any(String) });
      if (!["systemPrompt", "userId"].includes(key)) expect(option, key).toHaveProperty("default");
    }
    for (const schema of [schemas.state_schema, schemas.output_schema])
      expect(Object.keys(propertiesOf(schema as Schema))).toEqual(
        expect.arrayContaining([expected.input[0]]),
      );

    const { nodes, edges } = await server.client.assistants.getGraph(id);
    expect(nodes.map((node) => String(node.id))).toEqual(expect.arrayContaining([...expected.nodes]));
    expect(edges.length).toBeGreaterThanOrEqual(expected.nodes.length - 1);
  }, 60_000);

  test("runs on a thread with streaming, and has a history", async () => {
    const { events, thread } = await run(graph, expected.run);
    expect(events).toContain("updates");
    const { values, next } = await server.client.threads.getState<Values>(thread);
    expect(JSON.stringify(values), server.said()).toMatch(expected.leaves);
    expect(next).toEqual([]);
    const history = await server.client.threads.getHistory<Values>(thread);
    expect(history.length).toBeGreaterThan(1);
    expect(history[0]?.values).toEqual(values);
    // The end has steps before it, and each can be gone back to.
    expect(history.every(({ checkpoint }) => typeof checkpoint.checkpoint_id === "string")).toBe(true);
  }, 60_000);
});

describe("approvals in LangChain's human-in-the-loop form", () => {
  test.each(["react", "conductor"])(
    "%s waits for a person, and goes on with the decision",
    async (graph) => {
      const context = { approve: ["enterprise.query_database"] };
      const input = ask("How many engineers do we have?");
      const { thread } = await run(graph, input, { context });
      const waiting = await waitingIn(thread);
      expect(waiting).toMatchObject({
        actionRequests: [{ name: "query_database", args: { table: "employees" } }],
        reviewConfigs: [{ actionName: "query_database", allowedDecisions: ["approve", "edit", "reject"] }],
      });
      expect(
        (await server.client.threads.search({ status: "interrupted" })).map(({ thread_id: id }) => id),
      ).toContain(thread);
      await run(graph, undefined, {
        context,
        thread,
        command: { resume: { decisions: [{ type: "approve" }] } },
      });
      const { values, next } = await server.client.threads.getState<Values>(thread);
      expect(JSON.stringify(values.messages), server.said()).toContain("128");
      expect(next).toEqual([]);
    },
    60_000,
  );

  test("a call that a person rejects is not made, and the model reads why", async () => {
    const context = { approve: ["enterprise.*"] };
    const { thread } = await run("react", ask("How many engineers do we have?"), { context });
    const message = "Ask Finance instead.";
    const command = { resume: { decisions: [{ type: "reject", message }] } };
    await run("react", undefined, { context, thread, command });
    const { values } = await server.client.threads.getState<Values>(thread);
    expect(JSON.stringify(values.messages)).toContain(message);
    expect(JSON.stringify(values.messages)).not.toContain("128");
  }, 60_000);

  test("the quarterly review is given when a person has signed it off", async () => {
    const input = { input: { quarter: "2026-Q3", signOff: true } };
    const { thread } = await run("quarterly-review", input);
    const waiting = await waitingIn(thread);
    expect(waiting).toMatchObject({
      actionRequests: [{ args: { report: expect.stringMatching(/^# Quarterly/) } }],
    });
    expect((await server.client.threads.getState<Values>(thread)).values.output ?? null).toBeNull();
    await run("quarterly-review", undefined, {
      thread,
      command: { resume: { decisions: [{ type: "approve" }] } },
    });
    const { values } = await server.client.threads.getState<Values>(thread);
    expect(values.run, server.said()).toMatchObject({ status: "done" });
    expect(values.output).toMatch(/^# Quarterly review/);
  }, 60_000);
});

describe("options of a run", () => {
  test("one that does not fit is refused with what it must be", async () => {
    const { thread_id: thread } = await server.client.threads.create();
    const context = { passages: 1000, model: 7 };
    const errors: unknown[] = [];
    for await (const { event, data } of server.client.runs.stream(thread, "research", {
      input: ask("What changed?"),
      context,
    }))
      if (event === "error") errors.push(data);
    expect(JSON.stringify(errors), server.said()).toMatch(/CONFIG_INVALID|the run's context/);
    expect(JSON.stringify(errors)).toMatch(/passages/);
  }, 60_000);

  test("a form that was cleared counts as nothing chosen", async () => {
    const context = { model: "", systemPrompt: null };
    const { thread } = await run("react", ask("How many engineers do we have?"), { context });
    const { values } = await server.client.threads.getState<Values>(thread);
    expect(JSON.stringify(values.messages), server.said()).toContain("128");
  }, 60_000);

  test("an assistant keeps the options that it was made with", async () => {
    const context = { approve: ["enterprise.*"] };
    const assistant = await server.client.assistants.create({ graphId: "react", name: "Careful", context });
    const { thread_id: thread } = await server.client.threads.create();
    await server.client.runs.wait(thread, assistant.assistant_id, {
      input: ask("How many engineers do we have?"),
    });
    expect(await waitingIn(thread), server.said()).toHaveProperty("actionRequests");
  }, 60_000);
});

test("the memory graph answers in a second thread what it was told in the first, each user for themselves", async () => {
  const say = async (content: string, userId?: string): Promise<string> => {
    const { thread } = await run("memory", ask(content), userId === undefined ? {} : { context: { userId } });
    const { values } = await server.client.threads.getState<{ messages: { content: unknown }[] }>(thread);
    return JSON.stringify(values.messages.at(-1)?.content);
  };
  await say("I am allergic to peanuts.", "alice");
  expect(await say("What am I allergic to?", "alice"), server.said()).toContain("peanuts");
  expect(await say("What am I allergic to?")).not.toContain("peanuts");
}, 60_000);

test("the conductor tells of its tasks while it works", async () => {
  const input = ask("How many engineers do we have, and what is our remote work policy?");
  const { custom } = await run("conductor", input);
  expect(custom).toContainEqual({ type: "task", id: "t1", specialist: "analyst", status: "done" });
}, 60_000);

interface RunOptions {
  readonly thread?: string;
  readonly context?: Values;
  readonly command?: { readonly resume: unknown };
}

/** One run, streamed to its end, on a thread of its own or a given one. */
async function run(graph: string, input: Values | undefined, { thread, context, command }: RunOptions = {}) {
  const id = thread ?? (await server.client.threads.create()).thread_id;
  const events: string[] = [];
  const custom: unknown[] = [];
  for await (const { event, data } of server.client.runs.stream(id, graph, {
    ...(input && { input }),
    ...(context && { context }),
    ...(command && { command }),
    streamMode: ["updates", "custom"],
  })) {
    expect(event, JSON.stringify(data)).not.toBe("error");
    events.push(event);
    if (event === "custom") custom.push(data);
  }
  return { thread: id, events, custom };
}

/** The question that a thread waits with. */
async function waitingIn(thread: string): Promise<unknown> {
  const { tasks } = await server.client.threads.getState<Values>(thread);
  return tasks.flatMap(({ interrupts }) => interrupts).map(({ value }) => value)[0];
}

async function assistantOf(graph: string): Promise<string> {
  const assistants = await server.client.assistants.search({ graphId: graph });
  expect(assistants[0], server.said()).toMatchObject({ name: graph });
  return assistants[0]?.assistant_id ?? "";
}

function propertiesOf(schema: Schema) {
  return schema?.properties ?? {};
}
