import { InMemoryStore } from "@langchain/langgraph";
import { tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { createBoard } from "../../src/agents/blackboard.js";
import { createConductor } from "../../src/agents/conductor.js";
import { conductingModel } from "../support/conducting-model.js";

/** Two specialists; the second waits until the first has posted what it found. */
function sharing(board: Parameters<typeof createConductor>[0]["board"]) {
  let posted = (): void => {};
  const isPosted = new Promise<void>((resolve) => {
    posted = resolve;
  });
  const wait = tool(async () => isPosted.then(() => "waited"), {
    name: "wait",
    description: "Waits.",
    schema: z.object({}),
  });
  const hold = tool(async () => "held", { name: "hold", description: "Holds.", schema: z.object({}) });
  const model = conductingModel({
    plan: [
      { id: "a", specialist: "finder", objective: "find" },
      { id: "b", specialist: "reader", objective: "read" },
    ],
    write: "It is so [1] [2].",
    specialist: ({ tools, messages }) => {
      const results = messages.filter(({ type }) => type === "tool").map(({ text }) => text);
      if (tools.includes("wait")) {
        if (results.length === 0) return [{ name: "wait" }];
        if (results.length === 1) return [{ name: "read_findings", args: { key: "rooms" } }];
        return results[1]?.includes("seven rooms") ? "There are seven." : "Nothing is known.";
      }
      if (results.length === 0) return [{ name: "hold" }];
      const sources = [{ label: "the plan of the house", tool: "hold" }];
      if (results.length === 1)
        return [{ name: "post_finding", args: { key: "rooms", value: "seven rooms", sources } }];
      posted();
      return "I posted it.";
    },
  });
  return createConductor({
    model,
    tools: [wait, hold],
    specialists: [
      { name: "finder", description: "finds", tools: ["hold"] },
      { name: "reader", description: "reads", tools: ["wait"] },
    ],
    ...(board && { board }),
  });
}

test("specialists see at once what another posts, and the report names where it comes from", async () => {
  const { work, board, messages } = await sharing(true).invoke({ messages: "How many rooms?" });
  expect(work.tasks.map(({ answer }) => answer)).toEqual(["I posted it.", "There are seven."]);
  expect(board.findings.map(({ key }) => key).sort()).toEqual(["find", "read", "rooms"]);
  expect(messages.at(-1)?.text).toContain("- [2] finder: the plan of the house");
});

test("a board in a store is shared by several runs", async () => {
  const store = new InMemoryStore();
  const board = createBoard({ store, namespace: ["house"] });
  const { work } = await sharing(board).invoke({ messages: "How many rooms?" });
  expect(work.tasks[1]?.answer).toBe("There are seven.");
  const other = createBoard({ store, namespace: ["house"] });
  expect((await other.findings({ key: "rooms" })).map(({ value }) => value)).toEqual(["seven rooms"]);
  expect(await other.findings()).toHaveLength(3);
});
