import { AIMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { MemorySaver } from "@langchain/langgraph";
import { tool } from "langchain";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { loadTools } from "../../src/adapters/tools.js";
import { parseConfig } from "../../src/mcp/config.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { standard } from "../../src/middleware/standard.js";
import { createCodeServer } from "../../src/servers/code/server.js";
import { readRequest } from "../../src/workflows/code-review/request.js";
import {
  type CodeReviewOptions,
  codeReviewServers,
  createCodeReview,
} from "../../src/workflows/code-review.js";
import { BASE62, Chance } from "../middleware/minimise/random.js";
import { folderOf } from "../servers/code/temporary-folder.js";
import { root as project } from "../support/child.js";

const key = `ghp_${new Chance(7).text(BASE62, 36)}`;
const FILES = {
  "package.json": JSON.stringify({ name: "p", dependencies: { any: "*" } }),
  "README.md": "# P\n\n[gone](gone.md)\n",
  "src/client.ts": `import "any";\nimport "other";\nexport const token = "${key}";\n`,
  "src/long.ts": `export function long(a: number) {\n${"  if (a) a++;\n".repeat(35)}}\n`,
};

/** The tools over a folder, with the real filesystem server unless told otherwise. */
async function toolsOf(root: string, { files = true } = {}) {
  const { mcpServers } = codeReviewServers(root);
  const servers = await connect([
    inProcess("code", () => createCodeServer(root)),
    ...(files ? parseConfig({ mcpServers: { files: mcpServers.files } }).servers : []),
  ]);
  onTestFinished(() => servers.close());
  return loadTools(servers, { use: standard() });
}

test("a review finds, weighs, quotes and reports, and shows no secret", async () => {
  const review = createCodeReview({ tools: await toolsOf(folderOf(FILES)) });
  const { findings, actions, messages } = await review.invoke({ messages: "Review." });
  expect(findings.map(({ severity, file, line }) => `${severity} ${file}:${line}`)).toEqual([
    "critical src/client.ts:3",
    "high src/client.ts:2",
    "medium package.json:1",
    "medium package.json:1",
    "medium src/long.ts:1",
    "medium README.md:3",
    "low README.md:1",
  ]);
  expect(actions).toHaveLength(findings.length);
  expect(findings[4]?.evidence).toContain("1 | export function long(a: number) {");
  const report = messages.at(-1)?.text ?? "";
  expect(AIMessage.isInstance(messages.at(-1))).toBe(true);
  for (const part of [
    "### Critical",
    "`src/client.ts:3`",
    "## Recommendations",
    "- [ ] Revoke",
    "## Not looked at",
  ])
    expect(report).toContain(part);
  // The line above it is quoted as well, and the quote runs into the secret's.
  expect(findings[1]?.evidence).toContain('import "other";');
  expect(JSON.stringify({ findings, report })).not.toContain(key.slice(-20));
});

test("a review does what the message asks for, and streams its steps", async () => {
  const review = createCodeReview({ tools: await toolsOf(folderOf(FILES)) });
  const events: string[] = [];
  const input = { messages: "Review src/long.ts for complexity" };
  for await (const { step, status } of await review.stream(input, { streamMode: "custom" }))
    events.push(`${step} ${status}`);
  expect(events).toEqual([
    ...["plan started", "secrets skipped", "dependencies skipped", "documentation skipped", "plan done"],
    ...["complexity started", "complexity done", "read started", "read done"],
    ...["weigh started", "weigh done", "report started", "report done"],
  ]);
});

test("path and focus stand above the message, and a thread's next review begins anew", async () => {
  const tools = await toolsOf(folderOf(FILES));
  const review = createCodeReview({ tools, graph: { checkpointer: new MemorySaver() } });
  const thread = { configurable: { thread_id: "1" } };
  const first = await review.invoke({ path: "src", focus: ["secrets"], messages: "all of it" }, thread);
  expect(first.findings.map(({ kind }) => kind)).toEqual(["secret"]);
  const second = await review.invoke({ messages: "src/long.ts" }, thread);
  expect(second.request).toEqual({
    path: "src/long.ts",
    analyses: ["secrets", "dependencies", "complexity", "documentation"],
  });
  expect(second.findings.map(({ kind }) => kind)).not.toContain("secret");
});

test("the files of a review are those of its path, and of dependencies alone the manifests", async () => {
  const tools = await toolsOf(folderOf({ ...FILES, "other/image.png": "\u0000" }), { files: false });
  const reportOf = async (messages: string) =>
    (await createCodeReview({ tools }).invoke({ messages })).messages.at(-1)?.text ?? "";
  const all = await reportOf("Review src.");
  expect(all).toContain("on secrets, dependencies, complexity, documentation: `src`, 2 files.");
  expect(all).toMatch(/^- secrets: \d+ in 2 files$/m);
  expect(all).not.toContain("binary");
  expect(await reportOf("Review src for dependencies")).toContain("on dependencies: `src`, 1 package.json.");
});

test("a tool that fails costs a line of the report, and so does a missing filesystem server", async () => {
  const tools = (await toolsOf(folderOf(FILES), { files: false })).filter(
    ({ name }) => name !== "dependencies",
  );
  const broken = tool(
    () => {
      throw new Error("no paper");
    },
    { name: "secrets", description: "Fails.", schema: z.object({ path: z.string(), limit: z.number() }) },
  );
  const review = createCodeReview({ tools: [broken, ...tools.filter(({ name }) => name !== "secrets")] });
  const { findings, messages } = await review.invoke({ messages: "." });
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(["complexity", "documentation"]));
  const report = messages.at(-1)?.text ?? "";
  expect(report).toMatch(/- secrets: .*no paper/);
  expect(report).toContain("- dependencies: there is no tool 'dependencies'");
  expect(report).toContain("there is no tool 'read_text_file'");
});

test("a path that does not exist is said, not reviewed", async () => {
  const review = createCodeReview({ tools: await toolsOf(folderOf(FILES), { files: false }) });
  const { findings, messages } = await review.invoke({ messages: "nothing/here" });
  expect(findings).toEqual([]);
  expect(messages.at(-1)?.text).toContain("Nothing could be analysed");
  expect(messages.at(-1)?.text).toContain("'nothing/here' does not exist");
});

test("a model writes the summary and nothing else, and one that fails costs a line", async () => {
  const tools = await toolsOf(folderOf(FILES), { files: false });
  const model = new FakeListChatModel({ responses: ["All is lost."] });
  const written = await createCodeReview({ tools, model }).invoke({ messages: "." });
  const plain = await createCodeReview({ tools }).invoke({ messages: "." });
  expect(written.findings).toEqual(plain.findings);
  expect(written.messages.at(-1)?.text).toContain("\n\nAll is lost.\n\n");
  const failing = new FakeListChatModel({ responses: [] });
  failing.invoke = () => Promise.reject(new Error("out of order"));
  const { messages } = await createCodeReview({ tools, model: failing }).invoke({ messages: "." });
  expect(messages.at(-1)?.text).toContain("- a summary by the model: out of order");
  expect(messages.at(-1)?.text).toContain("7 findings (1 critical, 1 high");
});

test("the caller's abort ends a review", async () => {
  const review = createCodeReview({ tools: await toolsOf(folderOf(FILES), { files: false }) });
  const signal = AbortSignal.abort();
  await expect(review.invoke({ messages: "." }, { signal })).rejects.toThrow();
});

test("this repository is reviewed in less than half a minute, and the report is no longer than one reads", async () => {
  const review = createCodeReview({ tools: await toolsOf(project) });
  const start = performance.now();
  const { findings, notes, messages } = await review.invoke({ messages: "." });
  expect(performance.now() - start).toBeLessThan(30_000);
  expect(notes).toEqual([]);
  expect(findings.length).toBeLessThanOrEqual(15);
  expect(findings.filter(({ kind }) => kind === "secret")).toEqual([]);
  expect(messages.at(-1)?.text.split("\n").length).toBeLessThan(250);
}, 60_000);

test.each<[string, string, readonly string[]]>([
  [".", ".", ["secrets", "dependencies", "complexity", "documentation"]],
  ["src/mcp", "src/mcp", ["secrets", "dependencies", "complexity", "documentation"]],
  ["Review src/mcp for secrets and complexity", "src/mcp", ["secrets", "complexity"]],
  ["Are there any API keys in `lib`?", "lib", ["secrets"]],
  ["Please review everything except the documentation.", ".", ["secrets", "dependencies", "complexity"]],
  ["Check docs/keys.md without secrets", "docs/keys.md", ["dependencies", "complexity", "documentation"]],
  ["Review this repository.", ".", ["secrets", "dependencies", "complexity", "documentation"]],
  ["What is too complex in src/index.ts?", "src/index.ts", ["complexity"]],
  ["Is the code not leaking keys?", ".", ["secrets"]],
  ["Don't look at secrets.", ".", ["dependencies", "complexity", "documentation"]],
  ["Check dependencies and/or licences", ".", ["dependencies"]],
  ["", ".", ["secrets", "dependencies", "complexity", "documentation"]],
])("readRequest() understands %j", (text, path, analyses) => {
  expect(readRequest(text)).toEqual({ path, analyses });
});

test("a bare word is a path when it exists, and of several paths the report says which were left", async () => {
  const review = createCodeReview({ tools: await toolsOf(folderOf(FILES), { files: false }) });
  const one = await review.invoke({ messages: "Review src for secrets and complexity." });
  expect(one.request).toEqual({ path: "src", analyses: ["secrets", "complexity"] });
  const none = await review.invoke({ messages: "Review nothing for secrets." });
  expect(none.request?.path).toBe(".");
  const two = await review.invoke({ messages: "Review src/long.ts and src/client.ts" });
  expect(two.request?.path).toBe("src/long.ts");
  expect(two.messages.at(-1)?.text).toContain("- src/client.ts: one review has one path");
});

test("two findings on one line share a quote, and no line with a secret is quoted", async () => {
  const files = { ...FILES, "src/two.ts": `import "aaa"; import "bbb";\nexport const token = "${key}";\n` };
  const review = createCodeReview({ tools: await toolsOf(folderOf(files)) });
  const { notes, findings } = await review.invoke({ messages: "." });
  expect(notes).toEqual([]);
  expect(findings.find(({ title }) => title.includes("bbb"))?.evidence).toContain(
    "2 | [a line with a secret]",
  );
});

test.each<[string, Partial<Record<keyof CodeReviewOptions, unknown>>, string]>([
  ["no tools", {}, "tools must be a list of LangChain tools"],
  ["none of the four", { tools: [] }, "tools has none of secrets, dependencies, complexity, documentation"],
  ["an unknown option", { tools: [], models: "offline" } as object, "models is not known"],
])("createCodeReview() refuses %s", (_, options, problem) => {
  expect(() => createCodeReview(options as never)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(problem) }),
  );
});
