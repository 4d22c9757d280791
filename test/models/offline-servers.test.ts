import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { offline } from "../../src/models/offline.js";
import { type ServerUnderTest, startServer } from "./mcp-tools.js";

const { resolve } = createRequire(import.meta.url);
const MEMORY = [
  {
    type: "entity",
    name: "Ada Lovelace",
    entityType: "person",
    observations: ["Wrote the first program", "Lives in London"],
  },
  { type: "entity", name: "Apollo", entityType: "project", observations: ["Led by Ada Lovelace"] },
];
const README =
  "# Handbook\n\nWelcome to the handbook.\n\n## Installation\n\nRun npm install first. Then start the server on port 8080.\n";

let folder: string;
let servers: readonly ServerUnderTest[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offline-"));
  await mkdir(join(folder, "docs", "notes"), { recursive: true });
  await writeFile(join(folder, "docs", "README.md"), README);
  await writeFile(join(folder, "docs", "notes", "todo.md"), "- buy milk\n");
  await writeFile(join(folder, "memory.jsonl"), MEMORY.map((line) => JSON.stringify(line)).join("\n"));
  servers = await Promise.all([
    startServer([resolve("@modelcontextprotocol/server-everything/dist/index.js"), "stdio"]),
    startServer([resolve("@modelcontextprotocol/server-filesystem/dist/index.js"), join(folder, "docs")]),
    startServer([resolve("@modelcontextprotocol/server-memory/dist/index.js")], {
      MEMORY_FILE_PATH: join(folder, "memory.jsonl"),
    }),
  ]);
});
afterAll(async () => {
  await Promise.all(servers.map(({ client }) => client.close()));
  await rm(folder, { recursive: true, force: true });
});

/** Asks with the tools of all three servers bound: 36 tools, of which most must stay untouched. */
async function ask(question: string) {
  const agent = createAgent({ model: offline(), tools: servers.flatMap(({ tools }) => tools) });
  const { messages } = await agent.invoke({ messages: question });
  const calls = messages.flatMap((message) =>
    AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [],
  );
  return {
    calls: calls.map(({ name, args }) => [name, args] as const),
    answer: String(messages.at(-1)?.content),
  };
}

describe("offline() with the tools of public servers", () => {
  test.each<[question: string, tool: string, args: Record<string, unknown>, answer: RegExp]>([
    ["echo 'hello'", "echo", { message: "hello" }, /Echo: hello/],
    ["Echo back the words good morning", "echo", { message: "good morning" }, /good morning/],
    ["What is 3 plus 4?", "get-sum", { a: 3, b: 4 }, /is 7/],
    ["Add 12 and 30", "get-sum", { a: 12, b: 30 }, /42/],
    ["Show me the environment variables", "get-env", {}, /PATH/],
    ["Give me 5 resource links", "get-resource-links", { count: 5 }, /5 resource links/],
    [
      "What's the weather in New York?",
      "get-structured-content",
      { location: "New York" },
      /temperature: \d+/,
    ],
    ["Get the resource reference with id 3", "get-resource-reference", { resourceId: 3 }, /Resource 3/],
    ["Toggle the simulated logging", "toggle-simulated-logging", {}, /simulated/],
    ["Read the file README.md", "read_text_file", { path: "README.md" }, /^# Handbook[\s\S]*8080/],
    [
      "What does README.md say about installation?",
      "read_text_file",
      { path: "README.md" },
      /^Run npm install first\./,
    ],
    ["Show the first 2 lines of README.md", "read_text_file", { path: "README.md", head: 2 }, /# Handbook/],
    ["How large is README.md?", "get_file_info", { path: "README.md" }, /size: \d+/],
    [
      "Read notes/todo.md and README.md",
      "read_multiple_files",
      { paths: ["notes/todo.md", "README.md"] },
      /buy milk[\s\S]*Handbook/,
    ],
    ["List the files in the notes folder", "list_directory", { path: "notes" }, /todo\.md/],
    ["What files are in ./notes?", "list_directory", { path: "./notes" }, /todo\.md/],
    ["Find *.md files in notes", "search_files", { path: "notes", pattern: "*.md" }, /todo\.md/],
    ["Which directories am I allowed to access?", "list_allowed_directories", {}, /docs/],
    [
      "Search the knowledge graph for Apollo",
      "search_nodes",
      { query: "Apollo" },
      /Led by Ada Lovelace \(Apollo\)/,
    ],
    ["What do we know about Ada Lovelace?", "open_nodes", { names: ["Ada Lovelace"] }, /first program/],
    ["Read the graph", "read_graph", {}, /first program[\s\S]*Led by/],
  ])("%s", async (question, tool, args, answer) => {
    const asked = await ask(question);
    expect(asked.calls[0]).toEqual([tool, args]);
    expect(asked.answer).toMatch(answer);
  });

  test("searches for the name alone when all words find nothing", async () => {
    const { calls, answer } = await ask("Who leads Apollo?");
    expect(calls).toEqual([
      ["search_nodes", { query: "leads Apollo" }],
      ["search_nodes", { query: "Apollo" }],
    ]);
    expect(answer).toBe("Led by Ada Lovelace (Apollo)");
  });

  test("writes, moves and creates when ordered to", async () => {
    expect((await ask('Write "hi there" to notes/hi.txt')).calls).toEqual([
      ["write_file", { path: "notes/hi.txt", content: "hi there" }],
    ]);
    expect((await ask("Please move notes/hi.txt to notes/ho.txt")).calls).toEqual([
      ["move_file", { source: "notes/hi.txt", destination: "notes/ho.txt" }],
    ]);
    expect(await readFile(join(folder, "docs", "notes", "ho.txt"), "utf8")).toBe("hi there");
    expect((await ask("Create the directory archive")).calls).toEqual([
      ["create_directory", { path: "archive" }],
    ]);
  });

  test.each([
    "Is simulated logging on?",
    "How do I write a file?",
    "Should I move README.md to notes?",
    "Why was the entity Apollo deleted?",
    "Remove README.md",
  ])("changes nothing for: %s", async (question) => {
    const readOnly = new Set(
      (await Promise.all(servers.map(({ client }) => client.listTools()))).flatMap(({ tools }) =>
        tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name),
      ),
    );
    for (const [name] of (await ask(question)).calls) expect(readOnly).toContain(name);
  });

  test.each([
    "What is the airspeed of a swallow?",
    "Who won the world cup in 1998?",
    "Tell me a joke",
    "asdf qwer",
  ])("admits that it found nothing for: %s", async (question) => {
    expect((await ask(question)).answer).toMatch(/^I found nothing about/);
  });
});
