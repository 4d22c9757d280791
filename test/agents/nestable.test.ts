import { Command, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createReact } from "../../src/agents/react.js";
import { DecidingModel, isAnswered } from "../support/deciding-model.js";

/** An agent with two calls in one turn, one of which asks a person; and how often each ran to its end. */
function asking() {
  const ran = { free: 0, asks: 0, models: 0 };
  const free = tool(async () => `free ${++ran.free}`, {
    name: "free",
    description: "Free.",
    schema: z.object({}),
  });
  const asks = tool(
    async () => {
      const answer = interrupt("may I?");
      return `${answer} ${++ran.asks}`;
    },
    { name: "asks", description: "Asks.", schema: z.object({}) },
  );
  const model = new DecidingModel((asked) => {
    ran.models++;
    return isAnswered(asked) ? "done" : [{ name: "free" }, { name: "asks" }];
  });
  return { ran, agent: createReact({ model, tools: [free, asks] }) };
}

type Agent = ReturnType<typeof asking>["agent"];

const nestings: Readonly<Record<string, (agent: Agent) => Parameters<typeof build>[0]>> = {
  "is a node": (agent) => agent,
  "is run by a node with its config": (agent) => (state: typeof MessagesAnnotation.State, config: object) =>
    agent.invoke(state, config),
  "is run by a node without it": (agent) => (state: typeof MessagesAnnotation.State) => agent.invoke(state),
};

// biome-ignore lint/suspicious/noExplicitAny: a node in any of LangGraph's forms
function build(node: any) {
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", node)
    .addEdge(START, "agent")
    .compile({ checkpointer: new MemorySaver() });
}

describe.each(Object.entries(nestings))("an agent that %s", (_, nest) => {
  const thread = { configurable: { thread_id: "1" } };

  test("runs no call again that had ended when another of its turn is answered", async () => {
    const { ran, agent } = asking();
    const outer = build(nest(agent));
    await outer.invoke({ messages: "Go." }, thread);
    expect(ran).toEqual({ free: 1, asks: 0, models: 1 });
    const { messages } = await outer.invoke(new Command({ resume: "yes" }), thread);
    expect(ran).toEqual({ free: 1, asks: 1, models: 2 });
    expect(messages.map(({ text }) => text)).toEqual(["Go.", "", "free 1", "yes 1", "done"]);
  });

  test("runs all of it again in a replay from before", async () => {
    const { ran, agent } = asking();
    const outer = build(nest(agent));
    await outer.invoke({ messages: "Go." }, thread);
    await outer.invoke(new Command({ resume: "yes" }), thread);
    const states = [];
    for await (const state of outer.getStateHistory(thread)) states.push(state);
    const before = states.find(({ next }) => next[0] === "agent");
    await outer.invoke(null, before?.config);
    expect(ran.models).toBeGreaterThan(2);
    expect(ran.free).toBe(2);
  });
});
