import { Annotation, Command, InMemoryStore, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { type Call, createCall } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { isBatonError } from "../../src/core/errors.js";
import { approve } from "../../src/middleware/approve.js";

/** A graph whose calls go by rules that may be others at each run, as a factory makes them from the run's options. */
function graphs() {
  const ran: string[] = [];
  const checkpointer = new MemorySaver();
  const store = new InMemoryStore();
  const state = Annotation.Root({ said: Annotation<string>() });
  const graphWith = (tools: readonly string[], keeps = true) => {
    const handler = compose([approve({ tools })], async (call: Call) => {
      ran.push(`${call.tool} ${JSON.stringify(call.args)}`);
      return { content: [{ type: "text", text: "done" }] };
    });
    const read = async (tool: string): Promise<string> => {
      const parts = { server: "crm", tool, args: { id: 7 }, hints: { readOnly: true } };
      const call = createCall({ ...parts, threadId: "1", toolCallId: tool });
      try {
        return (await handler(call)).isError ? "failed" : "done";
      } catch (error) {
        if (isBatonError(error)) return error.code;
        throw error;
      }
    };
    return new StateGraph(state)
      .addNode("read", async () => ({ said: await read("read") }))
      .addNode("look", async () => ({ said: await read("look") }))
      .addEdge(START, "read")
      .addEdge("read", "look")
      .compile({ checkpointer, ...(keeps && { store }) });
  };
  return { ran, graphWith };
}

const thread = { configurable: { thread_id: "1" } };
const decide = (decision: object) => new Command({ resume: { decisions: [decision] } }) as never;

describe("approve() after the rules have changed", () => {
  test("hears a person who was asked, though this run would ask nobody", async () => {
    const { ran, graphWith } = graphs();
    await graphWith(["crm.read"]).invoke({ said: "" }, thread);
    expect(ran).toEqual([]);
    const { said } = await graphWith([]).invoke(decide({ type: "reject" }), thread);
    expect(ran).toEqual(['look {"id":7}']);
    expect(said).toBe("done");
  });

  test("goes by the edit of a person who was asked", async () => {
    const { ran, graphWith } = graphs();
    await graphWith(["crm.read"]).invoke({ said: "" }, thread);
    const editedAction = { name: "read", args: { id: 8 } };
    await graphWith([]).invoke(decide({ type: "edit", editedAction }), thread);
    expect(ran).toEqual(['read {"id":8}', 'look {"id":7}']);
  });

  test("still waits when the thread goes on without an answer", async () => {
    const { ran, graphWith } = graphs();
    await graphWith(["crm.read"]).invoke({ said: "" }, thread);
    const later = graphWith([]);
    await later.invoke(null, thread);
    expect(ran).toEqual([]);
    expect((await later.getState(thread)).next).toEqual(["read"]);
  });

  test("runs nothing where the question is not known any more, and asks it anew", async () => {
    const { ran, graphWith } = graphs();
    await graphWith(["crm.read"], false).invoke({ said: "" }, thread);
    const later = graphWith([], false);
    const asked = await later.invoke(decide({ type: "approve" }), thread);
    expect(ran).toEqual([]);
    expect(asked).toMatchObject({ __interrupt__: [{ value: { actionRequests: [{ name: "read" }] } }] });
    await later.invoke(decide({ type: "reject" }), thread);
    expect(ran).toEqual(['look {"id":7}']);
  });

  test("asks nobody about calls that nobody was asked about", async () => {
    const { ran, graphWith } = graphs();
    await graphWith([]).invoke({ said: "" }, thread);
    expect(ran).toHaveLength(2);
  });
});
