import { AIMessage, type BaseMessage, isToolMessage } from "@langchain/core/messages";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent, createMiddleware, fakeModel } from "langchain";
import { expect, test } from "vitest";
import { createReact } from "../../src/agents/react.js";
import { createRegistry } from "../../src/registry/registry.js";
import { type Binding, type ToolboxOptions, toolbox, toolTokens } from "../../src/registry/toolbox.js";
import { invent, officeTools } from "./tools.js";

const call = (name: string, args: Record<string, unknown> = {}, id = name) => ({ name, args, id });
const turn = (...calls: ReturnType<typeof call>[]) => new AIMessage({ content: "", tool_calls: calls });
const done = new AIMessage("Done.");

/** An agent whose model says these lines, and what its model was given each time. */
function agentSaying(lines: readonly AIMessage[], options: ToolboxOptions = {}, tools = officeTools()) {
  const registry = createRegistry(tools);
  const seen: string[][] = [];
  const watch = createMiddleware({
    name: "Watch",
    wrapModelCall: (request, handler) => {
      seen.push(request.tools.map(({ name }) => name as string));
      return handler(request);
    },
  });
  const model = lines.reduce((each, line) => each.respond(line), fakeModel());
  const checkpointer = new MemorySaver();
  const agent = createReact({
    model,
    tools: [],
    middleware: [toolbox(registry, { preselect: 0, ...options }), watch],
    graph: { checkpointer },
  });
  return { agent, seen, registry, checkpointer };
}

const thread = { configurable: { thread_id: "1" } };
const answers = (messages: readonly BaseMessage[]) =>
  messages.filter(isToolMessage).map(({ name, status, text }) => ({ name, status, text }));

test("a search binds what it finds for the next step, where it runs", async () => {
  const { agent, seen } = agentSaying([
    turn(call("search_tools", { query: "draw a bar chart" })),
    turn(call("bar_chart", { values: [1, 2] })),
    done,
  ]);
  const { messages } = await agent.invoke({ messages: "Help me." }, thread);
  expect(seen[0]).toEqual(["search_tools"]);
  expect(seen[1]).toContain("bar_chart");
  const [found, drawn] = answers(messages);
  expect(found?.text).toContain("- bar_chart (drawing): Draws a bar chart of numbers.");
  expect(drawn).toEqual({ name: "bar_chart", status: "success", text: "bar_chart ran" });
});

test("a tool of the registry that was not found does not run", async () => {
  let deleted = 0;
  const tools = [
    invent("delete_all", "Deletes all.", { server: "s", run: () => ++deleted }),
    ...officeTools(),
  ];
  const { agent } = agentSaying([turn(call("delete_all"), call("no_such_tool")), done], {}, tools);
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  expect(deleted).toBe(0);
  const [refused, unknown] = answers(messages);
  expect(refused).toMatchObject({ name: "delete_all", status: "error" });
  expect(refused?.text).toContain("Call search_tools for it first");
  expect(unknown?.text).toContain("There is no tool 'no_such_tool'");
});

test("pinned tools are always there, by either of their names", async () => {
  const { agent, seen } = agentSaying(
    [turn(call("to_pdf", { documentPath: "a" }), call("ring_bell")), done],
    {
      pinned: ["office.to_pdf", "ring_bell"],
    },
  );
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  expect(seen[0]).toEqual(["search_tools", "to_pdf", "ring_bell"]);
  expect(answers(messages).map(({ status }) => status)).toEqual(["success", "success"]);
});

test("the tools for the user's message are there from the start", async () => {
  const { agent, seen } = agentSaying([turn(call("bar_chart", { values: [1] })), done], { preselect: 2 });
  const { messages } = await agent.invoke({ messages: "Draw a bar chart and book a meeting room." }, thread);
  expect(seen[0]).toEqual(expect.arrayContaining(["search_tools", "bar_chart", "book_room"]));
  expect(seen[0]).toHaveLength(3);
  expect(answers(messages)[0]?.status).toBe("success");
});

test("at most maxBound are bound: what was found last stays", async () => {
  const { agent, seen } = agentSaying(
    [
      turn(call("search_tools", { query: "water a plant" }, "1")),
      turn(call("search_tools", { query: "book a meeting room" }, "2")),
      turn(call("water_plant", { plantId: "1" }, "3")),
      done,
    ],
    { maxBound: 1 },
  );
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  expect(seen.slice(1, 3)).toEqual([
    ["search_tools", "water_plant"],
    ["search_tools", "book_room"],
  ]);
  expect(answers(messages).at(-1)).toMatchObject({ name: "water_plant", status: "error" });
});

test("two searches in one turn are both heard", async () => {
  const { agent, seen } = agentSaying([
    turn(call("search_tools", { query: "bell" }, "1"), call("search_tools", { query: "bar chart" }, "2")),
    done,
  ]);
  await agent.invoke({ messages: "Go." }, thread);
  expect(seen[1]).toEqual(expect.arrayContaining(["ring_bell", "bar_chart"]));
});

test("searches in one turn promise no more than is bound", async () => {
  const tools = ["boat", "kite"].flatMap((toy) =>
    Array.from({ length: 8 }, (_, at) => invent(`${toy}_${at}`, `Folds a ${toy}.`, { server: toy })),
  );
  const { agent, seen } = agentSaying(
    [turn(call("search_tools", { query: "boat" }, "1"), call("search_tools", { query: "kite" }, "2")), done],
    { maxBound: 8 },
    tools,
  );
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  const promised = answers(messages).flatMap(({ text }) => text.match(/(?<=^- )\w+/gm) ?? []);
  expect(promised).toHaveLength(8);
  expect(seen[1]).toEqual(expect.arrayContaining(promised));
});

test("more searches in one turn than can be bound are sent back", async () => {
  const searches = ["boat", "bell"].map((query) => call("search_tools", { query }, query));
  const { agent } = agentSaying([turn(...searches), done], { maxBound: 1 });
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  expect(answers(messages).map(({ status }) => status)).toEqual(["error", "error"]);
});

test("the model is told of 30 categories at most", async () => {
  const tools = Array.from({ length: 40 }, (_, at) =>
    invent(`t${at}`, "A thing.", { server: `server${at}` }),
  );
  const { agent } = agentSaying([turn(call("search_tools", { query: "zeppelin" })), done], {}, tools);
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  expect(answers(messages)[0]?.text).toMatch(/server35 and 10 more\.$/);
});

test("a registry with a tool of the name search_tools is refused", () => {
  expect(() => toolbox(createRegistry([invent("search_tools", "Mine.")]))).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: { faults: [expect.objectContaining({ path: "registry" })] },
    }),
  );
});

test("a search that finds nothing names the categories; so does one in a category that there is none of", async () => {
  const { agent } = agentSaying([
    turn(call("search_tools", { query: "zeppelin" }, "1")),
    turn(call("search_tools", { query: "plant", category: "garden" }, "2")),
    done,
  ]);
  const { messages } = await agent.invoke({ messages: "Go." }, thread);
  const [nothing, wrong] = answers(messages);
  expect(nothing).toMatchObject({ status: "success" });
  expect(nothing?.text).toContain("drawing, greenhouse, local, office, web");
  expect(wrong).toMatchObject({ status: "error" });
  expect(wrong?.text).toContain("'garden' is none");
});

test("what was found outlives an interrupt and a new process's agent", async () => {
  const asking = () => [
    invent("launch", "Launches the boat.", {
      server: "harbour",
      run: () => `launched: ${interrupt("sure?")}`,
    }),
  ];
  const registry = () => createRegistry([...asking(), ...officeTools()]);
  const checkpointer = new MemorySaver();
  const agentOf = (...lines: AIMessage[]) =>
    createAgent({
      model: lines.reduce((model, line) => model.respond(line), fakeModel()),
      tools: [],
      middleware: [toolbox(registry(), { preselect: 0 })],
      checkpointer,
    });
  const first = agentOf(turn(call("search_tools", { query: "launch the boat" })), turn(call("launch")));
  const stopped = await first.invoke({ messages: "Go." }, thread);
  expect(stopped).toHaveProperty("__interrupt__");
  const second = agentOf(turn(call("launch", {}, "again")));
  const { messages } = await second.invoke(new Command({ resume: "yes" }), thread);
  expect(answers(messages).find(({ name }) => name === "launch")?.text).toBe("launched: yes");
});

test("onBind hears what the definitions weigh", async () => {
  const heard: Binding[] = [];
  const { agent, registry } = agentSaying([turn(call("search_tools", { query: "ring the bell" })), done], {
    onBind: (binding) => heard.push(binding),
  });
  await agent.invoke({ messages: "Go." }, thread);
  const [before, after] = heard as [Binding, Binding];
  expect(before.bound).toEqual([]);
  expect(after.bound).toContain("ring_bell");
  const added = toolTokens(after.bound.map((name) => registry.get(name) as never));
  expect(added).toBeGreaterThan(0);
  expect(after.tokens).toBe(before.tokens + added);
  expect(after.allTokens).toBe(toolTokens(registry.tools));
});

test("a tool of the agent's own goes its way", async () => {
  const registry = createRegistry(officeTools());
  const agent = createAgent({
    model: fakeModel()
      .respond(turn(call("ring_bell")))
      .respond(done),
    tools: [invent("ring_bell", "Another bell.", { run: () => "the agent's own" })],
    middleware: [toolbox(registry, { pinned: ["ring_bell"] })],
  });
  const { messages } = await agent.invoke({ messages: "Go." });
  expect(answers(messages)[0]?.text).toBe("the agent's own");
});

test.each([
  ["a pinned tool that is not there", { pinned: ["ring_bel"] }, "pinned"],
  ["a bound of none", { maxBound: 0 }, "maxBound"],
  ["an unknown option", { pin: [] }, "pin"],
])("toolbox() refuses %s", (_, options, path) => {
  expect(() => toolbox(createRegistry(officeTools()), options as ToolboxOptions)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: { faults: [expect.objectContaining({ path })] },
    }),
  );
});
