import { join } from "node:path";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  isAIMessage,
  isToolMessage,
} from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type BaseCheckpointSaver,
  type BaseStore,
  Command,
  InMemoryStore,
  MemorySaver,
  MessagesAnnotation,
  ReducedValue,
  Send,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import type { HITLResponse } from "langchain";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { withLive } from "../../src/agents/live.js";
import { createReact } from "../../src/agents/react.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";
import { approve } from "../../src/middleware/approve.js";
import {
  approved,
  callOf,
  edited,
  files,
  idsOf,
  pendingIn,
  turnedDown,
} from "../middleware/approve-bench.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

type Call = ReturnType<typeof callOf>;

/** Makes its calls in one turn and then says what came of them: it goes by the messages alone, so any process can go on. */
class Planner extends BaseChatModel {
  constructor(readonly calls: readonly Call[]) {
    super({});
  }

  override _llmType(): string {
    return "planner";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    expectValid(messages);
    const message = messages.some((one) => isToolMessage(one))
      ? new AIMessage("Done.")
      : new AIMessage({ content: "", tool_calls: [...this.calls] });
    return { generations: [{ text: message.text, message }] };
  }
}

/** What OpenAI insists on: the messages after a turn with calls answer each of them once, before anything else comes. */
function expectValid(messages: readonly BaseMessage[]): void {
  for (const [position, message] of messages.entries()) {
    const asked = isAIMessage(message) ? (message.tool_calls ?? []).map(({ id }) => id) : [];
    const next = messages.slice(position + 1);
    const end = next.findIndex((one) => !isToolMessage(one));
    const answers = isToolMessage(message) ? [] : next.slice(0, end === -1 ? next.length : end);
    if (!isToolMessage(message))
      expect(answers.map((one) => isToolMessage(one) && one.tool_call_id).sort()).toEqual([...asked].sort());
  }
}

const statuses = (messages: readonly BaseMessage[]): Record<string, string | undefined> =>
  Object.fromEntries(
    messages.filter((one) => isToolMessage(one)).map((one) => [one.tool_call_id, one.status]),
  );

/** Two free calls, and of those that need approval two that get it, one that is edited and one that is rejected. */
const callsOf = (agent: string): Call[] => [
  callOf(`${agent}1`, "remove", `${agent} yes`),
  callOf(`${agent}2`, "read", `${agent} free`),
  callOf(`${agent}3`, "remove", `${agent} edit`),
  callOf(`${agent}4`, "remove", `${agent} no`),
  callOf(`${agent}5`, "read", `${agent} free too`),
  callOf(`${agent}6`, "remove", `${agent} later`),
];
const free = (agent: string) => [`read ${agent} free`, `read ${agent} free too`];
const removed = (agent: string) => [`remove ${agent} edited`, `remove ${agent} later`, `remove ${agent} yes`];
const outcome = (agent: string) => ({
  [`${agent}1`]: "success",
  [`${agent}2`]: "success",
  [`${agent}3`]: "success",
  [`${agent}4`]: "error",
  [`${agent}5`]: "success",
  [`${agent}6`]: "success",
});
const thread = { configurable: { thread_id: "t" } };
const answer = (resume: Readonly<Record<string, HITLResponse>>) => new Command({ resume }) as never;

/** A server and what it ran; `agent` is built anew for what a new process would have. */
function world() {
  const { ran, load } = files();
  const agent = async (name: string, graph: { checkpointer?: BaseCheckpointSaver; store?: BaseStore } = {}) =>
    createReact({
      model: new Planner(callsOf(name)),
      // A new middleware: what the old one kept in its process is gone.
      tools: await load(approve()),
      graph: { ...graph, name },
    });
  return { ran, agent };
}

describe("one turn with free calls and calls to approve", () => {
  test("decided in two batches: each call has its own outcome, in a valid history, and runs once", async () => {
    const { ran, agent } = world();
    const graph = await agent("a", { checkpointer: new MemorySaver() });
    const first = await graph.invoke({ messages: "Go!" }, thread);
    expect([...ran].sort()).toEqual(free("a"));
    const ids = idsOf(first);
    expect(Object.keys(ids).sort()).toEqual(["a edit", "a later", "a no", "a yes"]);

    const batch = {
      [ids["a no"] ?? ""]: turnedDown,
      [ids["a edit"] ?? ""]: edited({ path: "a edited" }),
      [ids["a yes"] ?? ""]: approved,
    };
    const second = await graph.invoke(answer(batch), thread);
    expect(idsOf(second)).toEqual({ "a later": ids["a later"] });
    expect([...ran].sort()).toEqual([...free("a"), "remove a edited", "remove a yes"]);

    const last = await graph.invoke(answer({ [ids["a later"] ?? ""]: approved }), thread);
    expect(pendingIn(last)).toEqual([]);
    expect([...ran].sort()).toEqual([...free("a"), ...removed("a")]);
    expect(statuses(last.messages)).toEqual(outcome("a"));
    expectValid(last.messages);
    expect(last.messages.at(-1)?.text).toBe("Done.");
    expect((await graph.getState(thread)).next).toEqual([]);
  });

  test("the same batch sent twice runs nothing twice", async () => {
    const { ran, agent } = world();
    const graph = await agent("a", { checkpointer: new MemorySaver() });
    const ids = idsOf(await graph.invoke({ messages: "Go!" }, thread));
    const batch = answer({ [ids["a yes"] ?? ""]: approved });
    await graph.invoke(batch, thread);
    const again = await graph.invoke(batch, thread);
    expect(ran.filter((one) => one === "remove a yes")).toHaveLength(1);
    expect(Object.keys(idsOf(again)).sort()).toEqual(["a edit", "a later", "a no"]);
  });
});

const messagesOf = z.record(z.string(), z.custom<readonly BaseMessage[]>());
const Outer = new StateSchema({
  names: z.array(z.string()).default([]),
  answers: new ReducedValue(messagesOf.default({}), { reducer: (old, more) => ({ ...old, ...more }) }),
});
type Agent = Awaited<ReturnType<ReturnType<typeof world>["agent"]>>;
type Memory = { checkpointer: BaseCheckpointSaver; store?: BaseStore };

const node = (name: string, agent: Agent) => async (_: unknown, config: RunnableConfig) => {
  const { messages } = await agent.invoke(
    { messages: [new HumanMessage("Go!")] },
    withLive(config, { agent: name }),
  );
  return { answers: { [name]: messages } };
};

/** Two agents in one step of an outer graph, each in a node of its own. */
async function inNodes({ agent }: ReturnType<typeof world>, memory: Memory) {
  const [a, b] = [await agent("a"), await agent("b")];
  return new StateGraph(Outer)
    .addNode("left", node("a", a))
    .addNode("right", node("b", b))
    .addEdge(START, "left")
    .addEdge(START, "right")
    .compile(memory);
}

/** Two agents in one step, both in one node that is sent to twice. */
async function bySend({ agent }: ReturnType<typeof world>, memory: Memory) {
  const agents: Readonly<Record<string, Agent>> = { a: await agent("a"), b: await agent("b") };
  return new StateGraph(Outer)
    .addNode("task", ({ names: [name = ""] }, config) => {
      const one = agents[name];
      if (one === undefined) throw new Error(`no agent '${name}'`);
      return node(name, one)({}, config);
    })
    .addConditionalEdges(START, () => ["a", "b"].map((name) => new Send("task", { names: [name] })), ["task"])
    .compile(memory);
}

type Graph = Awaited<ReturnType<typeof inNodes>> | Awaited<ReturnType<typeof bySend>>;

/**
 * The ids of all that waits, by path. Of several interrupts in one task LangGraph keeps the last, so the answer of
 * `invoke()` has one for each nested agent; the stream of the inner graphs has all.
 */
async function waitingIn(graph: Graph, input: unknown): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const options = { ...thread, streamMode: "updates" as const, subgraphs: true as const };
  for await (const [, update] of await graph.stream(input as never, options))
    Object.assign(ids, idsOf(update));
  return ids;
}

describe.each([
  ["in nodes of their own", inNodes],
  ["in one node that is sent to twice", bySend],
])("two agents at once, %s", (_, build) => {
  test("all wait, and each call of each agent has its own outcome", async () => {
    const here = world();
    const graph = await build(here, { checkpointer: new MemorySaver() });
    const ids = await waitingIn(graph, {});
    expect([...here.ran].sort()).toEqual([...free("a"), ...free("b")].sort());
    expect(Object.keys(ids)).toHaveLength(8);
    expect(new Set(Object.values(ids)).size).toBe(8);
    await decideInTwo(here.ran, graph, ids);
  });

  test("whoever goes by what invoke() answers decides one call of each agent after the other", async () => {
    const here = world();
    const graph = await build(here, { checkpointer: new MemorySaver() });
    const decisions: Readonly<Record<string, HITLResponse>> = {
      yes: approved,
      later: approved,
      no: turnedDown,
    };
    let result = await graph.invoke({}, thread);
    for (let rounds = 0; pendingIn(result).length > 0; rounds++) {
      expect(rounds).toBeLessThan(4);
      expect(pendingIn(result)).toHaveLength(2);
      const resume = Object.fromEntries(
        Object.entries(idsOf(result)).map(([path, id]) => {
          const [agent = "", kind = ""] = path.split(" ");
          return [id, decisions[kind] ?? edited({ path: `${agent} edited` })];
        }),
      );
      result = await graph.invoke(answer(resume), thread);
    }
    expectDone(here.ran, result.answers);
  });

  test.each(["LangGraph's store", "a SQLite store"])("go on after a restart with %s", async (kind) => {
    const here = world();
    const folder = temporaryFolder();
    const memory = openMemory(folder, kind === "a SQLite store" ? undefined : new InMemoryStore());
    const ids = await waitingIn(await build(here, memory()), {});
    await decideInTwo(here.ran, await build(here, memory()), ids, () => build(here, memory()));
  });

  test("are asked once more after a restart without a store, and nothing ran for the old answers", async () => {
    const here = world();
    const file = join(temporaryFolder(), "threads.db");
    const memory = () => ({ checkpointer: SqliteSaver.fromConnString(file) });
    const ids = await waitingIn(await build(here, memory()), {});
    const after = await build(here, memory());
    const old = { [ids["a yes"] ?? ""]: approved, [ids["b no"] ?? ""]: turnedDown };
    const asked = await waitingIn(after, answer(old));
    expect(here.ran).toHaveLength(4);
    expect(Object.keys(asked)).toHaveLength(8);
    await decideInTwo(here.ran, after, asked);
  });
});

test("an agent added as a node runs nothing that needs approval without a decision of its own", async () => {
  const here = world();
  // LangGraph runs finished calls of a nested graph again: here nobody can take the key away.
  const outer = new StateGraph(MessagesAnnotation)
    .addNode("agent", await here.agent("a"))
    .addEdge(START, "agent")
    .compile({ checkpointer: new MemorySaver() });
  const given: string[] = [];
  let result = await outer.invoke({ messages: [new HumanMessage("Go!")] }, thread);
  for (let rounds = 0; rounds < 6; rounds++) {
    const [waiting] = pendingIn(result);
    if (waiting === undefined) break;
    given.push(`remove ${waiting.value.actionRequests[0].args.path}`);
    result = await outer.invoke(answer({ [waiting.id]: approved }), thread);
    for (const one of new Set(ran(here))) {
      const count = (list: readonly string[]) => list.filter((each) => each === one).length;
      expect(count(ran(here))).toBeLessThanOrEqual(count(given));
    }
  }
  expect(ran(here).length).toBeGreaterThan(0);
});

/** What ran of that which needs approval. */
function ran(here: ReturnType<typeof world>): string[] {
  return here.ran.filter((one) => one.startsWith("remove"));
}

/** A store that a restart finds again, and checkpoints in a file. */
function openMemory(folder: string, shared: BaseStore | undefined): () => Required<Memory> {
  return () => {
    const store = shared ?? sqliteStore(join(folder, "store.db"));
    onTestFinished(() => void store.stop());
    return { checkpointer: SqliteSaver.fromConnString(join(folder, "threads.db")), store };
  };
}

/** Part of each agent's calls, then the rest, perhaps in a new process. */
async function decideInTwo(
  ran: readonly string[],
  graph: Graph,
  ids: Readonly<Record<string, string>>,
  restart: () => Promise<Graph> = async () => graph,
): Promise<void> {
  const id = (path: string) => ids[path] ?? "";
  const some = {
    [id("a yes")]: approved,
    [id("b no")]: turnedDown,
    [id("b edit")]: edited({ path: "b edited" }),
  };
  const left = ["a edit", "a no", "a later", "b yes", "b later"];
  expect(await waitingIn(graph, answer(some))).toEqual(
    Object.fromEntries(left.map((path) => [path, id(path)])),
  );
  expect([...ran].sort()).toEqual([...free("a"), ...free("b"), "remove a yes", "remove b edited"].sort());

  const rest = {
    [id("a edit")]: edited({ path: "a edited" }),
    [id("a no")]: turnedDown,
    [id("a later")]: approved,
    [id("b yes")]: approved,
    [id("b later")]: approved,
  };
  const last = await (await restart()).invoke(answer(rest), thread);
  expect(pendingIn(last)).toEqual([]);
  expectDone(ran, last.answers);
}

function expectDone(ran: readonly string[], answers: Readonly<Record<string, readonly BaseMessage[]>>): void {
  expect([...ran].sort()).toEqual([...free("a"), ...free("b"), ...removed("a"), ...removed("b")].sort());
  for (const name of ["a", "b"]) {
    const messages = answers[name] ?? [];
    expect(statuses(messages)).toEqual(outcome(name));
    expectValid(messages);
    expect(messages.at(-1)?.text).toBe("Done.");
  }
}
