import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { interrupt, MemorySaver, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { compileExpression } from "../../src/workflows/expression.js";
import { getRun, resumeWorkflow, runWorkflow, undoWorkflow } from "../../src/workflows/run.js";
import { createWorkflow, type WorkflowStep } from "../../src/workflows/workflow.js";
import { failure } from "../support/calls.js";
import { createTestWorkflow as create, fails } from "../support/workflows.js";

/** A step that hangs until its run is stopped, the first time. */
function hangs(
  name: string,
  log: string[],
  stop: AbortController,
  more: Partial<WorkflowStep> = {},
): WorkflowStep {
  let isFirst = true;
  return {
    name,
    run: ({ key }: { key: string }) => {
      log.push(key);
      if (!isFirst) return 1;
      isFirst = false;
      setImmediate(() => stop.abort());
      return new Promise(() => {});
    },
    compensate: ({ result }: { result: unknown }) => void log.push(`un${name} ${JSON.stringify(result)}`),
    ...more,
  } as WorkflowStep;
}

describe("a run of many steps", () => {
  test("comes to its end, and back, however many there are", async () => {
    const undone: string[] = [];
    const steps = Array.from(
      { length: 60 },
      (_, index): WorkflowStep => ({
        name: `s${index}`,
        run: () => index,
        compensate: () => void undone.push(`s${index}`),
      }),
    );
    expect(await runWorkflow(create(steps), { id: "1", input: {} })).toMatchObject({
      status: "done",
      output: 59,
    });
    const outcome = await runWorkflow(create([...steps, { name: "bad", run: fails }]), {
      id: "1",
      input: {},
    });
    expect(outcome.status).toBe("undone");
    expect(undone).toHaveLength(60);
  });
});

describe("a graph for each item of a list", () => {
  const ask = (log: string[]) =>
    new StateGraph(new StateSchema({ n: z.number(), out: z.unknown() }))
      .addNode("wire", ({ n }) => {
        const answer = interrupt(`wire ${n}?`);
        log.push(`${n} ${answer}`);
        return { out: n * 10 };
      })
      .addEdge(START, "wire")
      .compile();

  test("has a place of its own for each, so that every item gets its own answer and result", async () => {
    const log: string[] = [];
    const workflow = create([
      {
        name: "wires",
        each: "[1, 2, 3]",
        graph: ask(log),
        args: "{ 'n': item }",
        keep: "result.out",
        concurrency: 1,
      },
    ]);
    let outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(await getRun(workflow, "1")).toMatchObject({ status: "waiting" });
    for (let turn = 0; turn < 5 && outcome.status === "waiting"; turn++) {
      const [question] = outcome.approvals;
      const n = /wire (\d)/.exec(question?.actionRequests[0].description ?? "")?.[1];
      outcome = await resumeWorkflow(workflow, {
        id: "1",
        interrupt: question?.interrupt ?? "",
        answer: `yes${n}`,
      });
    }
    expect(log).toEqual(["1 yes1", "2 yes2", "3 yes3"]);
    expect(outcome).toMatchObject({ status: "done", output: [10, 20, 30] });
  });
});

describe("a run that was stopped in the middle of a step", () => {
  test("has that undone as well when it is called off, as nobody knows whether it was done", async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const workflow = create([hangs("charge", log, stop)]);
    await failure(runWorkflow(workflow, { id: "1", input: {}, signal: stop.signal }));
    expect(await undoWorkflow(workflow, { id: "1" })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["w/1/charge", "uncharge null"]);
  });

  test("has the items undone that were done, and the one that it was at", async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const workflow = create([
      {
        name: "charge",
        each: "[1, 2, 3]",
        concurrency: 1,
        run: ({ item }) => {
          log.push(`charge ${item}`);
          if (item !== 3) return item;
          setImmediate(() => stop.abort());
          return new Promise(() => {});
        },
        compensate: ({ item, result }) => void log.push(`refund ${item} ${JSON.stringify(result)}`),
      },
    ]);
    await failure(runWorkflow(workflow, { id: "1", input: {}, signal: stop.signal }));
    await undoWorkflow(workflow, { id: "1" });
    expect(log.slice(3)).toEqual(["refund 3 null", "refund 2 2", "refund 1 1"]);
  });

  test("keeps that it was begun when it is carried over to another definition", async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const graph = { checkpointer: new MemorySaver() };
    const old = create([hangs("charge", log, stop)], { graph });
    await failure(runWorkflow(old, { id: "1", input: {}, signal: stop.signal }));
    const step: WorkflowStep = { name: "charge", run: fails, compensate: () => void log.push("refund") };
    const now = create([step], { graph, version: "2", migrate: async ({ steps }) => steps });
    expect(await runWorkflow(now, { id: "1" })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["w/1/charge", "refund"]);
  });

  test("that a person has undone by hand is not undone again", async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const workflow = create([hangs("charge", log, stop)]);
    await failure(runWorkflow(workflow, { id: "1", input: {}, signal: stop.signal }));
    expect((await failure(undoWorkflow(workflow, { id: "1", byHand: ["x"] }))).message).toMatch(
      /no step 'x'/,
    );
    expect(await undoWorkflow(workflow, { id: "1", byHand: ["charge"] })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["w/1/charge"]);
  });
});

describe("a workflow that is a step of another", () => {
  const inner = (run: () => unknown) => createWorkflow({ name: "inner", steps: [{ name: "a", run }] });

  test("gives its output, and fails when it was undone", async () => {
    const good = create([{ name: "in", graph: inner(() => 7), args: "{ 'input': input }" }]);
    expect(await runWorkflow(good, { id: "1", input: {} })).toMatchObject({ status: "done", output: 7 });
    const log: string[] = [];
    const bad = create([
      { name: "in", graph: inner(fails), args: "{ 'input': input }" },
      { name: "after", run: () => void log.push("after") },
    ]);
    const outcome = await runWorkflow(bad, { id: "1", input: {} });
    expect(outcome).toMatchObject({
      status: "undone",
      error: { step: "in", message: expect.stringMatching(/it broke/) },
    });
    expect(log).toEqual([]);
  });
});

describe("what was done is undone", () => {
  test("when only what is kept of it could not be made", async () => {
    const log: string[] = [];
    const workflow = create([
      {
        name: "a",
        run: () => ({ n: "x" }),
        keep: "$number(result.n)",
        compensate: () => void log.push("una"),
      },
    ]);
    expect(await runWorkflow(workflow, { id: "1", input: {} })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["una"]);
  });

  test("once, whatever the compensation returns", async () => {
    const log: string[] = [];
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const compensate = () => {
      log.push("una");
      return circle;
    };
    const steps: WorkflowStep[] = [
      { name: "a", run: () => 1, compensate },
      { name: "b", run: fails },
    ];
    expect(await runWorkflow(create(steps), { id: "1", input: {} })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["una"]);
  });

  test("when a graph that may have done it waits for a person, and a step beside it fails", async () => {
    const log: string[] = [];
    const asking = new StateGraph(new StateSchema({ n: z.number() }))
      .addNode("ask", () => ({ n: Number(interrupt("go on?")) }))
      .addEdge(START, "ask")
      .compile();
    const bad = async () => {
      for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve));
      fails();
    };
    const workflow = create([
      {
        name: "graph",
        needs: [],
        graph: asking,
        args: "{ 'n': 1 }",
        compensate: () => void log.push("ungraph"),
      },
      { name: "bad", needs: [], run: bad },
    ]);
    expect(await runWorkflow(workflow, { id: "1", input: {} })).toMatchObject({ status: "undone" });
    expect(log).toEqual(["ungraph"]);
  });
});

describe("the input", () => {
  test("is read once by its schema, also when that changes it or makes part of it up", async () => {
    let made = 0;
    const input = z.object({ n: z.string().transform(Number), id: z.number().default(() => ++made) });
    const workflow = create([{ name: "a", value: "input" }], { input });
    const first = await runWorkflow(workflow, { id: "1", input: { n: "5" } });
    expect(first.output).toEqual({ n: 5, id: 1 });
    expect(await runWorkflow(workflow, { id: "1", input: { n: "5" } })).toEqual(first);
    expect((await failure(runWorkflow(workflow, { id: "1", input: { n: "6" } }))).code).toBe(
      "IDEMPOTENCY_CONFLICT",
    );
  });

  test("of a run that is not known has to be there", async () => {
    expect((await failure(runWorkflow(create([{ name: "a", value: "1" }]), { id: "typo" }))).code).toBe(
      "INVALID_ARGUMENTS",
    );
  });
});

describe("one run", () => {
  test("is worked on once at a time, also by workflows that were made anew for each request", async () => {
    let runs = 0;
    const checkpointer = new MemorySaver();
    const start = () =>
      runWorkflow(
        create(
          [
            {
              name: "a",
              run: async () => {
                runs++;
                for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve));
              },
            },
          ],
          { graph: { checkpointer } },
        ),
        { id: "1", input: {} },
      );
    await Promise.all([start(), start(), start()]);
    expect(runs).toBe(1);
  });

  test("has other keys than one whose id looks like a later run of its thread", async () => {
    const keys: string[] = [];
    const workflow = create([{ name: "a", run: ({ key }) => void keys.push(key) }]);
    await runWorkflow(workflow, { id: "x/2", input: {} });
    await workflow.invoke({ input: {} }, { configurable: { thread_id: "x" } });
    await workflow.invoke({ input: {} }, { configurable: { thread_id: "x" } });
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toBe("w/x%2F2/a");
  });

  test("that was undone cannot be gone on with from an old checkpoint", async () => {
    const log: string[] = [];
    let isBroken = true;
    const workflow = create([
      { name: "a", run: () => void log.push("a"), compensate: () => void log.push("una") },
      { name: "b", run: () => (isBroken ? fails() : undefined) },
    ]);
    await runWorkflow(workflow, { id: "1", input: {} });
    isBroken = false;
    for await (const { config, next } of workflow.getStateHistory({ configurable: { thread_id: "1" } })) {
      if (next.includes("a")) await expect(workflow.invoke(null, config)).rejects.toThrow("old checkpoint");
    }
    expect(log).toEqual(["a", "una"]);
  });

  test("whose state somebody has changed goes on", async () => {
    const workflow = create([
      { name: "ask", approve: { args: { n: 1 } } },
      { name: "b", value: "input.n" },
    ]);
    await runWorkflow(workflow, { id: "1", input: { n: 1 } });
    await workflow.updateState({ configurable: { thread_id: "1" } }, { input: { n: 2 } });
    const { approvals } = await runWorkflow(workflow, { id: "1" });
    const [question] = approvals;
    const decided = { id: "1", interrupt: question?.interrupt ?? "", decision: { type: "approve" } };
    expect(await resumeWorkflow(workflow, decided)).toMatchObject({ status: "done", output: 2 });
  });

  test("in a thread of something else is refused", async () => {
    const checkpointer = new MemorySaver();
    const other = new StateGraph(new StateSchema({ n: z.number() }))
      .addNode("x", ({ n }) => ({ n }))
      .addEdge(START, "x")
      .compile({ checkpointer });
    await other.invoke({ n: 1 }, { configurable: { thread_id: "1" } });
    const workflow = create([{ name: "a", value: "1" }], { graph: { checkpointer } });
    expect((await failure(runWorkflow(workflow, { id: "1", input: {} }))).code).toBe("IDEMPOTENCY_CONFLICT");
  });

  test("settles at once when it is cancelled, also where the store is slow", async () => {
    class SlowSaver extends MemorySaver {
      override async getTuple(): Promise<undefined> {
        return new Promise(() => {});
      }
    }
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const workflow = create([{ name: "a", value: "1" }], { graph: { checkpointer: new SlowSaver() } });
    expect((await failure(runWorkflow(workflow, { id: "1", input: {}, signal: stop.signal }))).code).toBe(
      "CANCELLED",
    );
  });
});

describe("a definition", () => {
  test("has changed when literal arguments or the output have, whatever their keys are called", async () => {
    const graph = { checkpointer: new MemorySaver() };
    const of = (timeoutMs: number, output = "1") =>
      create([{ name: "ask", approve: { args: { timeoutMs } } }], { graph, output });
    await runWorkflow(of(1), { id: "1", input: {} });
    expect((await failure(runWorkflow(of(2), { id: "1" }))).code).toBe("DEFINITION_CHANGED");
    expect((await failure(runWorkflow(of(1, "2"), { id: "1" }))).data.changes).toEqual([
      "the output has changed",
    ]);
  });

  test.each(["input", "run", "steps", "constructor", "toString"])("cannot have a step '%s'", (name) => {
    expect(() => create([{ name, value: "1" }])).toThrow(/has another meaning/);
  });

  test("keeps its guards when a config is bound to it", async () => {
    const workflow = create([{ name: "ask", approve: { args: {} } }]).withConfig({ tags: ["x"] });
    const config = { configurable: { thread_id: "1" } };
    await workflow.invoke({ input: { n: 1 } }, config);
    await expect(workflow.invoke({ input: { n: 2 } }, config)).rejects.toThrow("is not over");
  });
});

test("expressions that are evaluated at once do not take each other's time", async () => {
  const expression = compileExpression("$sum($map([1..20000], function($n) { $n * 2 }))");
  const all = await Promise.all(Array.from({ length: 40 }, () => expression.evaluate({})));
  expect(new Set(all).size).toBe(1);
}, 60_000);

test("a workflow leaves nothing of its run behind for the code around it", async () => {
  await runWorkflow(create([{ name: "a", value: "1" }]), { id: "1", input: {} });
  expect(AsyncLocalStorageProviderSingleton.getRunnableConfig()).toBeUndefined();
});
