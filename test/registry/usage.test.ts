import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { type BaseStore, InMemoryStore } from "@langchain/langgraph-checkpoint";
import { createAgent, createMiddleware, fakeModel } from "langchain";
import { expect, test } from "vitest";
import { createCall, type Handler } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";
import { permit } from "../../src/middleware/permit.js";
import { createRegistry } from "../../src/registry/registry.js";
import { toolbox } from "../../src/registry/toolbox.js";
import { createLedger } from "../../src/registry/usage/ledger.js";
import { createUsage, type Usage } from "../../src/registry/usage.js";
import { brokenStore, warnings } from "../support/broken-store.js";
import { FakeClock } from "../support/fake-clock.js";
import { invent, officeTools } from "./tools.js";

const ok: Handler = async () => ({ content: [] });
const fails: Handler = async () => ({ content: [], isError: true });

async function calls(usage: Usage, tool: string, handler = ok, threadId?: string): Promise<void> {
  const call = createCall({ server: "s", tool, args: {}, ...(threadId !== undefined && { threadId }) });
  await compose([usage.middleware()], handler)(call);
}

/** One turn of an agent that has a tool of server `s` pinned and calls it. */
async function serves(usage: Usage, task: string, name: string, works = true): Promise<void> {
  const run = () => {
    if (!works) throw new Error("broken");
    return "fine";
  };
  const registry = createRegistry([invent(name, "A tool.", { server: "s", run })]);
  const model = fakeModel()
    .respond(new AIMessage({ content: "", tool_calls: [{ name, args: {}, id: "1" }] }))
    .respond(new AIMessage("Done."));
  const middleware = [toolbox(registry, { pinned: [name], preselect: 0 }), usage.watch(), answering()];
  await createAgent({ model, tools: [], middleware }).invoke({ messages: task } as never);
}

/** As McpTool does itself: what it threw is an answer for the model. */
const answering = () =>
  createMiddleware({
    name: "Answering",
    async wrapToolCall(request, handler) {
      try {
        return await handler(request);
      } catch (error) {
        const { id = "", name } = request.toolCall;
        return new ToolMessage({ content: String(error), tool_call_id: id, name, status: "error" });
      }
    },
  });

test("calls are counted, with how long they took and what followed on the same thread", async () => {
  const clock = new FakeClock();
  const usage = createUsage({ store: new InMemoryStore(), clock });
  const slow: Handler = async () => {
    await clock.advance(100);
    return { content: [] };
  };
  for (let round = 0; round < 3; round++) {
    await calls(usage, "find", slow, "1");
    await calls(usage, "read", ok, "1");
    await calls(usage, "other", fails, "2");
  }
  const statistics = await usage.statistics();
  const find = statistics.get("s.find");
  expect(find).toMatchObject({ calls: 3, successRate: 1, meanMs: 100, next: { "s.read": 3 } });
  expect(find?.p50Ms).toBeGreaterThan(80);
  expect(find?.p95Ms).toBeLessThan(120);
  expect(statistics.get("s.other")).toMatchObject({ calls: 3, successRate: 0, next: {} });
});

test("what rules and people refuse, and interrupts, are no failures of the tool and pass as they are", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  const interruption = Object.assign(new Error("ask"), { is_bubble_up: true });
  for (const error of [new BatonError("DENIED", "no"), new BatonError("REJECTED", "no"), interruption])
    await expect(calls(usage, "x", () => Promise.reject(error))).rejects.toBe(error);
  expect((await usage.statistics()).size).toBe(0);
  const timeout = new BatonError("TIMEOUT", "late");
  await expect(calls(usage, "x", () => Promise.reject(timeout))).rejects.toBe(timeout);
  expect((await usage.statistics()).get("s.x")).toMatchObject({ calls: 1, successRate: 0 });
});

test("tools that served a similar task come first, those that failed it have a score below 0", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  await serves(usage, "Order paper boats for the harbour party", "good");
  await serves(usage, "Order paper boats for the summer party", "bad", false);
  const suggested = await usage.suggest("Please order boats for the winter party");
  expect(suggested.map(({ tool }) => tool)).toEqual(["s.good", "s.bad"]);
  expect(suggested[0]?.score).toBeGreaterThan(0);
  expect(suggested[1]?.score).toBeLessThan(0);
  expect(await usage.suggest("Repair the violin")).toEqual([]);
});

test("what followed a tool before is suggested after it", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  await calls(usage, "find", ok, "1");
  await calls(usage, "read", ok, "1");
  expect(await usage.suggest("anything", { after: "s.find" })).toMatchObject([{ tool: "s.read" }]);
  expect(await usage.suggest("anything")).toEqual([]);
});

const twins = () => [
  invent("alpha", "Folds a paper boat.", { server: "s" }),
  invent("beta", "Folds a paper boat.", { server: "s" }),
];
const order = async (usage: Usage, after?: string) =>
  (await createRegistry(twins(), { usage }).search("fold a boat", after === undefined ? {} : { after })).map(
    ({ tool }) => tool.name,
  );

test("experience changes the order of a search: what worked up, what fails down", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  expect(await order(usage)).toEqual(["alpha", "beta"]);
  await serves(usage, "Fold me a boat of paper", "beta");
  expect(await order(usage)).toEqual(["beta", "alpha"]);

  const failing = createUsage({ store: new InMemoryStore() });
  for (let round = 0; round < 5; round++) await calls(failing, "alpha", fails);
  expect(await order(failing)).toEqual(["beta", "alpha"]);

  const following = createUsage({ store: new InMemoryStore() });
  await calls(following, "cut", ok, "1");
  await calls(following, "beta", ok, "1");
  expect(await order(following, "s.cut")).toEqual(["beta", "alpha"]);
});

test("experience finds a tool that no word finds, and never one that is not in the registry", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  await serves(usage, "Somebody is waiting outside", "ring");
  await serves(usage, "Somebody is waiting outside", "forbidden");
  const registry = createRegistry([invent("ring", "A bell.", { server: "s" }), ...officeTools()], { usage });
  const found = await registry.search("somebody waiting outside");
  expect(found.map(({ tool }) => tool.name)).toEqual(["ring"]);
});

test("experience changes no permission", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  for (let round = 0; round < 5; round++) await calls(usage, "alpha");
  let ran = 0;
  const handler = compose([usage.middleware(), permit({ rules: [{ deny: "s.alpha" }] })], async () => {
    ran++;
    return { content: [] };
  });
  const denied = handler(createCall({ server: "s", tool: "alpha", args: {} }));
  await expect(denied).rejects.toMatchObject({ code: "DENIED" });
  expect(ran).toBe(0);
});

test.each([
  ["InMemoryStore", () => new InMemoryStore()],
  ["sqliteStore", () => sqliteStore(":memory:")],
])("another process with the same %s knows it", async (_, make) => {
  const store = make() as BaseStore;
  const usage = createUsage({ store });
  await calls(usage, "find", ok, "1");
  await calls(usage, "read", ok, "1");
  await serves(usage, "Fold me a boat of paper", "beta");
  await usage.flush();
  const next = createUsage({ store });
  expect((await next.statistics()).get("s.find")?.next).toEqual({ "s.read": 1 });
  expect(await next.suggest("fold a boat")).toMatchObject([{ tool: "s.beta" }]);
  await calls(next, "find", ok, "1");
  expect((await next.statistics()).get("s.find")?.calls).toBe(2);
});

test("processes that share a store add to each other's counts", async () => {
  const store = new InMemoryStore();
  const [first, second] = [createUsage({ store }), createUsage({ store })];
  await Promise.all([first.statistics(), second.statistics()]);
  for (let round = 0; round < 100; round++) await calls(first, "find");
  await first.flush();
  await calls(second, "find", fails);
  await second.flush();
  await calls(first, "find");
  await first.flush();
  expect((await createUsage({ store }).statistics()).get("s.find")).toMatchObject({
    calls: 102,
    successRate: 101 / 102,
  });
  // What another wrote is known from the next write on.
  expect((await first.statistics()).get("s.find")?.calls).toBe(102);
});

test("what several processes keep in one store stays bounded, and the newest is what stays", async () => {
  const store = new InMemoryStore();
  const ledgers = [1, 2, 3].map(() => createLedger(store, ["tool-usage"]));
  for (const ledger of ledgers) await ledger.read();
  for (const [process, ledger] of ledgers.entries()) {
    for (let at = 0; at < 500; at++)
      ledger.changeTask(`p${process}-${at}`, ["word"], (record) => {
        record.at = process * 1000 + at;
      });
    await ledger.flush();
  }
  expect(await store.search(["tool-usage", "tasks"], { limit: 5000 })).toHaveLength(500);
  const { tasks } = await createLedger(store, ["tool-usage"]).read();
  expect(new Set([...tasks.keys()].map((key) => key.slice(0, 2)))).toEqual(new Set(["p2"]));
});

test("suggest() refuses what search() refuses, with the same code", async () => {
  const usage = createUsage({ store: new InMemoryStore() });
  for (const options of [{ limit: 0 }, { most: 3 }])
    await expect(usage.suggest("fold", options as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
    });
});

test("a store that is down costs one warning; calls go on, and what was noted is written later", async () => {
  const heard = warnings();
  const { store, fail } = brokenStore();
  fail(true);
  const usage = createUsage({ store });
  for (let round = 0; round < 3; round++) {
    await calls(usage, "find");
    await usage.flush();
  }
  expect(await usage.suggest("anything")).toEqual([]);
  expect((await heard()).filter((warning) => warning.includes("disk full"))).toHaveLength(1);
  fail(false);
  await usage.flush();
  expect((await createUsage({ store }).statistics()).get("s.find")?.calls).toBe(3);
});

test("a store that never answers does not hold up a call", async () => {
  const store = new InMemoryStore();
  store.search = () => new Promise(() => {});
  const usage = createUsage({ store });
  await calls(usage, "find");
});

test("what is kept stays bounded", async () => {
  const store = new InMemoryStore();
  const usage = createUsage({ store });
  await usage.statistics();
  for (let at = 0; at < 2100; at++) await calls(usage, `tool${at}`, ok, "1");
  await usage.flush();
  const statistics = await usage.statistics();
  expect(statistics.size).toBe(2000);
  expect(statistics.has("s.tool0")).toBe(false);
  expect(await store.search(["tool-usage", "tools"], { limit: 5000 })).toHaveLength(2000);
});

test.each([
  ["no store", {}, "store"],
  ["a namespace with a dot", { store: new InMemoryStore(), namespace: ["a.b"] }, "namespace"],
  ["an unknown option", { store: new InMemoryStore(), name: "x" }, "name"],
])("createUsage() refuses %s", (_, options, path) => {
  expect(() => createUsage(options as never)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: { faults: [expect.objectContaining({ path })] },
    }),
  );
});
