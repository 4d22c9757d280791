import { Command, InMemoryStore, MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { createConductor } from "../../src/agents/conductor.js";
import { approve } from "../../src/middleware/approve.js";
import type { CallRecord } from "../../src/middleware/audit.js";
import { standard } from "../../src/middleware/standard.js";
import { approved, edited, files, idsOf, turnedDown } from "../middleware/approve-bench.js";
import { conductingModel } from "../support/conducting-model.js";
import { type CallOf, isAnswered } from "../support/deciding-model.js";

const plan = [
  { id: "a", specialist: "reader", objective: "read and remove" },
  { id: "b", specialist: "cleaner", objective: "remove" },
];
const specialists = [
  { name: "reader", description: "reads", tools: ["files.read"] },
  { name: "cleaner", description: "removes", tools: ["files.remove", "files.read"] },
];
const call = (name: string, path: string): CallOf => ({ name, args: { path }, id: `${name} ${path}` });

describe("a specialist over a real server", () => {
  test("that names another's tool is refused and on record, while its own runs in the same turn", async () => {
    const { ran, load } = files();
    const records: CallRecord[] = [];
    const tools = await load(
      ...standard({ audit: { to: (record) => void records.push(record as CallRecord) } }),
    );
    const model = conductingModel({
      plan,
      specialist: (asked) => {
        if (isAnswered(asked))
          return asked.messages
            .filter(({ type }) => type === "tool")
            .map(({ text }) => text)
            .join(" | ");
        // The reader has read alone, and names the other's tool all the same.
        return asked.question === "remove"
          ? [call("remove", "old")]
          : [call("read", "a"), call("remove", "b")];
      },
    });
    const { work } = await createConductor({ model, tools, specialists }).invoke({ messages: "Tidy up." });
    expect(ran.sort()).toEqual(["read a", "remove old"]);
    expect(work.tasks[0]?.answer).toMatch(
      /^done \| Error \(DENIED\): .*agent 'reader' may use only files\.read/,
    );
    const known = records.map(
      ({ caller, tool, outcome }) => `${caller?.agent} ${tool} ${JSON.stringify(outcome)}`,
    );
    expect(known).toHaveLength(3);
    expect(known.find((line) => line.startsWith("reader remove"))).toContain("DENIED");
  });

  test("asks a person about some calls of a turn, and each has its own outcome", async () => {
    const { ran, load } = files();
    const model = conductingModel({
      plan: [plan[1] as (typeof plan)[number], { id: "c", specialist: "cleaner", objective: "look" }],
      specialist: (asked) => {
        if (isAnswered(asked))
          return asked.messages
            .filter(({ type }) => type === "tool")
            .map(({ text }) => text)
            .join(" | ");
        if (asked.question === "look") return [call("read", "other")];
        return [call("read", "x"), call("remove", "one"), call("remove", "two"), call("remove", "three")];
      },
    });
    const agent = createConductor({
      model,
      tools: await load(approve({ tools: "files.remove" })),
      specialists,
      graph: { checkpointer: new MemorySaver(), store: new InMemoryStore() },
    });
    const thread = { configurable: { thread_id: "1" } };
    const decisions: Record<string, unknown> = {
      one: approved,
      two: turnedDown,
      three: edited({ path: "four" }),
    };
    let result: unknown = await agent.invoke({ messages: "Tidy up." }, thread);
    // Free ones ran at once, in this specialist and in the other.
    expect(ran.toSorted()).toEqual(["read other", "read x"]);
    for (let round = 0; round < 3; round++) {
      const [[path = "", id = ""] = []] = Object.entries(idsOf(result));
      result = await agent.invoke(new Command({ resume: { [id]: decisions[path] } }), thread);
    }
    const { work } = result as Awaited<ReturnType<typeof agent.invoke>>;
    expect(ran.toSorted()).toEqual(["read other", "read x", "remove four", "remove one"]);
    expect(work.tasks[0]?.status).toBe("done");
    expect(work.tasks[0]?.answer).toMatch(/^done \| done \| Error \(REJECTED\): .*not today \| done$/);
  });
});
