import { MemorySaver, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { getRun, runWorkflow, undoWorkflow, type WorkflowEvent } from "../../src/workflows/run.js";
import { createWorkflow, type WorkflowOptions, type WorkflowStep } from "../../src/workflows/workflow.js";
import { failure } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { createTestWorkflow as create, fails } from "../support/workflows.js";

/** What was done, in order, with the key of each. */
function createLog() {
  const done: string[] = [];
  const keys: string[] = [];
  /** A step that says that it was done, and what undoes it. */
  const step = (name: string, more: Partial<WorkflowStep> = {}): WorkflowStep =>
    ({
      name,
      run: ({ key }: { key: string }) => {
        done.push(name);
        keys.push(key);
        return name;
      },
      compensate: ({ key }: { key: string }) => {
        done.push(`un${name}`);
        keys.push(key);
      },
      ...more,
    }) as WorkflowStep;
  return { done, keys, step };
}

describe("createWorkflow()", () => {
  test("runs its steps one after the other, and gives the last one's result", async () => {
    const { done, keys, step } = createLog();
    const outcome = await runWorkflow(create([step("a"), step("b")]), { id: "1", input: {} });
    expect(outcome).toMatchObject({ status: "done", output: "b", approvals: [], undone: [] });
    expect(done).toEqual(["a", "b"]);
    expect(keys).toEqual(["w/1/a", "w/1/b"]);
  });

  test.each([
    ["a JSON Schema", { type: "object", properties: { size: { type: "integer", default: 3 } } }],
    ["zod", z.object({ size: z.int().default(3) })],
  ])("no input is an empty object for %s with a default for each field", async (_, input) => {
    const workflow = create([{ name: "double", value: "input.size * 2" }], { input });
    for (const [id, given] of [{}, { input: {} }].entries())
      expect(
        await workflow.invoke(given as never, { configurable: { thread_id: `invoked-${id}` } }),
      ).toMatchObject({ input: { size: 3 }, output: 6 });
    for (const given of [{}, { input: {} }, { input: null }])
      expect(await runWorkflow(workflow, { id: "run", ...given })).toMatchObject({
        status: "done",
        output: 6,
      });
  });

  test("what is missing is said by field where the input is an object", async () => {
    const of = (input: z.ZodType) => create([{ name: "a", value: "1" }], { input });
    const needy = z.object({ size: z.int() });
    await expect(of(needy).invoke({} as never)).rejects.toThrow("cannot take this input: input.size: ");
    await expect(of(z.string()).invoke({} as never)).rejects.toThrow("cannot take this input: input: ");
    await expect(runWorkflow(of(needy), { id: "1" })).rejects.toThrow("no input to begin one with");
  });

  test("arguments are JSONata over the input and the results before", async () => {
    const calls: unknown[] = [];
    const order = tool(
      async (args: unknown) => {
        calls.push(args);
        return { id: "o-1" };
      },
      { name: "order", description: "Orders.", schema: z.object({ model: z.string(), of: z.number() }) },
    );
    const workflow = create(
      [
        { name: "count", value: "$count(input.items)" },
        {
          name: "buy",
          call: "order",
          args: "{ 'model': input.model, 'of': steps.count }",
          keep: "result.id",
        },
        { name: "fixed", call: "order", args: { model: "y", of: 1 } },
      ],
      { tools: [order], output: "{ 'order': steps.buy, 'at': $millis() = run.startedAt }" },
    );
    const outcome = await runWorkflow(workflow, { id: "1", input: { model: "X1", items: [1, 2] } });
    expect(outcome.output).toEqual({ order: "o-1", at: true });
    expect(calls).toEqual([
      { model: "X1", of: 2 },
      { model: "y", of: 1 },
    ]);
  });

  test("a step begins when what it needs is there, not when a slower one beside it is", async () => {
    const order: string[] = [];
    let endSlow = (): void => {};
    const slow = new Promise<void>((resolve) => {
      endSlow = resolve;
    });
    const run =
      (name: string, work: () => unknown = () => {}) =>
      async () => {
        await work();
        order.push(name);
      };
    const workflow = create([
      { name: "start", run: run("start") },
      { name: "slow", needs: "start", run: run("slow", () => slow) },
      { name: "quick", needs: "start", run: run("quick") },
      { name: "after", needs: "quick", run: run("after", endSlow) },
      { name: "both", needs: ["slow", "after"], run: run("both") },
    ]);
    const outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(outcome.status).toBe("done");
    // The slow one ends when 'after' has begun, and would never end if that waited for it.
    expect(order).toEqual(["start", "quick", "slow", "after", "both"]);
  });

  test("never more steps at once than parallel says", async () => {
    let running = 0;
    let most = 0;
    const steps = Array.from(
      { length: 10 },
      (_, index): WorkflowStep => ({
        name: `s${index}`,
        needs: [],
        run: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
      }),
    );
    await runWorkflow(create(steps, { parallel: 3 }), { id: "1", input: {} });
    expect(most).toBe(3);
  });

  test("a step whose condition says no is skipped, and what needs it goes on", async () => {
    const { done, step } = createLog();
    const workflow = create([
      step("a", { when: "input.big" }),
      step("b", { when: ({ steps }) => steps.a === null }),
    ]);
    const outcome = await runWorkflow(workflow, { id: "1", input: { big: false } });
    expect(outcome.steps.a?.status).toBe("skipped");
    expect(done).toEqual(["b"]);
  });

  test("each does a step once for every item, in order of the list, each with a key of its own", async () => {
    const keys: string[] = [];
    const workflow = create([
      {
        name: "double",
        each: "input.items",
        concurrency: 2,
        run: async ({ item, index, key }) => {
          keys.push(key);
          // The first is the last to end.
          for (let tick = 0; tick < 3 - (index ?? 0); tick++)
            await new Promise((resolve) => setImmediate(resolve));
          return Number(item) * 2;
        },
      },
    ]);
    const outcome = await runWorkflow(workflow, { id: "1", input: { items: [1, 2, 3] } });
    expect(outcome.output).toEqual([2, 4, 6]);
    expect(keys).toEqual(["w/1/double/0", "w/1/double/1", "w/1/double/2"]);
    const one = await runWorkflow(workflow, { id: "2", input: { items: [7] } });
    expect(one.output).toEqual([14]);
    const none = await runWorkflow(workflow, { id: "3", input: {} });
    expect(none.output).toEqual([]);
  });

  test("a graph is a step, and what it gives is kept as JSON", async () => {
    const inner = new StateGraph(new StateSchema({ n: z.number() }))
      .addNode("add", ({ n }) => ({ n: n + 1 }))
      .addEdge(START, "add")
      .compile();
    const workflow = create([{ name: "inner", graph: inner, args: "{ 'n': input.n }", keep: "result.n" }]);
    expect(await runWorkflow(workflow, { id: "1", input: { n: 1 } })).toMatchObject({ output: 2 });
  });

  test("tells what happens, as custom events of the graph too", async () => {
    const events: WorkflowEvent[] = [];
    const workflow = create([{ name: "a", run: () => 1 }]);
    await runWorkflow(workflow, { id: "1", input: {}, onEvent: (event) => events.push(event) });
    expect(
      events.map(({ type, status }: WorkflowEvent & { status?: string }) => `${type} ${status}`),
    ).toEqual(["run accepted", "step started", "step done", "run done"]);
    const streamed: unknown[] = [];
    const stream = await create([{ name: "a", run: () => 1 }]).stream(
      { input: {} },
      { configurable: { thread_id: "2" }, streamMode: "custom" },
    );
    for await (const event of stream) streamed.push(event);
    expect(streamed).toHaveLength(3);
  });

  test("its picture has the steps in the order in which they need each other", async () => {
    const workflow = create([
      { name: "a", run: () => 1, compensate: () => {} },
      { name: "b", needs: [], run: () => 1 },
      { name: "c", needs: ["a", "b"], run: () => 1 },
    ]);
    const { edges } = (await workflow.getGraphAsync()).toJSON() as {
      edges: { source: string; target: string }[];
    };
    const drawn = edges.map(({ source, target }) => `${source} -> ${target}`);
    expect(drawn).toEqual(
      expect.arrayContaining(["check input -> a", "check input -> b", "a -> c", "b -> c", "c -> __end__"]),
    );
  });
});

describe("a definition that cannot be run", () => {
  const order = tool(async () => 1, { name: "order", description: "Orders.", schema: z.object({}) });
  const bad: [string, WorkflowStep[], RegExp][] = [
    [
      "a tool that is not there",
      [{ name: "a", call: "ordr" }],
      /steps\[0\]\.call there is no tool 'ordr'; did you mean 'order'/,
    ],
    [
      "a name twice",
      [
        { name: "a", value: "1" },
        { name: "a", value: "1" },
      ],
      /'a' is the name of another step/,
    ],
    ["a name with a space", [{ name: "a b", value: "1" }], /steps\[0\]\.name/],
    [
      "no kind",
      [{ name: "a" } as WorkflowStep],
      /exactly one of call, run, graph, value, approve, and has none/,
    ],
    ["two kinds", [{ name: "a", value: "1", call: "order" } as WorkflowStep], /and has call and value/],
    ["a misspelt key", [{ name: "a", value: "1", neds: "b" } as WorkflowStep], /neds/],
    ["an unknown need", [{ name: "a", needs: "b", value: "1" }], /there is no step 'b'/],
    [
      "a circle",
      [
        { name: "a", needs: "b", value: "1" },
        { name: "b", needs: "a", value: "1" },
      ],
      /need each other in a circle, so that none can begin: a -> b -> a/,
    ],
    ["an expression that cannot be read", [{ name: "a", value: "1 +" }], /step 'a', value.*character/],
    [
      "a result that is not there yet",
      [
        { name: "a", value: "steps.b" },
        { name: "b", value: "1" },
      ],
      /step.* 'a', value names the result of 'b', which does not come before/,
    ],
    ["a function that is not there", [{ name: "a", run: "work" }], /there is no function 'work'/],
    ["a graph that is not there", [{ name: "a", graph: "agent" }], /there is no graph 'agent'/],
    ["a number of retries that is none", [{ name: "a", value: "1", retry: -1 }], /steps\[0\]\.retry/],
    [
      "a preview that may change things",
      [{ name: "a", approve: { preview: "order" } }],
      /does not say that it is read-only/,
    ],
  ];

  test.each(bad)("%s is told before anything runs", async (_, steps, message) => {
    const error = await failure(Promise.resolve().then(() => create(steps, { tools: [order] })));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toMatch(message);
  });

  test("all that is wrong is told at once", async () => {
    const steps = [
      { name: "a", call: "x" },
      { name: "b", call: "y" },
      { name: "c", value: "(" },
    ];
    const error = await failure(Promise.resolve().then(() => create(steps)));
    expect((error.data.faults as unknown[]).length).toBe(3);
  });
});

describe("a step that fails", () => {
  test("has what was done before undone, the last first, each with a key of its own", async () => {
    const { done, keys, step } = createLog();
    const workflow = create([step("a"), step("b"), { name: "c", run: fails }, step("d")]);
    const outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(outcome).toMatchObject({ status: "undone", error: { message: "it broke", step: "c" } });
    expect(done).toEqual(["a", "b", "unb", "una"]);
    expect(keys.slice(2)).toEqual(["w/1/b/undo", "w/1/a/undo"]);
    expect(outcome.undone.map(({ step: name, status }) => `${name} ${status}`)).toEqual([
      "b undone",
      "a undone",
    ]);
  });

  test("undoes parallel steps by when they ended, and the items of a list one by one", async () => {
    const { done, step } = createLog();
    let endLate = (): void => {};
    const late = new Promise<void>((resolve) => {
      endLate = resolve;
    });
    const workflow = create([
      step("late", { needs: [], run: async () => late.then(() => void done.push("late")) }),
      step("early", { needs: [], run: () => void done.push("early") }),
      {
        name: "items",
        needs: "early",
        each: "[1, 2]",
        concurrency: 1,
        run: ({ item }) => {
          done.push(`item ${item}`);
          if (item === 2) endLate();
        },
        compensate: ({ index }) => void done.push(`unitem ${index}`),
      },
      { name: "bad", needs: ["late", "items"], run: fails },
    ]);
    await runWorkflow(workflow, { id: "1", input: {} });
    expect(done.slice(0, 4)).toEqual(["early", "item 1", "item 2", "late"]);
    const back = done.slice(4);
    expect(back).toHaveLength(4);
    expect(back.indexOf("unitem 1")).toBeLessThan(back.indexOf("unitem 0"));
    expect(back.at(-1)).toBe("unearly");
    expect(back.indexOf("unlate")).toBeLessThan(back.indexOf("unearly"));
  });

  test("is tried again as often as it says, with the same key", async () => {
    const clock = new FakeClock();
    const keys: string[] = [];
    const workflow = create(
      [
        {
          name: "a",
          retry: { times: 2, delayMs: 100 },
          run: ({ key, attempt }) => {
            keys.push(key);
            if (attempt < 3) fails();
            return attempt;
          },
        },
      ],
      { clock },
    );
    const running = runWorkflow(workflow, { id: "1", input: {} });
    await settle(clock, running);
    expect(await running).toMatchObject({ status: "done", output: 3 });
    expect(keys).toEqual(["w/1/a", "w/1/a", "w/1/a"]);
    expect(clock.pending).toBe(0);
  });

  test("that took too long may have done its work, so it is undone as well", async () => {
    const clock = new FakeClock();
    const { done, step } = createLog();
    const workflow = create([step("a"), step("b", { timeoutMs: 1000, run: () => new Promise(() => {}) })], {
      clock,
    });
    const running = runWorkflow(workflow, { id: "1", input: {} });
    await settle(clock, running);
    const outcome = await running;
    expect(outcome.error).toMatchObject({ code: "TIMEOUT", step: "b" });
    expect(done).toEqual(["a", "unb", "una"]);
    expect(clock.pending).toBe(0);
  });

  test("that is optional is let go, with null for its result", async () => {
    const workflow = create([
      { name: "a", optional: true, run: fails },
      { name: "b", value: "steps.a = null" },
    ]);
    expect(await runWorkflow(workflow, { id: "1", input: {} })).toMatchObject({
      status: "done",
      output: true,
    });
  });

  test("lets those that run end, and begins no other", async () => {
    const { done, step } = createLog();
    let endSlow = (): void => {};
    const slow = new Promise<void>((resolve) => {
      endSlow = resolve;
    });
    const workflow = create([
      step("slow", { needs: [], run: () => slow.then(() => void done.push("slow")) }),
      {
        name: "bad",
        needs: [],
        run: () => {
          setImmediate(endSlow);
          fails();
        },
      },
      step("after", { needs: "slow" }),
    ]);
    const outcome = await runWorkflow(workflow, { id: "1", input: {} });
    expect(outcome.status).toBe("undone");
    expect(done).toEqual(["slow", "unslow"]);
  });

  test("a compensation that keeps failing is reported, the others are done, and it can be tried again", async () => {
    const clock = new FakeClock();
    const { done, step } = createLog();
    let isBroken = true;
    const workflow = create(
      [
        step("a"),
        step("b", {
          compensate: () => {
            if (isBroken) fails();
            done.push("unb");
          },
        }),
        { name: "c", run: fails },
      ],
      { clock },
    );
    const running = runWorkflow(workflow, { id: "1", input: {} });
    await settle(clock, running);
    const outcome = await running;
    expect(outcome.status).toBe("failed");
    expect(outcome.undone).toMatchObject([
      { step: "b", status: "failed", attempts: 6, error: { message: "it broke" } },
      { step: "a", status: "undone" },
    ]);
    isBroken = false;
    const again = await undoWorkflow(workflow, { id: "1" });
    expect(again.status).toBe("undone");
    expect(done).toEqual(["a", "b", "una", "unb"]);
  });

  test("a run that takes too long is undone", async () => {
    const clock = new FakeClock();
    const { done, step } = createLog();
    const workflow = create([step("a"), { name: "wait", run: () => clock.sleep(5000) }, step("b")], {
      clock,
      timeoutMs: 1000,
    });
    const running = runWorkflow(workflow, { id: "1", input: {} });
    await settle(clock, running);
    expect(await running).toMatchObject({ status: "undone", error: { code: "TIMEOUT" } });
    expect(done).toEqual(["a", "una"]);
  });
});

describe("runWorkflow()", () => {
  test("said again of a run that is over does nothing and gives the same", async () => {
    const { done, step } = createLog();
    const workflow = create([step("a")]);
    const first = await runWorkflow(workflow, { id: "1", input: { n: 1 } });
    expect(await runWorkflow(workflow, { id: "1", input: { n: 1 } })).toEqual(first);
    expect(await runWorkflow(workflow, { id: "1" })).toEqual(first);
    expect(done).toEqual(["a"]);
  });

  test("twice at once is one run", async () => {
    const { done, step } = createLog();
    const workflow = create([step("a"), step("b")]);
    const both = [1, 2].map(() => runWorkflow(workflow, { id: "1", input: {} }));
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(done).toEqual(["a", "b"]);
  });

  test("refuses another input for a known run, no input for an unknown one, and one that does not fit", async () => {
    const { done, step } = createLog();
    const workflow = create([step("a")], { input: z.object({ n: z.number() }) });
    expect((await failure(runWorkflow(workflow, { id: "1" }))).code).toBe("INVALID_ARGUMENTS");
    const misfit = await failure(runWorkflow(workflow, { id: "1", input: { n: "x" } }));
    expect(misfit.message).toMatch(/input\.n/);
    expect(done).toEqual([]);
    await runWorkflow(workflow, { id: "1", input: { n: 1 } });
    const other = await failure(runWorkflow(workflow, { id: "1", input: { n: 2 } }));
    expect(other.code).toBe("IDEMPOTENCY_CONFLICT");
    const schema = create([step("a")], {
      input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    });
    expect((await failure(runWorkflow(schema, { id: "1", input: {} }))).code).toBe("INVALID_ARGUMENTS");
  });

  test("a run of one workflow is not gone on with by another", async () => {
    const checkpointer = new MemorySaver();
    await runWorkflow(create([{ name: "a", value: "1" }], { graph: { checkpointer } }), {
      id: "1",
      input: {},
    });
    const other = createWorkflow({
      name: "other",
      steps: [{ name: "a", value: "1" }],
      graph: { checkpointer },
    });
    expect((await failure(runWorkflow(other, { id: "1" }))).message).toMatch(/one of the workflow 'w'/);
    expect(await getRun(other, "1")).toBeUndefined();
  });

  test("needs a checkpointer", async () => {
    const workflow = createWorkflow({ name: "w", steps: [{ name: "a", value: "1" }] });
    expect((await failure(runWorkflow(workflow, { id: "1", input: {} }))).code).toBe("CONFIG_INVALID");
    expect(await workflow.invoke({ input: {} })).toMatchObject({ output: 1, run: { status: "done" } });
  });

  test("settles at once when it is cancelled, and goes on from there", async () => {
    const { done, step } = createLog();
    const stop = new AbortController();
    let isStuck = true;
    const workflow = create([
      step("a"),
      step("b", {
        run: ({ key }) => {
          done.push(key);
          if (!isStuck) return 1;
          setImmediate(() => stop.abort());
          return new Promise(() => {});
        },
      }),
    ]);
    const error = await failure(runWorkflow(workflow, { id: "1", input: {}, signal: stop.signal }));
    expect(error.code).toBe("CANCELLED");
    isStuck = false;
    expect((await runWorkflow(workflow, { id: "1" })).status).toBe("done");
    expect(done).toEqual(["a", "w/1/b", "w/1/b"]);
  });

  test("of a thread with a run that is not over refuses another input", async () => {
    const stop = new AbortController();
    const workflow = create([
      {
        name: "a",
        run: () => {
          setImmediate(() => stop.abort());
          return new Promise(() => {});
        },
      },
    ]);
    await failure(runWorkflow(workflow, { id: "1", input: { n: 1 }, signal: stop.signal }));
    const again = workflow.invoke({ input: { n: 2 } }, { configurable: { thread_id: "1" } });
    expect((await failure(again)).message).toMatch(/is not over/);
  });

  test("a thread may have one run after the other, each with keys of its own", async () => {
    const { keys, step } = createLog();
    const workflow = create([step("a")]);
    const config = { configurable: { thread_id: "1" } };
    await workflow.invoke({ input: { n: 1 } }, config);
    const { run } = await workflow.invoke({ input: { n: 2 } }, config);
    expect(run).toMatchObject({ id: expect.stringMatching(/^1\/2-/), status: "done" });
    expect(keys).toEqual(["w/1/a", `w/${run?.id}/a`]);
  });
});

describe("undoWorkflow()", () => {
  test("undoes a run that is done", async () => {
    const { done, step } = createLog();
    const workflow = create([step("a"), step("b")]);
    await runWorkflow(workflow, { id: "1", input: {} });
    const outcome = await undoWorkflow(workflow, { id: "1", reason: "the order was called off" });
    expect(outcome).toMatchObject({
      status: "undone",
      error: { code: "CANCELLED", message: "the order was called off" },
    });
    expect(done).toEqual(["a", "b", "unb", "una"]);
    expect(await undoWorkflow(workflow, { id: "1" })).toMatchObject({ status: "undone" });
    expect(done).toHaveLength(4);
  });

  test("undoes a run that waits, of parallel steps too, and asks nobody any more", async () => {
    const { done, step } = createLog();
    const workflow = create([
      step("a", { needs: [] }),
      step("b", { needs: [] }),
      { name: "ask", needs: ["a"], approve: {} },
      step("c", { needs: ["ask", "b"] }),
    ]);
    expect((await runWorkflow(workflow, { id: "1", input: {} })).status).toBe("waiting");
    const outcome = await undoWorkflow(workflow, { id: "1" });
    expect(outcome).toMatchObject({ status: "undone", approvals: [] });
    expect(done.slice(2).sort()).toEqual(["una", "unb"]);
  });

  test("knows nothing of a run that is not there", async () => {
    expect((await failure(undoWorkflow(create([{ name: "a", value: "1" }]), { id: "1" }))).code).toBe(
      "INVALID_ARGUMENTS",
    );
  });
});

describe("a definition that changes while a run is on its way", () => {
  async function stopped(definition: Partial<WorkflowOptions> = {}) {
    const checkpointer = new MemorySaver();
    const { done, step } = createLog();
    const of = (steps: readonly WorkflowStep[], more: Partial<WorkflowOptions> = {}) =>
      create(steps, { graph: { checkpointer }, ...definition, ...more });
    await runWorkflow(of([step("a"), { name: "ask", approve: {} }, step("b")]), { id: "1", input: {} });
    return { done, step, of };
  }

  test("is refused, and nothing is done", async () => {
    const { done, step, of } = await stopped();
    const changed = of([step("a"), { name: "ask", approve: { people: 2 } }, step("c")]);
    const error = await failure(runWorkflow(changed, { id: "1" }));
    expect(error.code).toBe("DEFINITION_CHANGED");
    expect(error.data.changes).toEqual(["step 'ask' has changed", "step 'b' is gone", "step 'c' is new"]);
    expect((await failure(undoWorkflow(changed, { id: "1" }))).code).toBe("DEFINITION_CHANGED");
    await expect(changed.invoke(null, { configurable: { thread_id: "1" } })).rejects.toThrow(
      "another definition",
    );
    expect(done).toEqual(["a"]);
  });

  test("by its version alone, too; how a step is tried is no change", async () => {
    const { step, of } = await stopped();
    const same = [step("a"), { name: "ask", approve: {} }, step("b", { retry: 3, timeoutMs: 1000 })];
    expect((await runWorkflow(of(same), { id: "1" })).status).toBe("waiting");
    expect((await failure(runWorkflow(of(same, { version: "2" }), { id: "1" }))).message).toMatch(
      /version 1 became 2/,
    );
  });

  test("goes on when the workflow says how", async () => {
    const { done, step, of } = await stopped();
    const changed = of([step("first"), step("b")], {
      version: "2",
      migrate: ({ version, steps }) => (version === "1" && steps.a ? { first: steps.a } : undefined),
    });
    const outcome = await runWorkflow(changed, { id: "1" });
    expect(outcome.status).toBe("done");
    expect(done).toEqual(["a", "b"]);
  });

  test("is refused where migrate says nothing, or keeps what is not there", async () => {
    const { step, of } = await stopped();
    const refusing = of([step("b")], { migrate: () => undefined });
    expect((await failure(runWorkflow(refusing, { id: "1" }))).code).toBe("DEFINITION_CHANGED");
    const wrong = of([step("b")], { migrate: ({ steps }) => steps });
    expect((await failure(runWorkflow(wrong, { id: "1" }))).message).toMatch(
      /kept steps that it does not have: a/,
    );
  });
});

/** Moves the clock on until the work is over. */
async function settle(clock: FakeClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  work.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  for (let round = 0; round < 2000 && !isOver; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
}
