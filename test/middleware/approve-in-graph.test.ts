import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  isAIMessage,
  isToolMessage,
} from "@langchain/core/messages";
import {
  Annotation,
  Command,
  InMemoryStore,
  interrupt,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { fakeModel } from "langchain";
import { describe, expect, test } from "vitest";
import { createReact } from "../../src/agents/react.js";
import type { Middleware } from "../../src/core/call.js";
import { approve } from "../../src/middleware/approve.js";
import {
  approved,
  bench,
  callOf,
  edited,
  files,
  type Interrupted,
  idsOf,
  pendingIn,
  turnedDown,
} from "./approve-bench.js";

describe("an agent's turn with five calls", () => {
  async function turn() {
    const { ran, load } = files();
    const tools = await load(approve());
    const model = fakeModel()
      .respondWithTools([
        callOf("1", "read", "one"),
        callOf("2", "remove", "two"),
        callOf("3", "remove", "three"),
        callOf("4", "remove", "four"),
        callOf("5", "read", "five"),
      ])
      .respond(new AIMessage("Done."));
    const agent = createReact({ model, tools, graph: { checkpointer: new MemorySaver() } });
    const thread = { configurable: { thread_id: "t" } };
    const first = await agent.invoke({ messages: "Tidy up!" }, thread);
    const resume = (value: unknown) => agent.invoke(new Command({ resume: value }), thread);
    return { ran, first, resume };
  }

  function expectOutcome(messages: BaseMessage[], ran: readonly string[]) {
    expect([...ran].sort()).toEqual(["read five", "read one", "remove three, renamed", "remove two"]);
    const asked = messages.filter(isAIMessage).flatMap((message) => message.tool_calls ?? []);
    const answers = messages.filter((message) => isToolMessage(message));
    // What providers insist on: each call of a turn is answered once, before the model speaks again.
    expect(answers.map((answer) => answer.tool_call_id).sort()).toEqual(asked.map(({ id }) => id).sort());
    expect(messages.map(({ type }) => type)).toEqual(["human", "ai", ...Array(5).fill("tool"), "ai"]);
    expect(Object.fromEntries(answers.map(({ tool_call_id: id, status }) => [id, status]))).toEqual({
      1: "success",
      2: "success",
      3: "success",
      4: "error",
      5: "success",
    });
    expect(answers.find((answer) => answer.tool_call_id === "4")?.text).toBe(
      "Error (REJECTED): server 'files', tool 'remove': a person rejected the call: not today",
    );
  }

  test("free calls run at once, and each of the others waits in LangChain's form under its own id", async () => {
    const { ran, first } = await turn();
    expect([...ran].sort()).toEqual(["read five", "read one"]);
    const waiting = pendingIn(first);
    expect(new Set(waiting.map(({ id }) => id)).size).toBe(3);
    expect(waiting.map(({ value }) => value.actionRequests[0].args.path)).toEqual(["two", "three", "four"]);
    expect(waiting[0]?.value).toEqual({
      actionRequests: [
        { name: "remove", args: { path: "two" }, description: expect.stringMatching(/"two"/) },
      ],
      reviewConfigs: [{ actionName: "remove", allowedDecisions: ["approve", "edit", "reject"] }],
      server: "files",
      tool: "remove",
      risk: "high",
      toolCallId: "2",
      hash: expect.any(String),
      expiresAt: expect.any(Number),
    });
  });

  test("all decided at once", async () => {
    const { ran, first, resume } = await turn();
    const { two = "", three = "", four = "" } = idsOf(first);
    const last = await resume({
      [two]: approved,
      [three]: edited({ path: "three, renamed" }),
      [four]: turnedDown,
    });
    expectOutcome(last.messages, ran);
  });

  test("decided one by one, in another order", async () => {
    const { ran, first, resume } = await turn();
    const { two = "", three = "", four = "" } = idsOf(first);
    expect(Object.keys(idsOf(await resume({ [four]: turnedDown })))).toEqual(["two", "three"]);
    expect(ran).toHaveLength(2);
    expect(Object.keys(idsOf(await resume({ [two]: approved })))).toEqual(["three"]);
    // The last one alone is what a client without ids can answer.
    const last = await resume(edited({ path: "three, renamed" }));
    expect(three).not.toBe("");
    expectOutcome(last.messages, ran);
  });

  test("one answer without an id decides none of several", async () => {
    const { ran, first, resume } = await turn();
    const again = await resume(approved);
    expect(ran).toHaveLength(2);
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(pendingIn(again)[0]?.value.actionRequests[0].description).toMatch(/several calls wait/);
    // LangGraph still holds that answer out to the other two when one is answered by its id.
    const next = await resume({ [idsOf(again).two ?? ""]: approved });
    expect([...ran].sort()).toEqual(["read five", "read one", "remove two"]);
    expect(Object.keys(idsOf(next))).toEqual(["three", "four"]);
  });

  test("an answer without an id that repeats the hash decides that call alone", async () => {
    const { ran, first, resume } = await turn();
    const { hash } = pendingIn(first)[1]?.value ?? {};
    const next = await resume({ decisions: [{ type: "approve", hash }] });
    expect(ran.slice(2)).toEqual(["remove three"]);
    expect(Object.keys(idsOf(next))).toEqual(["two", "four"]);
  });
});

const description = (waiting: NonNullable<Interrupted["__interrupt__"]>) =>
  waiting[0]?.value.actionRequests[0].description ?? "";

describe("a decision counts once, for what was shown", () => {
  test("one call, one answer without an id: what most clients do", async () => {
    const { ran, begin, resume } = await bench();
    expect((await begin()).waiting).toHaveLength(1);
    expect(await resume(approved)).toEqual({ waiting: [], results: ["done"] });
    expect(ran).toEqual(["remove a"]);
  });

  test("arguments that changed since are asked about anew", async () => {
    const { ran, begin, resume, change, again } = await bench();
    await begin();
    await change(callOf("1", "remove", "b"));
    const { waiting } = await resume(approved);
    expect(ran).toEqual([]);
    expect(description(waiting)).toMatch(/does not count: it was for another question[\s\S]*"b"/);
    // LangGraph delivers the old answer once more here.
    expect((await again()).waiting).toHaveLength(1);
    expect(ran).toEqual([]);
    await resume({ [waiting[0]?.id ?? ""]: approved });
    expect(ran).toEqual(["remove b"]);
  });

  test("arguments that a node computes anew are asked about anew", async () => {
    const { ran, loadRemove } = files();
    const remove = await loadRemove(approve());
    const paths = ["a", "b", "b", "b"];
    const graph = new StateGraph(Annotation.Root({ x: Annotation<string> }))
      .addNode("act", async () => ({
        x: (await remove.invoke(callOf("1", "remove", paths.shift() ?? ""))).text,
      }))
      .addEdge(START, "act")
      .compile({ checkpointer: new MemorySaver() });
    const thread = { configurable: { thread_id: "t" } };
    const [shown] = pendingIn(await graph.invoke({}, thread));
    const resume = { [shown?.id ?? ""]: approved };
    expect(Object.keys(idsOf(await graph.invoke(new Command({ resume }), thread)))).toEqual(["b"]);
    expect(ran).toEqual([]);
    await graph.invoke(new Command({ resume }), thread);
    expect(ran).toEqual(["remove b"]);
  });

  test("a decision that comes too late is refused", async () => {
    const { ran, clock, begin, resume } = await bench({ options: { expiresMs: 1000 } });
    await begin();
    await clock.advance(1000);
    expect((await resume(approved)).results).toEqual([expect.stringMatching(/REJECTED.*too late/)]);
    expect(ran).toEqual([]);
  });

  test("answering a neighbour gives no more time", async () => {
    const calls = [callOf("1", "remove", "a"), callOf("2", "remove", "b")];
    const { ran, clock, begin, resume } = await bench({ options: { expiresMs: 1000 }, calls });
    const ids = (await begin()).waiting.map(({ id }) => id);
    await clock.advance(999);
    const { waiting } = await resume({ [ids[0] ?? ""]: approved });
    expect(waiting[0]?.value.expiresAt).toBe(clock.now() + 1);
    await clock.advance(1);
    await resume({ [ids[1] ?? ""]: approved });
    expect(ran).toEqual(["remove a"]);
  });

  test.each([
    ["nothing", {}],
    ["no decisions", { decisions: [] }],
    ["two decisions", { decisions: [{ type: "approve" }, { type: "approve" }] }],
    ["an unknown type", { decisions: [{ type: "accept" }] }],
    ["text", "approve"],
    ["true", true],
    ["what was meant for another interrupt", { answer: 42 }],
    ["a decision for another hash", { decisions: [{ type: "approve", hash: "0".repeat(64) }] }],
    ["an edit without arguments", { decisions: [{ type: "edit", editedAction: { name: "remove" } }] }],
  ])("%s is no decision: it is asked again", async (_, value) => {
    const { ran, begin, resume } = await bench();
    await begin();
    const { waiting } = await resume(value);
    expect(waiting).toHaveLength(1);
    expect(description(waiting)).toMatch(/A decision came that does not count/);
    expect(ran).toEqual([]);
    await resume(approved);
    expect(ran).toEqual(["remove a"]);
  });

  test("a process that restarted with the graph's store goes on", async () => {
    const { ran, begin, resume, restart } = await bench({ store: new InMemoryStore() });
    await begin();
    await restart();
    await resume(approved);
    expect(ran).toEqual(["remove a"]);
  });

  test("a process that restarted without a store asks again", async () => {
    const { ran, begin, resume, restart } = await bench();
    const { waiting } = await begin();
    await restart();
    expect((await resume({ [waiting[0]?.id ?? ""]: approved })).waiting).toHaveLength(1);
    expect(ran).toEqual([]);
    await resume(approved);
    expect(ran).toEqual(["remove a"]);
  });

  test.each([
    ["with a store", true],
    ["without a store", false],
  ])("a run that broke off after the approval needs another one, %s", async (_, isStored) => {
    let breaks = true;
    const inside: Middleware = async (call, next) => {
      const result = await next(call);
      if (breaks) throw new Error("killed");
      return result;
    };
    const { ran, begin, resume, again, restart } = await bench({
      inside,
      ...(isStored ? { store: new InMemoryStore() } : {}),
    });
    await begin();
    await expect(resume(approved)).rejects.toThrow("killed");
    breaks = false;
    for (const restarts of [false, true]) {
      if (restarts) await restart();
      const { waiting } = await again();
      expect(waiting).toHaveLength(1);
      expect(ran).toEqual(["remove a"]);
    }
    const { waiting } = await again();
    await resume({ [waiting[0]?.id ?? ""]: approved });
    expect(ran).toEqual(["remove a", "remove a"]);
  });

  test("a fork from an earlier checkpoint needs an approval of its own", async () => {
    const { ran, graph, thread, begin, resume, again } = await bench();
    await begin();
    await resume(approved);
    const history = [];
    for await (const snapshot of graph().getStateHistory(thread)) history.push(snapshot);
    for (const { config, next } of history) {
      if (!next.includes("act")) continue;
      expect((await again(config)).waiting).toHaveLength(1);
      const { waiting } = await again();
      expect(waiting).toHaveLength(1);
    }
    expect(ran).toEqual(["remove a"]);
  });

  test("an answer that counted for none of several does not come back when the step is run again", async () => {
    const calls = [callOf("1", "remove", "a"), callOf("2", "remove", "b")];
    const { ran, graph, thread, begin, change, resume, again } = await bench({ calls });
    await begin();
    await change(...calls);
    await again();
    await resume(approved);
    // LangGraph hides in this run what the tasks have received, and shows it to the next.
    const { waiting } = await again((await graph().getState(thread)).config);
    await resume({ decisions: [{ type: "approve", hash: waiting[1]?.value.hash }] });
    expect(ran).toEqual(["remove b"]);
  });

  test("a call that is done waits again when its step is run again, so one answer without an id is for none", async () => {
    const calls = [callOf("1", "remove", "a"), callOf("2", "remove", "b")];
    const { ran, graph, thread, begin, resume, again } = await bench({ calls });
    const first = await begin();
    await resume({ [first.waiting[0]?.id ?? ""]: approved });
    const { waiting } = await again((await graph().getState(thread)).config);
    expect(waiting).toHaveLength(2);
    await resume(approved);
    expect(ran).toEqual(["remove a"]);
  });

  test("an answer that a run left behind when it died is nobody's while others are answered by id", async () => {
    let open = (): void => {};
    const firstIsDone = new Promise<void>((resolve) => (open = resolve));
    class Saver extends MemorySaver {
      isSlow = false;
      override async getTuple(config: Parameters<MemorySaver["getTuple"]>[0]) {
        // What waits is counted when the first call is done: one is left, but the answer was not for it.
        if (this.isSlow && config.configurable?.checkpoint_id) await firstIsDone;
        return super.getTuple(config);
      }
      override async putWrites(...args: Parameters<MemorySaver["putWrites"]>) {
        await super.putWrites(...args);
        if (args[1].some(([channel]) => channel === "results")) open();
      }
    }
    const checkpointer = new Saver();
    const calls = [callOf("1", "remove", "a"), callOf("2", "remove", "b")];
    const { ran, graph, thread, begin, resume } = await bench({ calls, checkpointer });
    const { waiting } = await begin();
    const { config } = await graph().getState(thread);
    await checkpointer.putWrites(config, [["__resume__", approved]], "00000000-0000-0000-0000-000000000000");
    checkpointer.isSlow = true;
    await resume({ [waiting[0]?.id ?? ""]: approved });
    expect(ran).toEqual(["remove a"]);
  });

  test("threads with equal ids and arguments need one approval each", async () => {
    const { ran, begin, resume, again } = await bench({ store: new InMemoryStore() });
    const [one, two] = ["one", "two"].map((thread_id) => ({ configurable: { thread_id } }));
    await begin(one);
    await begin(two);
    await resume(approved, one);
    expect(ran).toEqual(["remove a"]);
    expect((await again(two)).waiting).toHaveLength(1);
    expect(ran).toEqual(["remove a"]);
  });

  test("equal calls side by side need one approval each", async () => {
    const calls = [callOf("1", "remove", "a"), callOf("1", "remove", "a")];
    const { ran, begin, resume } = await bench({ calls });
    const { waiting } = await begin();
    expect(waiting).toHaveLength(2);
    const left = await resume({ [waiting[1]?.id ?? ""]: approved });
    expect(left.waiting.map(({ id }) => id)).toEqual([waiting[0]?.id]);
    expect(ran).toEqual(["remove a"]);
  });

  test("two runs that resume one thread at the same time run the call once", async () => {
    const { ran, begin, resume } = await bench({ store: new InMemoryStore() });
    await begin();
    await Promise.allSettled([resume(approved), resume(approved), resume(approved)]);
    expect(ran).toEqual(["remove a"]);
  });

  test("a retry outside asks again, one inside does not", async () => {
    const twice: Middleware = async (call, next) => {
      await next(call);
      return next(call);
    };
    const inside = await bench({ inside: twice });
    await inside.begin();
    await inside.resume(approved);
    expect(inside.ran).toEqual(["remove a", "remove a"]);

    const { ran, loadRemove } = files();
    const remove = await loadRemove(twice, approve());
    const graph = new StateGraph(Annotation.Root({ x: Annotation<string> }))
      .addNode("act", async () => ({ x: (await remove.invoke(callOf("1", "remove", "a"))).text }))
      .addEdge(START, "act")
      .compile({ checkpointer: new MemorySaver() });
    const thread = { configurable: { thread_id: "t" } };
    await graph.invoke({}, thread);
    const result = await graph.invoke(new Command({ resume: approved }), thread);
    expect(pendingIn(result)).toHaveLength(1);
    expect(ran).toEqual(["remove a"]);
    // LangGraph runs the node from its start, so the first of the two is a repetition now.
    await graph.invoke(null, thread);
    expect(ran).toEqual(["remove a"]);
  });

  test("an interrupt inside of an approved call passes, and the approval holds when it is answered", async () => {
    const inside: Middleware = async (call, next) => {
      const answer = interrupt({ question: "Really?" });
      return answer === "yes" ? next(call) : { content: [] };
    };
    const { ran, begin, resume, clock } = await bench({ inside, options: { expiresMs: 1000 } });
    await begin();
    const { waiting } = await resume(approved);
    expect(waiting[0]?.value).toEqual({ question: "Really?" });
    await clock.advance(5000);
    expect((await resume("yes")).waiting).toEqual([]);
    expect(ran).toEqual(["remove a"]);
  });

  test("a tool that ran and failed has used its approval", async () => {
    const { ran, begin, resume } = await bench({ calls: [callOf("1", "fails", "a")] });
    await begin();
    expect((await resume(approved)).waiting).toEqual([]);
    expect(ran).toEqual(["fails a"]);
  });

  test("a store that fails lets nothing run", async () => {
    class Broken extends InMemoryStore {
      override async batch(...[operations]: Parameters<InMemoryStore["batch"]>) {
        // A deletion reaches a store as a null.
        if (operations.some((operation) => "value" in operation && operation.value === null))
          throw new Error("disk full");
        return super.batch(operations) as never;
      }
    }
    const { ran, begin, resume } = await bench({ store: new Broken() });
    await begin();
    expect((await resume(approved)).results).toEqual([
      expect.stringMatching(/Error \(STORE\).*repair the store/),
    ]);
    expect(ran).toEqual([]);
  });

  test("open questions do not pile up in the store", async () => {
    const store = new InMemoryStore();
    const { begin, resume } = await bench({ store });
    await begin();
    expect(await store.search(["langbaton", "approvals"])).toHaveLength(1);
    await resume(turnedDown);
    expect(await store.search(["langbaton", "approvals"])).toEqual([]);
  });

  test("a graph without a checkpointer asks the program, or says what is missing", async () => {
    const { ran, load } = files();
    const calls = [callOf("1", "remove", "a")];
    const model = () => fakeModel().respondWithTools(calls).respond(new AIMessage("Done."));
    const silent = createReact({ model: model(), tools: await load(approve()) });
    const { messages } = await silent.invoke({ messages: [new HumanMessage("Go!")] });
    expect(messages.find((message) => isToolMessage(message))?.text).toMatch(/CONFIG_INVALID.*checkpointer/);
    expect(ran).toEqual([]);
    const ask = async () => ({ type: "approve" }) as const;
    await createReact({ model: model(), tools: await load(approve({ ask })) }).invoke({ messages: "Go!" });
    expect(ran).toEqual(["remove a"]);
  });
});

describe("several questions in one place", () => {
  /** Two agents' worth of calls, one after the other, inside of one step of an outer graph. */
  async function nested() {
    const { ran, loadRemove } = files();
    const remove = await loadRemove(approve());
    const State = Annotation.Root({ x: Annotation<string> });
    const act = (id: string, path: string) => async () => ({
      x: (await remove.invoke(callOf(id, "remove", path))).text,
    });
    const inner = new StateGraph(State)
      .addNode("first", act("1", "a"))
      .addNode("second", act("2", "b"))
      .addEdge(START, "first")
      .addEdge("first", "second")
      .compile();
    const graph = new StateGraph(State)
      .addNode("agent", inner)
      .addEdge(START, "agent")
      .compile({ checkpointer: new MemorySaver() });
    return { ran, graph, thread: { configurable: { thread_id: "t" } } };
  }

  test("an answer to the first call of a nested graph is never one to the second", async () => {
    const { ran, graph, thread } = await nested();
    await graph.invoke({}, thread);
    const second = await graph.invoke(new Command({ resume: approved }), thread);
    expect(ran).toEqual(["remove a"]);
    // Nobody has answered, but LangGraph holds the old value out to whatever waits in the same step.
    for (let i = 0; i < 3; i++) expect(pendingIn(await graph.invoke(null, thread))).toHaveLength(1);
    expect(ran).toEqual(["remove a"]);
    await graph.invoke(new Command({ resume: { [idsOf(second).b ?? ""]: approved } }), thread);
    expect(ran).toEqual(["remove a", "remove b"]);
  });

  test("two calls in one task never take each other's answer", async () => {
    const { ran, loadRemove } = files();
    const remove = await loadRemove(approve());
    const graph = new StateGraph(Annotation.Root({ x: Annotation<string> }))
      .addNode("act", async () => {
        const calls = [callOf("1", "remove", "a"), callOf("2", "remove", "b")];
        await Promise.all(calls.map((call) => remove.invoke(call)));
        return { x: "done" };
      })
      .addEdge(START, "act")
      .compile({ checkpointer: new MemorySaver() });
    const thread = { configurable: { thread_id: "t" } };
    const given: string[] = [];
    let result: unknown = await graph.invoke({}, thread);
    for (let i = 0; i < 6; i++) {
      const [waiting] = pendingIn(result);
      if (waiting === undefined) break;
      given.push(`remove ${waiting.value.actionRequests[0].args.path}`);
      result = await graph.invoke(new Command({ resume: { [waiting.id]: approved } }), thread);
      for (const one of new Set(ran)) {
        const count = (list: readonly string[]) => list.filter((each) => each === one).length;
        expect(count(ran)).toBeLessThanOrEqual(count(given));
      }
    }
    expect(ran.length).toBeGreaterThan(0);
  });
});
