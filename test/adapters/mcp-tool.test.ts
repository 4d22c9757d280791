import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { RunnableLambda } from "@langchain/core/runnables";
// Sets up the storage through which LangChain finds the parent of a run.
import "@langchain/langgraph";
import { expect, onTestFinished, test } from "vitest";
import { McpTool } from "../../src/adapters/mcp-tool.js";
import type { Call, Handler } from "../../src/core/call.js";
import type { ToolDefinition } from "../../src/mcp/server.js";
import { failure } from "../support/calls.js";

const definition: ToolDefinition = {
  name: "t",
  inputSchema: { type: "object" },
  outputSchema: { type: "object" },
  icons: [{ src: "https://x.test/i.png" }],
  _meta: { "x.test/a": 1 },
};
const done: Handler = async () => ({ content: [{ type: "text", text: "done" }] });
const toolWith = (handler: Handler) => new McpTool({ name: "t", server: "s", definition, handler });
const toolCall = { type: "tool_call", id: "1", name: "t", args: {} } as const;

/** A listener whose exceptions reach the caller, as a tracer that must not miss anything has. */
class Strict extends BaseCallbackHandler {
  override name = "strict";
  override raiseError = true;
  override awaitHandlers = true;
}

test("what a middleware runs is traced as a child of the tool's run", async () => {
  const parents = new Map<string, string | undefined>();
  const toolRuns: string[] = [];
  const callbacks = [
    {
      handleToolStart: (_: unknown, __: string, runId: string) => void toolRuns.push(runId),
      handleChainStart: (_: unknown, __: unknown, runId: string, parentRunId?: string) =>
        void parents.set(runId, parentRunId),
    },
  ];
  const inner = RunnableLambda.from((text: string) => text);
  const loaded = toolWith(async (call) => {
    await inner.invoke("x");
    return done(call);
  });
  expect(await loaded.invoke({}, { callbacks })).toBe("done");
  expect(toolRuns).toHaveLength(1);
  expect([...parents.values()]).toEqual(toolRuns);
});

test("a listener that throws on progress leaves no rejection unhandled", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  onTestFinished(() => void process.off("unhandledRejection", listen));
  class Listener extends Strict {
    override handleToolEvent(): void {
      throw new Error("no progress, please");
    }
  }
  const loaded = toolWith(async (call) => {
    call.onProgress?.({ progress: 1 });
    return done(call);
  });
  expect(await loaded.invoke({}, { callbacks: [new Listener()] })).toBe("done");
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});

test.each([
  ["that succeeded", done],
  ["that failed", async () => ({ content: [], isError: true })],
] as const)(
  "a listener that throws at the end of a call %s hears of no error as well",
  async (_, handler) => {
    const heard: string[] = [];
    class Listener extends Strict {
      override handleToolEnd(): void {
        heard.push("end");
        throw new Error("cannot store this");
      }
      override handleToolError(): void {
        heard.push("error");
      }
    }
    const work = toolWith(handler).invoke(toolCall, { callbacks: [new Listener()] });
    await expect(work).rejects.toThrow("cannot store this");
    expect(heard).toEqual(["end"]);
  },
);

test("a default time limit is the call's limit, not a signal", async () => {
  const calls: Call[] = [];
  const loaded = toolWith((call) => {
    calls.push(call);
    return done(call);
  });
  loaded.defaultConfig = { timeout: 5000 };
  await loaded.invoke({});
  await loaded.invoke({}, { timeout: 100 });
  expect(calls.map(({ timeoutMs, signal }) => [timeoutMs, signal])).toEqual([
    [5000, undefined],
    [100, undefined],
  ]);
});

test("a trace carries server and tool, not the schema and the icons", async () => {
  const heard: unknown[] = [];
  const callbacks = [{ handleToolStart: (...args: unknown[]) => void heard.push(args[5]) }];
  const loaded = toolWith(done);
  await loaded.invoke({}, { callbacks });
  expect(heard).toEqual([{ server: "s", tool: "t" }]);
  expect(loaded.metadata).toHaveProperty("icons");
});

test("_call() throws for a tool that failed, as invoke() does", async () => {
  class Open extends McpTool {
    open(): Promise<unknown> {
      return this._call({});
    }
  }
  const handler: Handler = async () => ({ content: [{ type: "text", text: "no such row" }], isError: true });
  const error = await failure(new Open({ name: "t", server: "s", definition, handler }).open());
  expect(error).toMatchObject({ code: "UPSTREAM", message: expect.stringContaining("no such row") });
});
