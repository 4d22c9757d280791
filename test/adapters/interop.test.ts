import type { ToolMessage } from "@langchain/core/messages";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wrapClientTools } from "../../src/adapters/interop.js";
import type { McpTool } from "../../src/adapters/mcp-tool.js";
import type { Call, Middleware } from "../../src/core/call.js";
import { failure } from "../support/calls.js";
import { fixture, program } from "../support/stdio-fixture.js";

let client: MultiServerMCPClient;
let tools: readonly McpTool[];
const calls: Call[] = [];
const count: Middleware = (call, next) => {
  calls.push(call);
  return next(call);
};

beforeAll(async () => {
  const { command, args } = fixture("s");
  client = new MultiServerMCPClient({
    mcpServers: {
      everything: { command: process.execPath, args: [program("everything")], stderr: "ignore" },
      fixture: { command, args: [...args] },
    },
    prefixToolNameWithServerName: true,
  });
  tools = await wrapClientTools(client, { use: [count] });
});
afterAll(() => client.close());

function find(name: string): McpTool {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool;
}

const ask = (name: string, args: object = {}, config: object = {}): Promise<ToolMessage> =>
  find(name).invoke({ type: "tool_call", id: "call_1", name, args }, config);

describe("wrapClientTools()", () => {
  test("puts the middleware around every call of the client's tools", async () => {
    calls.length = 0;
    expect(await find("everything__echo").invoke({ message: "hi" })).toContain("hi");
    expect(await find("fixture__echo").invoke({ text: "ho" })).toBe("ho");
    expect(calls.map(({ server, tool }) => `${server} ${tool}`)).toEqual([
      "everything everything__echo",
      "fixture fixture__echo",
    ]);
    expect(calls[0]?.args).toEqual({ message: "hi" });
  });

  test("a tool that failed is a result with isError, not an exception", async () => {
    expect(await ask("fixture__fail")).toMatchObject({ status: "error", artifact: { isError: true } });
  });

  test("an image is an image, and structured content is found", async () => {
    const image = await ask("everything__get-tiny-image");
    expect(image.content).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: "image", mimeType: "image/png" })]),
    );
    const structured = await ask("everything__get-structured-content", { location: "New York" });
    expect(structured.artifact.structuredContent).toHaveProperty("temperature");
  });

  test("a time limit is TIMEOUT, and a caller's signal CANCELLED", async () => {
    const message = await ask("fixture__never", {}, { timeout: 60 });
    expect(message.content).toContain("TIMEOUT");
    const controller = new AbortController();
    const waiting = failure(find("fixture__never").invoke({}, { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect((await waiting).code).toBe("CANCELLED");
  });

  const withCall = async (change: Partial<Call>): Promise<McpTool> => {
    const use: Middleware[] = [(call, next) => next({ ...call, ...change })];
    const found = (await wrapClientTools(client, { use })).find(({ name }) => name === "fixture__never");
    if (!found) throw new Error("no tool fixture__never");
    return found;
  };

  test("the smaller of deadline and time limit counts", async () => {
    const far = { deadline: Date.now() + 60_000, timeoutMs: 60 };
    const near = { deadline: Date.now() + 300, timeoutMs: 60_000 };
    for (const limits of [far, near]) {
      const error = await failure((await withCall(limits)).invoke({}));
      expect(error).toMatchObject({ code: "TIMEOUT", effect: "possible" });
    }
  });

  test("a deadline that has passed is TIMEOUT, and nothing is sent", async () => {
    const error = await failure((await withCall({ deadline: Date.now() - 1 })).invoke({}));
    expect(error).toMatchObject({ code: "TIMEOUT", effect: "none" });
  });

  test("arguments that the client refuses are INVALID_ARGUMENTS, and nothing is sent", async () => {
    const use: Middleware[] = [(call, next) => next({ ...call, args: { message: { not: "a text" } } })];
    const all = await wrapClientTools(client, { use });
    const echo = all.find(({ name }) => name === "everything__echo");
    const error = await failure(echo?.invoke({ message: "hi" }) ?? Promise.resolve());
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENTS",
      effect: "none",
      retryable: false,
      data: { issues: [{ path: "" }] },
    });
  });

  test("an error that is not the client's passes by identity", async () => {
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt" });
    const [tool] = await wrapClientTools(client, { use: [() => Promise.reject(interrupt)] });
    const call = { type: "tool_call", id: "1", name: "x", args: { message: "x" } } as const;
    await expect(tool?.invoke(call)).rejects.toBe(interrupt);
  });

  test("a server that died is UPSTREAM, not an exception that nobody knows", async () => {
    const message = await ask("fixture__exit", { code: 1 });
    expect(message).toMatchObject({
      status: "error",
      artifact: { error: { code: "UPSTREAM", effect: "possible" } },
    });
    const after = await ask("fixture__echo", { text: "x" });
    expect(after.artifact.error.code).toBe("UPSTREAM");
  });
});
