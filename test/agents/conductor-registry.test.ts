import { tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { createConductor } from "../../src/agents/conductor.js";
import { createRegistry } from "../../src/registry/registry.js";
import { conductingModel } from "../support/conducting-model.js";

const animals =
  "ant bat cat cow dog eel elk emu fox gnu hen jay koi owl pig ram rat sow yak ape asp auk".split(" ");
const ran: string[] = [];
const tools = animals.flatMap((animal) =>
  ["feed", "wash"].map((verb) =>
    tool(async () => `${verb} ${animal}: ${ran.push(`${verb}_${animal}`)}`, {
      name: `${verb}_${animal}`,
      description: `${verb === "feed" ? "Feeds" : "Washes"} the ${animal}.`,
      schema: z.object({}),
    }),
  ),
);

test("of many tools a specialist sees those that fit its task, finds others, and cannot call another's", async () => {
  const seen: (readonly string[])[] = [];
  const model = conductingModel({
    plan: [{ id: "t1", specialist: "keeper", objective: "Feed the owl." }],
    specialist: (asked) => {
      seen.push(asked.tools);
      const steps = asked.messages.filter(({ type }) => type === "ai").length;
      if (steps === 0) return [{ name: "feed_owl" }, { name: "wash_owl" }, { name: "feed_yak" }];
      if (steps === 1) return [{ name: "search_tools", args: { query: "feed the yak" } }];
      if (steps === 2) return [{ name: "feed_yak" }];
      return asked.messages
        .filter(({ type }) => type === "tool")
        .map(({ text }) => text)
        .join("\n");
    },
  });
  const agent = createConductor({
    model,
    tools: createRegistry(tools),
    specialists: [
      { name: "keeper", description: "feeds", tools: ["feed_*"] },
      { name: "washer", description: "washes", tools: ["wash_*"] },
    ],
  });
  const { messages } = await agent.invoke({ messages: "Feed the owl." });
  const answer = messages.at(-1)?.text ?? "";
  expect(seen[0]).toContain("feed_owl");
  expect(seen[0]).toContain("search_tools");
  expect(seen[0]?.length).toBeLessThan(10);
  expect(seen[0]?.some((name) => name.startsWith("wash"))).toBe(false);
  expect(seen[2]).toContain("feed_yak");
  expect(ran).toEqual(["feed_owl", "feed_yak"]);
  expect(answer).toContain("Error (DENIED): tool 'wash_owl'");
  expect(answer).toContain("The tool 'feed_yak' is not bound");
});
