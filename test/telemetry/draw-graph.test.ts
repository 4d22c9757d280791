import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { AIMessage, fakeModel, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import { createReact } from "../../src/agents/react.js";
import { drawGraph, type GraphShape } from "../../src/telemetry/draw-graph.js";
import { createTestWorkflow, fails } from "../support/workflows.js";
import { absolute } from "./absolute.js";
import { expectApart, expectWellFormed, rectsOf, textsOf } from "./timeline-boxes.js";

const look = tool(async () => "Rex", { name: "look", description: "Looks.", schema: z.object({}) });
const workflow = () =>
  createTestWorkflow([
    { name: "reserve", run: () => 1, compensate: () => 0 },
    { name: "approve", approve: { risk: "high" } },
    { name: "order", run: () => 2, compensate: () => 0 },
  ]);
const hostile = '</text><script>alert("1")</script> & \u0000 写报告 😀';

function nested() {
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("think", () => ({}))
    .addNode("act", () => ({}))
    .addEdge(START, "think")
    .addConditionalEdges("think", () => END, ["act", END])
    .addEdge("act", "think")
    .compile();
  return new StateGraph(MessagesAnnotation)
    .addNode("plan", () => ({}))
    .addNode("work", inner)
    .addEdge(START, "plan")
    .addConditionalEdges("plan", () => "go", { go: "work", "nothing to do": END })
    .addEdge("work", END)
    .compile();
}

function expectGood(svg: string): void {
  expectWellFormed(svg);
  const width = Number(/width="([\d.]+)"/.exec(svg)?.[1]);
  const placed = absolute(svg);
  expectApart(textsOf(placed), width);
  expectApart(rectsOf(placed, "lb-node"), width);
}

/** The ways that a run took, as their titles say them. */
async function took(graph: Parameters<typeof drawGraph>[0], ran: readonly string[]): Promise<string[]> {
  const { svg } = await drawGraph(graph, { ran });
  const taken = svg.matchAll(/<title>([^<]*)<\/title><path class="[^"]*lb-took/g);
  return [...taken].map(([, way = ""]) => way);
}

describe("drawGraph()", () => {
  test("draws each kind of graph with no text over another, and tells it in words", async () => {
    const graphs = [
      createReact({ model: "offline", tools: [look] }),
      createMemoryAgent({ model: "offline", store: new InMemoryStore() }),
      workflow(),
      nested(),
    ];
    const texts: string[] = [];
    for (const graph of graphs)
      for (const direction of ["down", "right"] as const) {
        const { svg, text } = await drawGraph(graph, { direction, xray: true });
        expectGood(svg);
        if (direction === "down") texts.push(text);
      }
    expect(`${texts.join("\n\n")}\n`).toMatchInlineSnapshot(`
      "start → model_request ⇢ tools | end
      tools → model_request

      start → model_request ⇢ tools | memory.after_agent
      tools → model_request
      memory.after_agent → end

      start → check input → reserve → approve ⇢ (failed) undo steps
      approve → order ⇢ (failed) undo steps
      undo steps → end
      order → end ⇢ (failed) undo steps

      start → plan ⇢ (go) work:start | (nothing to do) end
      work:start → work:think ⇢ work:act | work:end
      work:act → work:think
      work:end → end
      "
    `);
  });

  test("frames what is inside of a sub-graph, and leaves it shut without xray", async () => {
    const open = await drawGraph(nested(), { xray: true });
    expect(rectsOf(open.svg, "lb-group")).toHaveLength(1);
    expect(textsOf(open.svg).map(({ what }) => what)).toContain("think");
    const shut = await drawGraph(nested());
    expect(rectsOf(shut.svg, "lb-group")).toEqual([]);
    expect(textsOf(shut.svg).map(({ what }) => what)).toEqual(
      expect.arrayContaining(["start", "plan", "work", "end", "nothing to do"]),
    );
  });

  test("of a run shows what ran, how often, and which ways it took", async () => {
    const model = fakeModel()
      .respondWithTools([{ name: "look", args: {}, id: "1" }])
      .respond(new AIMessage("It is Rex."));
    const agent = createReact({ model, tools: [look] });
    const ran: string[] = [];
    const updates = await agent.stream({ messages: "look at the dog" }, { streamMode: "updates" });
    for await (const update of updates) ran.push(...Object.keys(update));
    expect(ran).toEqual(["model_request", "tools", "model_request"]);
    // From a node that may also go on nobody knows that it did not.
    const { text: unknown } = await drawGraph(agent, { ran });
    expect(unknown).toBe("start → model_request ×2 ⇢ tools | end\ntools → model_request ×2");
    expect(await took(agent, ran)).toHaveLength(3);
    const { svg, text } = await drawGraph(agent, { ran: [...ran, END] });
    expectGood(svg);
    expect(text.split("\n")).toEqual(["start → model_request ×2 ⇢ tools | end", "tools → model_request ×2"]);
    expect(svg.match(/class="lb-edge lb-took/g)).toHaveLength(4);

    const waiting = await drawGraph(workflow(), { ran: ["check input", "reserve", "__interrupt__"] });
    expect(waiting.text).toContain("did not run: approve, order, undo steps, end");
    expect(waiting.svg.match(/class="lb-edge lb-took/g)).toHaveLength(2);
    const told = await drawGraph(workflow(), {
      ran: ["check input", "reserve", "__interrupt__"],
      waiting: ["approve"],
    });
    expectGood(told.svg);
    expect(told.text).toContain("did not run: order, undo steps, end\nwaits: approve");
    expect(told.svg).toMatch(/<title>approve<\/title><rect class="lb-node lb-waits"/);
    expect(await took(workflow(), ["check input", "__interrupt__", "__end__"])).not.toContain(
      "undo steps → __end__",
    );
    const untaken = await drawGraph(workflow(), { ran: [] });
    expect(untaken.svg).not.toMatch(/class="[^"]*lb-(ran|took)/);
  });

  test("takes a way by a condition only where nothing else led there", async () => {
    const graph: GraphShape = {
      nodes: ["a", "b", "c"].map((id) => ({ id })),
      edges: [
        { source: "a", target: "b", conditional: true },
        { source: "a", target: "c", conditional: true },
        { source: "b", target: "c" },
      ],
    };
    expect(await took(graph, ["a", "b", "c"])).toEqual(["a → b", "b → c"]);
    expect(await took(graph, ["a", "c"])).toEqual(["a → c"]);
    // Sent to three times at once.
    expect((await drawGraph(graph, { ran: ["a", "b", "b", "b", "c"] })).text).toContain("b ×3");
  });

  test("a workflow that undid itself reaches the end by its undoing alone", async () => {
    const failing = createTestWorkflow([
      { name: "reserve", run: () => 1, compensate: () => 0 },
      { name: "welcome", run: fails },
    ]);
    const ran: string[] = [];
    const updates = await failing.stream(
      { input: {} },
      { streamMode: "updates", configurable: { thread_id: "t" } },
    );
    for await (const update of updates) ran.push(...Object.keys(update));
    expect(ran).toEqual(expect.arrayContaining(["welcome", "undo steps"]));
    expect((await took(failing, ran)).sort()).toEqual([
      "__start__ → check input",
      "check input → reserve",
      "reserve → welcome",
      "undo steps → __end__",
      "welcome (failed) → undo steps",
    ]);
  });

  test("branches that ran side by side reach the end each for itself", async () => {
    const graph: GraphShape = {
      nodes: ["__start__", "a", "b", "__end__"].map((id) => ({ id })),
      edges: ["a", "b"].flatMap((id) => [
        { source: "__start__", target: id },
        { source: id, target: "__end__" },
      ]),
    };
    expect(await took(graph, ["a", "b"])).toHaveLength(4);
  });

  test("a run that broke off has not reached the end, unless its last node leads only there", async () => {
    const shape = (...ways: readonly string[]): GraphShape => ({
      nodes: [...new Set(ways.join(" ").replaceAll("?", "").split(" "))].map((id) => ({ id })),
      edges: ways.map((way) => {
        const [source = "", target = ""] = way.replace("?", "").split(" ");
        return { source, target, conditional: way.endsWith("?") };
      }),
    });
    const ends = async (graph: GraphShape, ...ran: string[]) =>
      (await took(graph, ran)).filter((way) => way.endsWith("__end__"));
    const chain = shape("__start__ a", "a b", "a __end__?", "b __end__");
    expect(await ends(chain, "a")).toEqual([]);
    expect(await ends(chain, "a", "b")).toEqual(["b → __end__"]);
    expect(await ends(chain, "a", END)).toEqual(["a → __end__"]);
    // The other branch broke.
    const branches = shape("__start__ a", "__start__ b", "a __end__", "b __end__");
    expect(await ends(branches, "a")).toEqual([]);
    expect(await ends(branches, "a", "b")).toHaveLength(2);
  });

  test("a run of many steps takes a time that grows with it, not with its square", async () => {
    const graph: GraphShape = {
      nodes: ["a", "b", "c", "never"].map((id) => ({ id })),
      edges: [
        { source: "a", target: "b", conditional: true },
        { source: "b", target: "a", conditional: true },
        { source: "never", target: "b", conditional: true },
        { source: "never", target: "a" },
        { source: "c", target: "c" },
      ],
    };
    const timeFor = async (steps: number) => {
      const ran = Array.from({ length: steps }, (_, step) => (step % 2 === 0 ? "a" : "b"));
      const begin = performance.now();
      await drawGraph(graph, { ran });
      return performance.now() - begin;
    };
    await timeFor(100);
    const short = await timeFor(8_000);
    // Sixteen times as many; their square is 256 times as much.
    expect(await timeFor(128_000)).toBeLessThan(64 * Math.max(short, 4));
  });

  test("ways that are told twice are one, with their count", async () => {
    const graph: GraphShape = {
      nodes: [{ id: "a" }, { id: "b" }],
      edges: [
        { source: "a", target: "b", conditional: true },
        { source: "a", target: "b", conditional: true },
        { source: "a", target: "b", conditional: true, data: "again" },
      ],
    };
    const { svg, text } = await drawGraph(graph);
    expect(svg.match(/class="lb-edge/g)).toHaveLength(2);
    expect(text).toBe("a ⇢ (2 ways) b | (again) b");
  });

  test.each([":a", "a:", ":", "a::b", "::"])("draws a node of the id '%s' by its whole name", async (id) => {
    const graph = { nodes: [{ id }, { id: "a" }], edges: [{ source: id, target: "a" }] };
    const { svg } = await drawGraph(graph);
    expectGood(svg);
    expect(textsOf(svg).map(({ what }) => what)).toContain(id);
  });

  test("draws what LangGraph's server answers, and names that are meant to break it", async () => {
    const graph: GraphShape = JSON.parse(
      JSON.stringify({
        nodes: [{ id: "__start__", type: "schema" }, { id: hostile, data: { name: "x" } }, { id: 3 }],
        edges: [
          { source: "__start__", target: hostile },
          { source: hostile, target: 3, data: '"]; a -> b <', conditional: true },
          { source: hostile, target: hostile, conditional: true },
        ],
      }),
    );
    const { svg, text } = await drawGraph(graph);
    expectGood(svg);
    expect(svg).not.toContain("<script");
    expect(text).toContain('⇢ ("]; a -> b <) 3');
  });

  test.each([
    ["no graph", { nodes: 1 }, "must be a compiled LangGraph graph"],
    ["no node", { nodes: [], edges: [] }, "has no node"],
    ["a loose edge", { nodes: [{ id: "a" }], edges: [{ source: "a", target: "b" }] }, "from 'a' to 'b'"],
    ["too many nodes", { nodes: Array.from({ length: 201 }, (_, id) => ({ id })), edges: [] }, "too large"],
  ])("says what is wrong with %s", async (_, graph, problem) => {
    await expect(drawGraph(graph as unknown as GraphShape)).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
      message: expect.stringContaining(problem),
    });
  });

  test.each([
    ["null", null],
    ["a direction that there is not", { direction: "up" }],
    ["no levels", { xray: "yes" }],
    ["half a level", { xray: 0.5 }],
    ["one name", { ran: "a" }],
    ["names that are none", { ran: [1n] }],
    ["waiting nodes that are none", { waiting: [null] }],
    ["a misspelt key", { raan: [] }],
  ])("refuses options of %s", async (_, options) => {
    const graph = { nodes: [{ id: "a" }], edges: [] };
    await expect(drawGraph(graph, options as object)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^drawGraph\(\): /),
    });
  });
});
