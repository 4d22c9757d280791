import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/child.js";
import { freePort, until } from "../support/processes.js";

/** LangGraph's own dev server over a copy of the project, so that nothing it writes stays behind. */
let server: ChildProcess;
let folder: string;
let client: Client;
let said = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "langbaton-studio-"));
  for (const entry of ["package.json", "langgraph.json", "tsconfig.json", "graphs", "src", "docs"]) {
    await cp(join(root, entry), join(folder, entry), { recursive: true });
  }
  for (const entry of ["node_modules", "dist"]) await symlink(join(root, entry), join(folder, entry));
  const port = await freePort();
  const cli = join(root, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs");
  server = spawn(
    process.execPath,
    [cli, "dev", "--no-browser", "--host", "127.0.0.1", "--port", String(port)],
    {
      cwd: folder,
      detached: true,
      env: {
        ...process.env,
        LANGSMITH_TRACING: "false",
        LANGGRAPH_CLI_NO_ANALYTICS: "1",
        LANGBATON_MODEL: "offline",
        LANGBATON_MEMORY: join(folder, "memory.db"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  for (const stream of [server.stdout, server.stderr]) stream?.on("data", (text) => (said += text));
  const apiUrl = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${apiUrl}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, "the dev server answers", 60_000).catch(() => {
    throw new Error(`the dev server did not start:\n${said}`);
  });
  client = new Client({ apiUrl });
}, 90_000);

afterAll(async () => {
  // The server is a family: the command, tsx's watcher, the server itself, our MCP servers.
  if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

test("the dev server lists the react graph with its schemas and its drawing", async () => {
  const assistants = await client.assistants.search();
  expect(assistants.map(({ graph_id }) => graph_id)).toContain("react");
  const id = assistants.find(({ graph_id }) => graph_id === "react")?.assistant_id ?? "";
  const schemas = await client.assistants.getSchemas(id);
  expect(JSON.stringify(schemas.input_schema), said).toContain("messages");
  expect(JSON.stringify(schemas.state_schema)).toContain("messages");
  const { nodes } = await client.assistants.getGraph(id);
  expect(nodes.map((node) => node.id)).toEqual(
    expect.arrayContaining(["__start__", "model_request", "tools"]),
  );
}, 60_000);

test("a streamed run on a thread answers from the real servers and stays in the thread's state", async () => {
  const thread = await client.threads.create();
  const events: string[] = [];
  const input = { messages: [{ role: "user", content: "How many engineers do we have?" }] };
  for await (const { event, data } of client.runs.stream(thread.thread_id, "react", {
    input,
    streamMode: "updates",
  })) {
    events.push(event);
    expect(event, JSON.stringify(data)).not.toBe("error");
  }
  expect(events).toContain("updates");
  const state = await client.threads.getState<{ messages: { type: string; content: unknown }[] }>(
    thread.thread_id,
  );
  const answer = state.values.messages.at(-1);
  expect(answer?.type).toBe("ai");
  expect(JSON.stringify(answer?.content)).toContain("128");
  expect(state.next).toEqual([]);
}, 60_000);

test("the dev server lists the memory graph with its schemas", async () => {
  const assistants = await client.assistants.search();
  const id = assistants.find(({ graph_id }) => graph_id === "memory")?.assistant_id ?? "";
  const schemas = await client.assistants.getSchemas(id);
  for (const schema of [schemas.input_schema, schemas.state_schema]) {
    expect(JSON.stringify(schema), said).toContain("messages");
    expect(JSON.stringify(schema)).toContain("working");
  }
}, 60_000);

test("the memory graph answers in a second thread what it was told in the first, each user for themselves", async () => {
  const say = async (content: string, userId?: string): Promise<string> => {
    const { thread_id: thread } = await client.threads.create();
    const input = { messages: [{ role: "user", content }] };
    await client.runs.wait(thread, "memory", { input, ...(userId && { context: { userId } }) });
    const { values } = await client.threads.getState<{ messages: { content: unknown }[] }>(thread);
    return JSON.stringify(values.messages.at(-1)?.content);
  };
  await say("I am allergic to peanuts.", "alice");
  expect(await say("What am I allergic to?", "alice"), said).toContain("peanuts");
  expect(await say("What am I allergic to?")).not.toContain("peanuts");
}, 60_000);

test("the conductor graph is listed with its nodes, and answers on a thread with sources", async () => {
  const assistants = await client.assistants.search();
  const id = assistants.find(({ graph_id }) => graph_id === "conductor")?.assistant_id ?? "";
  const schemas = await client.assistants.getSchemas(id);
  expect(Object.keys(schemas.input_schema?.properties ?? {}), said).toEqual(["messages"]);
  expect(Object.keys(schemas.state_schema?.properties ?? {})).toEqual(["messages", "work", "board", "spent"]);
  const { nodes } = await client.assistants.getGraph(id);
  expect(nodes.map((node) => node.id)).toEqual(expect.arrayContaining(["plan", "task", "verify", "report"]));

  const { thread_id: thread } = await client.threads.create();
  const content = "How many engineers do we have, and what is our remote work policy?";
  const steps: unknown[] = [];
  for await (const { event, data } of client.runs.stream(thread, "conductor", {
    input: { messages: [{ role: "user", content }] },
    streamMode: ["custom", "updates"],
  })) {
    expect(event, JSON.stringify(data)).not.toBe("error");
    if (event === "custom") steps.push(data);
  }
  expect(steps).toContainEqual({ type: "task", id: "t1", specialist: "analyst", status: "done" });
  const { values } = await client.threads.getState<{
    messages: { content: unknown }[];
    work: { tasks: { specialist: string; status: string }[] };
  }>(thread);
  expect(values.work.tasks.map(({ specialist, status }) => `${specialist} ${status}`)).toEqual([
    "analyst done",
    "hr done",
  ]);
  expect(JSON.stringify(values.messages.at(-1)?.content)).toMatch(
    /128[\s\S]*Remote Work Policy[\s\S]*Sources/,
  );
}, 60_000);

test("the research graph answers on a thread, with sources of both servers", async () => {
  const content = "What do our policies say about working abroad, and what changed this year?";
  const { nodes, values } = await runOnce("research", { messages: [{ role: "user", content }] });
  expect(nodes).toEqual(expect.arrayContaining(["plan", "search", "analyse", "synthesise"]));
  expect(JSON.stringify(values.messages), said).toMatch(/\[1\][\s\S]*Remote Work Policy/);
}, 60_000);

test("the code review graph looks at a folder and gives findings by file and line", async () => {
  const { nodes, values } = await runOnce("code-review", { path: "src/core" });
  expect(nodes).toEqual(expect.arrayContaining(["plan", "report"]));
  expect(Array.isArray(values.findings), said).toBe(true);
  expect(JSON.stringify(values.messages)).toMatch(/review/i);
}, 60_000);

test("the quarterly review is a workflow with a form, drawn by what its steps need", async () => {
  const { nodes, values, inputSchema } = await runOnce("quarterly-review", { input: { quarter: "2026-Q3" } });
  expect(JSON.stringify(inputSchema), said).toContain("quarter");
  expect(nodes).toEqual(expect.arrayContaining(["check input", "trends", "report"]));
  expect(values.run).toMatchObject({ status: "done" });
  expect(String(values.output)).toMatch(/^# /);
}, 60_000);

/** What a graph looks like, and what one run of it on a thread of its own leaves there. */
async function runOnce(graph: string, input: Record<string, unknown>) {
  const assistants = await client.assistants.search();
  const id = assistants.find(({ graph_id }) => graph_id === graph)?.assistant_id ?? "";
  const { nodes } = await client.assistants.getGraph(id);
  const { input_schema: inputSchema } = await client.assistants.getSchemas(id);
  const { thread_id: thread } = await client.threads.create();
  for await (const { event, data } of client.runs.stream(thread, graph, { input, streamMode: "updates" }))
    expect(event, JSON.stringify(data)).not.toBe("error");
  const { values, next } = await client.threads.getState<Record<string, unknown>>(thread);
  expect(next).toEqual([]);
  return { nodes: nodes.map((node) => String(node.id)), values, inputSchema };
}
