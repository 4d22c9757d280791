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
    const { svg, text } = await drawGraph(agent, { ran });
    expectGood(svg);
    expect(text.split("\n")).toEqual(["start → model_request ×2 ⇢ tools | end", "tools → model_request ×2"]);
    expect(svg.match(/class="lb-edge lb-took/g)).toHaveLength(4);

    const waiting = await drawGraph(workflow(), { ran: ["check input", "reserve", "__interrupt__"] });
    expect(waiting.text).toContain("did not run: approve, order, undo steps, end");
    expect(waiting.svg.match(/class="lb-edge lb-took/g)).toHaveLength(2);
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

  test("refuses a direction that there is not", async () => {
    const graph = { nodes: [{ id: "a" }], edges: [] };
    await expect(drawGraph(graph, { direction: "up" as "down" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
    });
  });
});
