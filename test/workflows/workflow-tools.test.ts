import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import type { Middleware } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import { connect } from "../../src/mcp/connect.js";
import { idempotency } from "../../src/middleware/idempotency.js";
import { runWorkflow } from "../../src/workflows/run.js";
import { createWorkflow, type WorkflowStep } from "../../src/workflows/workflow.js";
import { FakeClock } from "../support/fake-clock.js";
import { scripted } from "../support/scripted.js";

const TOOLS = ["reserve", "release", "order", "cancel"].map((name) => ({
  name,
  inputSchema: {
    type: "object",
    properties: { id: { type: "string" }, model: { type: "string" } },
    ...(name === "reserve" ? { required: ["model"] } : {}),
  },
}));

/** An MCP server that notes what it is asked, and answers as `answer` says. */
async function open(answer: (name: string, count: number) => unknown, use: readonly Middleware[] = []) {
  const calls: { readonly name: string; readonly args: unknown; readonly key: unknown }[] = [];
  const note: Middleware = (call, next) => {
    calls.push({ name: call.tool, args: call.args, key: call.idempotencyKey });
    return next(call);
  };
  const counts = new Map<string, number>();
  const config = scripted("assets", {
    tools: TOOLS,
    call(name) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return answer(name, count);
    },
  });
  const servers = await connect([config]);
  onTestFinished(() => servers.close());
  return { calls, tools: await loadTools(servers, { use: [...use, note] }) };
}

const text = (value: string, more: object = {}) => ({ content: [{ type: "text", text: value }], ...more });

describe("a step that calls a tool", () => {
  test("has a key of its own, and its result is structured content, JSON, or text", async () => {
    const answers: Record<string, unknown> = {
      reserve: text("x", { structuredContent: { id: "a-1" } }),
      order: text('{"id":"o-1"}'),
      cancel: text("cancelled"),
    };
    const { calls, tools } = await open((name) => answers[name]);
    const workflow = createWorkflow({
      name: "w",
      steps: [
        { name: "one", call: "assets.reserve", args: { model: "x" } },
        { name: "two", call: "assets.order", args: "{ 'id': steps.one.id }" },
        { name: "three", call: "assets.cancel" },
      ],
      output: "steps",
      tools,
      graph: { checkpointer: new MemorySaver() },
    });
    const { output } = await runWorkflow(workflow, { id: "1", input: {} });
    expect(output).toEqual({ one: { id: "a-1" }, two: { id: "o-1" }, three: "cancelled" });
    expect(calls.map(({ key }) => key)).toEqual(["w/1/one", "w/1/two", "w/1/three"]);
  });

  test("that ran and failed is tried under a new key; what never arrived under the same", async () => {
    const clock = new FakeClock();
    let isFirst = true;
    const lossy: Middleware = (call, next) => {
      if (call.tool !== "order" || !isFirst) return next(call);
      isFirst = false;
      throw new BatonError("NOT_CONNECTED", "it is down", { retryable: true });
    };
    const { calls, tools } = await open((name, count) => {
      return name === "order" && count === 1 ? text("try again", { isError: true }) : text("{}");
    });
    const withLoss = await open(() => text("{}"), [lossy]);
    const steps: WorkflowStep[] = [{ name: "order", call: "assets.order", retry: { times: 2, delayMs: 1 } }];
    for (const each of [tools, withLoss.tools]) {
      const graph = { checkpointer: new MemorySaver() };
      const running = runWorkflow(createWorkflow({ name: "w", steps, tools: each, clock, graph }), {
        id: "1",
        input: {},
      });
      for (let round = 0; round < 20; round++) await clock.advance(10);
      expect(await running).toMatchObject({ status: "done" });
    }
    expect(calls.map(({ key }) => key)).toEqual(["w/1/order", "w/1/order#2"]);
    expect(withLoss.calls.map(({ key }) => key)).toEqual(["w/1/order"]);
  });

  test("is undone by a tool that gets what it has parameters for, and by what is said", async () => {
    const { calls, tools } = await open((name) => {
      if (name === "reserve") return text("", { structuredContent: { id: "a-1", secret: true } });
      return name === "order" ? text("no more", { isError: true }) : text("{}");
    });
    const workflow = createWorkflow({
      name: "w",
      steps: [
        { name: "one", call: "assets.reserve", args: { model: "x" }, compensate: "assets.release" },
        {
          name: "two",
          call: "assets.reserve",
          args: { model: "y" },
          compensate: {
            call: "assets.cancel",
            args: "{ 'id': result.id & '-' & args.model & '-' & steps.one.id }",
          },
        },
        { name: "three", call: "assets.order", compensate: "assets.cancel" },
      ],
      tools,
      graph: { checkpointer: new MemorySaver() },
    });
    const outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(outcome).toMatchObject({ status: "undone", error: { code: "UPSTREAM", step: "three" } });
    // Not the third: it ran, and said that it did not do it.
    expect(calls.slice(3)).toEqual([
      { name: "cancel", args: { id: "a-1-y-a-1" }, key: "w/1/two/undo" },
      { name: "release", args: { id: "a-1", model: "x" }, key: "w/1/one/undo" },
    ]);
  });

  test("with the idempotency middleware is sent once, also when its run is run again", async () => {
    const { calls, tools } = await open(() => text("{}"), [idempotency()]);
    const steps: WorkflowStep[] = [{ name: "order", call: "assets.order" }];
    // Two checkpointers: as if the step's end had not been kept.
    for (let time = 0; time < 2; time++) {
      const graph = { checkpointer: new MemorySaver() };
      await runWorkflow(createWorkflow({ name: "w", steps, tools, graph }), { id: "1", input: {} });
    }
    expect(calls).toHaveLength(1);
  });

  test("whose outcome nobody knows has it undone, as it may have been done", async () => {
    const unknown: Middleware = (call, next) => {
      if (call.tool !== "order") return next(call);
      throw new BatonError("OUTCOME_UNKNOWN", "an earlier run never ended", { effect: "possible" });
    };
    const { calls, tools } = await open(() => text("{}"), [unknown]);
    const workflow = createWorkflow({
      name: "w",
      steps: [
        { name: "order", call: "assets.order", args: { id: "7" }, retry: 3, compensate: "assets.cancel" },
      ],
      tools,
      graph: { checkpointer: new MemorySaver() },
    });
    const outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(outcome).toMatchObject({ status: "undone", error: { code: "OUTCOME_UNKNOWN" } });
    expect(calls).toEqual([{ name: "cancel", args: { id: "7" }, key: "w/1/order/undo" }]);
  });

  test("with arguments that are no object, or do not fit, fails and is not sent", async () => {
    const { calls, tools } = await open(() => text("{}"));
    for (const [args, message] of [
      ["'text'", /must give an object of arguments/],
      ["{ 'model': 5 }", /model/],
    ] as const) {
      const workflow = createWorkflow({
        name: "w",
        steps: [{ name: "one", call: "assets.reserve", args, retry: 5 }],
        tools,
        graph: { checkpointer: new MemorySaver() },
      });
      const outcome = await runWorkflow(workflow, { id: "1", input: {} });
      expect(outcome).toMatchObject({ status: "undone", error: { code: "INVALID_ARGUMENTS" } });
      expect(outcome.error?.message).toMatch(message);
    }
    expect(calls).toEqual([]);
  });
});
