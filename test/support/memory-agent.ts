// A process of its own that talks to the memory agent: FOLDER THREAD USER TEXT. Text `null` goes on where it stopped.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { fakeModel, tool } from "langchain";
import { z } from "zod";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";

const [folder = "", thread = "", userId = "", text = ""] = process.argv.slice(2);
const store = sqliteStore(join(folder, "memory.db"));

/** Says on stdout that it runs; one of them never ends, until its process is killed. */
const work = (name: string, ends: boolean) =>
  tool(
    async () => {
      writeSync(1, `${name} runs\n`);
      if (!ends && text !== "null") await new Promise(() => setInterval(() => {}, 1000));
      return `${name} is done`;
    },
    { name, description: `The ${name} job.`, schema: z.object({}) },
  );

/** Has both jobs done at once, and then one word to say. */
const foreman = () => {
  const done = new AIMessage("Done.");
  if (text === "null") return fakeModel().respond(done);
  const calls = ["sweeping", "painting"].map((name) => ({ name, args: {}, id: name }));
  return fakeModel().respondWithTools(calls).respond(done);
};

const agent = createMemoryAgent({
  model: userId === "foreman" ? foreman() : "offline",
  tools: [work("sweeping", true), work("painting", false)],
  store,
  graph: { checkpointer: SqliteSaver.fromConnString(join(folder, "threads.db")) },
});
const config = { configurable: { thread_id: thread }, context: { userId } };
const { messages } = await agent.invoke(
  text === "null" ? null : { messages: [new HumanMessage(text)] },
  config,
);
writeSync(1, `${messages.map((message) => `${message.type}: ${message.text}`).join("\n")}\n`);
await store.close();
