import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AIMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { offline } from "../../src/models/offline.js";
import { type ServerUnderTest, startServer } from "./mcp-tools.js";

const { resolve } = createRequire(import.meta.url);
const MAIN = fileURLToPath(new URL("../../src/servers/enterprise/main.ts", import.meta.url));
const FLAGSHIP = "How many engineers do we have, and what does our remote work policy say about VPN?";

let folder: string;
let servers: readonly ServerUnderTest[];
let resources: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offline-"));
  await writeFile(join(folder, "README.md"), "# Docs\n\nThe public handbook.\n");
  servers = await Promise.all([
    startServer(["--import", "tsx", MAIN, "--db", ":memory:"]),
    startServer([resolve("@modelcontextprotocol/server-filesystem/dist/index.js"), folder]),
  ]);
  const read = async (uri: string) => {
    const found = await servers[0]?.client.readResource({ uri });
    const [content] = found?.contents ?? [];
    return `<resource uri="${uri}">${content && "text" in content ? content.text : ""}</resource>`;
  };
  resources = `${await read("schema://database")}\n${await read("config://company")}`;
});
afterAll(async () => {
  await Promise.all(servers.map(({ client }) => client.close()));
  await rm(folder, { recursive: true, force: true });
});

async function ask(question: string, systemPrompt = "") {
  const agent = createAgent({ model: offline(), tools: servers.flatMap(({ tools }) => tools), systemPrompt });
  const { messages } = await agent.invoke({ messages: question });
  const replies = messages.filter((message) => AIMessage.isInstance(message));
  return {
    rounds: replies.map(({ tool_calls = [] }) => tool_calls.map(({ name, args }) => [name, args] as const)),
    answer: String(messages.at(-1)?.content),
  };
}

describe("offline() with the enterprise server and a docs folder", () => {
  test.each([
    ["without resources", () => ""],
    [
      "with the resources in the system prompt",
      () => `You answer questions about the company.\n${resources}`,
    ],
  ])("answers the flagship question %s", async (_, prompt) => {
    const { rounds, answer } = await ask(FLAGSHIP, prompt());
    expect(rounds).toEqual([
      [
        ["query_database", { table: "employees", where: { department: "Engineering" }, aggregate: "count" }],
        ["search_knowledge_base", { query: "remote work policy VPN" }],
      ],
      [],
    ]);
    expect(answer).toMatch(/^128 employees where department = Engineering\./);
    expect(answer).toMatch(
      /VPN is required for all remote access.*\(Remote Work Policy, updated \d{4}-\d{2}-\d{2}\)$/,
    );
  });

  test.each<[question: string, args: Record<string, unknown>, answer: RegExp]>([
    [
      "How many people work in Sales?",
      { table: "employees", where: { department: "Sales" }, aggregate: "count" },
      /^42 /,
    ],
    [
      "How many employees are in Human Resources?",
      { table: "employees", where: { department: "Human Resources" }, aggregate: "count" },
      /^12 /,
    ],
    [
      "How many HR people do we have?",
      { table: "employees", where: { department: "Human Resources" }, aggregate: "count" },
      /^12 /,
    ],
    [
      "What is the headcount of the IT department?",
      { table: "departments", columns: ["headcount"], where: { department: "IT" } },
      /13/,
    ],
    [
      "What is the average budget of projects?",
      { table: "projects", aggregate: "avg", aggregate_column: "budget" },
      /budget of projects: \d+/,
    ],
    [
      "What is the total budget of active projects?",
      { table: "projects", where: { status: "active" }, aggregate: "sum", aggregate_column: "budget" },
      /\d{6,}/,
    ],
    [
      "What is the highest project budget?",
      { table: "projects", aggregate: "max", aggregate_column: "budget" },
      /495000/,
    ],
    [
      "Which project has the highest budget?",
      { table: "projects", order_by: "budget", descending: true, limit: 1 },
      /Checkout Latency/,
    ],
    [
      "List projects that are on hold",
      { table: "projects", where: { status: "on_hold" } },
      /Webhook Delivery/,
    ],
    [
      "Show the names and budgets of all completed projects",
      { table: "projects", columns: ["name", "budget"], where: { status: "completed" } },
      /Accessibility Audit \| 150000/,
    ],
    [
      "List projects with a budget over 480000",
      { table: "projects", where: { budget: { gte: 480000 } } },
      /495000/,
    ],
    [
      "How many employees were hired since 2026-01-01?",
      { table: "employees", where: { hire_date: { gte: "2026-01-01" } }, aggregate: "count" },
      /^97 /,
    ],
    [
      "Number of employees per location",
      { table: "employees", aggregate: "count", group_by: "location" },
      /Lisbon \| \d+/,
    ],
    [
      "How many employees work in each department?",
      { table: "employees", aggregate: "count", group_by: "department" },
      /Legal \| 7/,
    ],
    [
      "Which senior engineers work in Berlin?",
      { table: "employees", where: { department: "Engineering", level: "Senior", location: "Berlin" } },
      /Samuel Kumar/,
    ],
  ])("reads the database: %s", async (question, args, answer) => {
    const asked = await ask(question);
    expect(asked.rounds[0]).toEqual([["query_database", args]]);
    expect(asked.answer).toMatch(answer);
    // What the conversation knows of the database must not lead elsewhere.
    expect((await ask(question, resources)).rounds[0]).toEqual([["query_database", args]]);
  });

  test("knows the table of a column from the schema resource", async () => {
    const { rounds, answer } = await ask("Who is the head of Marketing?", resources);
    expect(rounds[0]).toEqual([
      ["query_database", { table: "departments", columns: ["head"], where: { department: "Marketing" } }],
    ]);
    expect(answer).toContain("| head |");
  });

  test.each<[question: string, answer: RegExp]>([
    ["How many vacation days do employees get?", /27 vacation days.*\(Vacation and PTO Policy, updated/],
    ["How much parental leave is there?", /20 weeks.*\(Parental Leave Policy/],
    ["How long must passwords be?", /14 characters.*\(Password Policy/],
    ["What does the policy say about public Wi-Fi?", /Never use public Wi-Fi.*\(Remote Work Policy/],
    ["Do we pay overtime?", /Overtime/],
  ])("searches the policies: %s", async (question, answer) => {
    const asked = await ask(question);
    expect(asked.rounds[0]?.[0]?.[0]).toBe("search_knowledge_base");
    expect(asked.answer).toMatch(answer);
  });

  test("carries a question over to another department", async () => {
    const agent = createAgent({ model: offline(), tools: servers.flatMap(({ tools }) => tools) });
    const first = await agent.invoke({ messages: FLAGSHIP });
    const { messages } = await agent.invoke({
      messages: [...first.messages, { role: "user", content: "And in Sales?" }],
    });
    expect(messages.at(-1)?.content).toMatch(/^42 employees where department = Sales\./);
  });

  test("makes a report when a report is asked for", async () => {
    const { rounds, answer } = await ask("Generate the headcount report for Engineering");
    expect(rounds[0]).toEqual([["generate_report", { report: "headcount", department: "Engineering" }]]);
    expect(answer).toContain("128 employees in Engineering");
  });

  test("reads a file beside the company's tools", async () => {
    const { rounds, answer } = await ask("Read the file README.md");
    expect(rounds[0]).toEqual([["read_text_file", { path: "README.md" }]]);
    expect(answer).toContain("The public handbook.");
  });

  test.each([
    "What is the airspeed of a swallow?",
    "Who painted the Mona Lisa?",
    "Delete the file README.md from the moon",
  ])("admits that it found nothing for: %s", async (question) => {
    expect((await ask(question)).answer).toMatch(/^I found nothing about/);
  });
});
