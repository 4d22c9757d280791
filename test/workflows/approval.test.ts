import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, MemorySaver } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { McpServer } from "@modelcontextprotocol/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { loadTools } from "../../src/adapters/tools.js";
import { isBatonError } from "../../src/core/errors.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { decide, expireApprovals, listApprovals } from "../../src/workflows/inbox.js";
import {
  type PendingApproval,
  resumeWorkflow,
  runWorkflow,
  type WorkflowOutcome,
} from "../../src/workflows/run.js";
import {
  type ApprovalRule,
  createWorkflow,
  type WorkflowOptions,
  type WorkflowStep,
} from "../../src/workflows/workflow.js";
import { FakeClock } from "../support/fake-clock.js";

/** A shop over MCP, which keeps what it was asked for. */
async function openShop() {
  const orders: unknown[] = [];
  const servers = await connect([
    inProcess("shop", () => {
      const server = new McpServer({ name: "shop", version: "1" });
      const inputSchema = z.object({ model: z.string(), count: z.number() });
      server.registerTool("order", { description: "Orders.", inputSchema }, (args) => {
        orders.push(args);
        return { content: [{ type: "text", text: '{"id":"o-1"}' }] };
      });
      server.registerTool(
        "quote",
        { description: "Says the price.", inputSchema, annotations: { readOnlyHint: true } },
        ({ count }) => ({ content: [{ type: "text", text: `It would cost ${count * 900} EUR.\u001b[31m` }] }),
      );
      return server;
    }),
  ]);
  onTestFinished(() => servers.close());
  return { orders, tools: await loadTools(servers) };
}

const ORDER: WorkflowStep = {
  name: "order",
  call: "shop.order",
  args: "{ 'model': input.model, 'count': 2 }",
};
const INPUT = { model: "X1", asker: "anna" };

async function create(rule: ApprovalRule, more: Partial<WorkflowOptions> = {}) {
  const { orders, tools } = await openShop();
  const workflow = createWorkflow({
    name: "buy",
    steps: [{ name: "ask", approve: rule }, ORDER],
    tools,
    graph: { checkpointer: new MemorySaver() },
    ...more,
  });
  const start = () => runWorkflow(workflow, { id: "1", input: INPUT });
  const answer = (question: PendingApproval | undefined, decision: object) =>
    resumeWorkflow(workflow, { id: "1", interrupt: question?.interrupt ?? "", decision });
  return { orders, workflow, start, answer };
}

describe("an approval", () => {
  test("shows what would be done, and lets exactly that through", async () => {
    const { orders, start, answer } = await create({ preview: "shop.quote" });
    const asked = await start();
    expect(asked.status).toBe("waiting");
    const [question] = asked.approvals;
    expect(question).toMatchObject({
      workflow: "buy",
      run: "1",
      step: "ask",
      risk: "high",
      people: 1,
      agreed: [],
    });
    expect(question?.reviewConfigs).toEqual([
      { actionName: "shop.order", allowedDecisions: ["approve", "edit", "reject"] },
    ]);
    const [action] = question?.actionRequests ?? [];
    expect(action).toMatchObject({ name: "shop.order", args: { model: "X1", count: 2 } });
    expect(action?.description).toMatch(/Preview, shop\.quote: It would cost 1800 EUR\.$/);
    expect(orders).toEqual([]);
    const done = await answer(question, { type: "approve", by: "ben" });
    expect(done).toMatchObject({ status: "done", output: { id: "o-1" } });
    expect(done.steps.ask).toMatchObject({
      result: { risk: "high", by: ["ben"] },
      approvals: [{ by: "ben" }],
    });
    expect(orders).toEqual([{ model: "X1", count: 2 }]);
  });

  test("that is refused undoes the run, and nothing runs", async () => {
    const { orders, start, answer } = await create({});
    const { approvals } = await start();
    const outcome = await answer(approvals[0], { type: "reject", message: "too dear", by: "ben" });
    expect(outcome).toMatchObject({ status: "undone", error: { code: "REJECTED", step: "ask" } });
    expect(outcome.error?.message).toMatch(/rejected by ben: too dear/);
    expect(orders).toEqual([]);
  });

  test("with an edit lets the edited arguments through, not those of the definition", async () => {
    const { orders, start, answer } = await create({});
    const { approvals } = await start();
    const editedAction = { name: "shop.order", args: { model: "X0", count: 1 } };
    await answer(approvals[0], { type: "edit", editedAction });
    expect(orders).toEqual([{ model: "X0", count: 1 }]);
  });

  test("of two people needs two different ones, and an edit of the second asks the first again", async () => {
    const { orders, start, answer } = await create({ people: 2 });
    let { approvals } = await start();
    ({ approvals } = await answer(approvals[0], { type: "approve" }));
    expect(approvals[0]?.actionRequests[0].description).toMatch(/does not say who decided/);
    ({ approvals } = await answer(approvals[0], { type: "approve", by: "ben" }));
    expect(approvals[0]?.agreed).toMatchObject([{ by: "ben" }]);
    ({ approvals } = await answer(approvals[0], { type: "approve", by: "ben" }));
    expect(approvals[0]?.actionRequests[0].description).toMatch(/ben has agreed already/);
    const editedAction = { name: "shop.order", args: { model: "X1", count: 9 } };
    ({ approvals } = await answer(approvals[0], { type: "edit", editedAction, by: "cleo" }));
    expect(approvals[0]).toMatchObject({
      agreed: [{ by: "cleo" }],
      actionRequests: [{ args: { count: 9 } }],
    });
    expect(orders).toEqual([]);
    const done = await answer(approvals[0], { type: "approve", by: "ben" });
    expect(done.status).toBe("done");
    expect(orders).toEqual([{ model: "X1", count: 9 }]);
  });

  test("counts only what those decide who may", async () => {
    const { start, answer } = await create({ by: ["*@boss.example", "anna"], notBy: "input.asker" });
    let { approvals } = await start();
    for (const [by, why] of [
      ["mallory", /mallory may not decide/],
      ["anna", /anna may not decide on this/],
      ["eve@boss.example.org", /may not decide/],
    ] as const) {
      const outcome: WorkflowOutcome = await answer(approvals[0], { type: "approve", by });
      expect(outcome.status).toBe("waiting");
      approvals = outcome.approvals;
      expect(approvals[0]?.actionRequests[0].description).toMatch(why);
    }
    expect((await answer(approvals[0], { type: "approve", by: "zoe@boss.example" })).status).toBe("done");
  });

  test("believes whom LangGraph's server has let in, not who the decision says it was", async () => {
    const { workflow, start } = await create({ by: ["zoe"] });
    const { approvals } = await start();
    const resume = { [approvals[0]?.interrupt ?? ""]: { decisions: [{ type: "approve", by: "zoe" }] } };
    const state = await workflow.invoke(new Command({ resume }), {
      configurable: { thread_id: "1", langgraph_auth_user_id: "mallory" },
    });
    expect(state.run?.status).toBe("running");
  });

  test("asks only from its risk on, which may depend on the input", async () => {
    const risk = "$number(input.count) > 10 ? 'high' : 'low'";
    const { tools } = await openShop();
    const workflow = createWorkflow({
      name: "buy",
      steps: [{ name: "ask", approve: { risk, from: "medium" } }, ORDER],
      tools,
      graph: { checkpointer: new MemorySaver() },
    });
    expect((await runWorkflow(workflow, { id: "1", input: { ...INPUT, count: 1 } })).status).toBe("done");
    expect((await runWorkflow(workflow, { id: "2", input: { ...INPUT, count: 11 } })).status).toBe("waiting");
  });

  test("that nobody gives in time is refused, whatever comes later", async () => {
    const clock = new FakeClock();
    const { orders, start, answer } = await create({ timeoutMs: 1000 }, { clock });
    const { approvals } = await start();
    expect(approvals[0]?.expiresAt).toBe(clock.now() + 1000);
    await clock.advance(1000);
    const outcome = await answer(approvals[0], { type: "approve" });
    expect(outcome).toMatchObject({ status: "undone", error: { code: "REJECTED" } });
    expect(outcome.error?.message).toMatch(/nobody decided in time/);
    expect(orders).toEqual([]);
  });

  test("is moot when a step beside it fails", async () => {
    const steps: WorkflowStep[] = [
      { name: "ask", needs: [], approve: { args: { a: 1 } } },
      {
        name: "bad",
        needs: [],
        run: async () => {
          for (let tick = 0; tick < 5; tick++) await new Promise((resolve) => setImmediate(resolve));
          throw new Error("it broke");
        },
      },
    ];
    const workflow = createWorkflow({ name: "w", steps, graph: { checkpointer: new MemorySaver() } });
    expect(await runWorkflow(workflow, { id: "1", input: {} })).toMatchObject({
      status: "undone",
      approvals: [],
    });
  });

  test("keeps what does not need it going, and one answer lets only its own branch on", async () => {
    const done: string[] = [];
    const run = (name: string) => () => void done.push(name);
    const workflow = createWorkflow({
      name: "w",
      steps: [
        { name: "ask1", needs: [], approve: { args: { n: 1 } } },
        { name: "one", needs: "ask1", run: run("one") },
        { name: "ask2", needs: [], approve: { args: { n: 2 } } },
        { name: "two", needs: "ask2", run: run("two") },
        { name: "free", needs: [], run: run("free") },
        { name: "freer", needs: "free", run: run("freer") },
      ],
      graph: { checkpointer: new MemorySaver() },
    });
    const first = await runWorkflow(workflow, { id: "1", input: {} });
    expect(first.approvals.map(({ step }) => step)).toEqual(["ask1", "ask2"]);
    expect(done).toEqual(["free", "freer"]);
    const second = await decide([workflow], {
      approval: first.approvals[1]?.hash ?? "",
      decision: { type: "approve" },
    });
    expect(done).toEqual(["free", "freer", "two"]);
    expect(second.approvals.map(({ step }) => step)).toEqual(["ask1"]);
    const third = await decide([workflow], {
      approval: second.approvals[0]?.hash ?? "",
      decision: { type: "approve" },
    });
    expect(third.status).toBe("done");
  });

  test("a value that does not say for which of several it is counts for none", async () => {
    const done: string[] = [];
    const workflow = createWorkflow({
      name: "w",
      steps: [1, 2].flatMap((n): WorkflowStep[] => [
        { name: `ask${n}`, needs: [], approve: { args: { n } } },
        { name: `do${n}`, needs: `ask${n}`, run: () => void done.push(`do${n}`) },
      ]),
      graph: { checkpointer: new MemorySaver() },
    });
    await runWorkflow(workflow, { id: "1", input: {} });
    const resume = { decisions: [{ type: "approve" }] };
    const config = { configurable: { thread_id: "1" } };
    await workflow.invoke(new Command({ resume }), config).catch(() => {});
    await workflow.invoke(null, config);
    expect(done).toEqual([]);
    const { approvals } = await runWorkflow(workflow, { id: "1" });
    expect(approvals).toHaveLength(2);
  });

  test("a value for one question is none for the next one of the same run", async () => {
    const done: string[] = [];
    const workflow = createWorkflow({
      name: "w",
      steps: [
        { name: "free", needs: [], value: "1" },
        { name: "ask1", needs: [], approve: { args: { n: 1 } } },
        { name: "do1", needs: "ask1", run: () => void done.push("do1") },
        { name: "ask2", needs: "do1", approve: { args: { n: 2 } } },
        { name: "do2", needs: "ask2", run: () => void done.push("do2") },
      ],
      graph: { checkpointer: new MemorySaver() },
    });
    await runWorkflow(workflow, { id: "1", input: {} });
    const config = { configurable: { thread_id: "1" } };
    await workflow.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), config);
    expect(done).toEqual(["do1"]);
    for (let again = 0; again < 3; again++) await workflow.invoke(null, config);
    expect(done).toEqual(["do1"]);
    const { approvals } = await runWorkflow(workflow, { id: "1" });
    expect(approvals.map(({ step }) => step)).toEqual(["ask2"]);
    await resumeWorkflow(workflow, {
      id: "1",
      interrupt: approvals[0]?.interrupt ?? "",
      decision: { type: "approve" },
    });
    expect(done).toEqual(["do1", "do2"]);
  });

  test("a decision for other arguments does not count", async () => {
    const { orders, start, answer } = await create({});
    const { approvals } = await start();
    const outcome = await answer(approvals[0], { type: "approve", hash: "0".repeat(64) });
    expect(outcome.status).toBe("waiting");
    expect(orders).toEqual([]);
  });

  test.each([
    ["nothing", undefined],
    ["a word", "yes"],
    ["no decision", {}],
    ["an unknown type", { type: "maybe" }],
    ["an edit of another tool", { type: "edit", editedAction: { name: "shop.quote", args: {} } }],
    ["an edit without arguments", { type: "edit", editedAction: { name: "shop.order" } }],
  ])("%s is no decision", async (_, decision) => {
    const { orders, start, answer } = await create({});
    const { approvals } = await start();
    const outcome = await answer(approvals[0], decision as object);
    expect(outcome.status).toBe("waiting");
    expect(outcome.approvals[0]?.actionRequests[0].description).toMatch(
      /A decision came that does not count/,
    );
    expect(orders).toEqual([]);
    expect((await answer(outcome.approvals[0], { type: "approve" })).status).toBe("done");
  });

  test("a preview that fails says so, and people can decide all the same", async () => {
    const { tools } = await openShop();
    const workflow = createWorkflow({
      name: "buy",
      steps: [{ name: "ask", approve: { preview: { call: "shop.quote", args: "{ 'model': 5 }" } } }, ORDER],
      tools,
      graph: { checkpointer: new MemorySaver() },
    });
    const { approvals } = await runWorkflow(workflow, { id: "1", input: INPUT });
    expect(approvals[0]?.actionRequests[0].description).toMatch(/There is no preview: .*model/s);
  });

  test.each([
    [
      "whose arguments nobody knows when they agree",
      [
        { name: "ask", needs: [], approve: {} },
        { name: "x", needs: [], value: "1" },
        { ...ORDER, needs: ["ask", "x"] },
      ],
      /also needs x, which 'ask' does not wait for/,
    ],
    [
      "of each item",
      [
        { name: "ask", approve: {} },
        { ...ORDER, each: "input.l" },
      ],
      /has each/,
    ],
    ["that is optional", [{ name: "ask", approve: {}, optional: true }, ORDER], /optional/],
  ] as [string, WorkflowStep[], RegExp][])("%s cannot be declared", async (_, steps, message) => {
    const { tools } = await openShop();
    try {
      createWorkflow({ name: "w", steps, tools });
      expect.unreachable();
    } catch (error) {
      expect(isBatonError(error, "CONFIG_INVALID")).toBe(true);
      expect((error as Error).message).toMatch(message);
    }
  });

  test("without a checkpointer cannot be asked", async () => {
    const workflow = createWorkflow({ name: "w", steps: [{ name: "ask", approve: { args: {} } }] });
    const state = await workflow.invoke({ input: {} }).catch((error: unknown) => error);
    expect(String((state as Error).message)).toMatch(/no checkpointer to wait in/);
  });
});

describe("the inbox", () => {
  test("lists what waits over all runs, also in another process, and a decision goes on from there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "inbox-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { orders, tools } = await openShop();
    // As another process would have it: everything is made anew.
    const open = () =>
      createWorkflow({
        name: "buy",
        steps: [{ name: "ask", approve: { timeoutMs: 60_000 } }, ORDER],
        tools,
        graph: { checkpointer: SqliteSaver.fromConnString(join(folder, "threads.db")) },
      });
    for (const id of ["1", "2", "3"]) await runWorkflow(open(), { id, input: { ...INPUT, model: id } });
    const waiting = await listApprovals([open()]);
    expect(waiting.map(({ run, step }) => `${run} ${step}`).sort()).toEqual(["1 ask", "2 ask", "3 ask"]);
    const second = waiting.find(({ run }) => run === "2");
    const outcome = await decide([open()], {
      approval: second?.hash.slice(0, 12) ?? "",
      decision: { type: "approve" },
    });
    expect(outcome).toMatchObject({ id: "2", status: "done" });
    expect(orders).toEqual([{ model: "2", count: 2 }]);
    expect(await listApprovals([open()])).toHaveLength(2);
    expect(await listApprovals([open()], { runs: ["1"] })).toHaveLength(1);
  });

  test("knows no question under another hash, and settles what is late", async () => {
    const clock = new FakeClock();
    const { workflow, start, orders } = await create({ timeoutMs: 1000 }, { clock });
    await start();
    const wrong = decide([workflow], { approval: "zzz", decision: { type: "approve" } });
    await expect(wrong).rejects.toThrow("no question waits under 'zzz'");
    expect(await expireApprovals([workflow], { now: clock.now() })).toEqual([]);
    await clock.advance(1000);
    expect(await expireApprovals([workflow], { now: clock.now() })).toMatchObject([
      { id: "1", status: "undone" },
    ]);
    expect(orders).toEqual([]);
  });
});
