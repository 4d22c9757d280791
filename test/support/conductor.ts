// A process of its own that asks the conductor: FOLDER TEXT. Text `null` goes on where it stopped.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { tool } from "langchain";
import { z } from "zod";
import { createConductor } from "../../src/agents/conductor.js";
import { conductingModel } from "./conducting-model.js";
import { isAnswered } from "./deciding-model.js";

const [folder = "", text = ""] = process.argv.slice(2);

/** Says on stdout that it runs; one job never ends, until its process is killed. */
const work = tool(
  async ({ job }: { job: string }) => {
    writeSync(1, `${job} runs\n`);
    if (job === "painting" && text !== "null") await new Promise(() => setInterval(() => {}, 1000));
    return `${job} is done`;
  },
  { name: "work", description: "Does a job.", schema: z.object({ job: z.string() }) },
);

const model = conductingModel({
  plan: [
    { id: "a", specialist: "first", objective: "sweeping" },
    { id: "b", specialist: "second", objective: "washing, painting" },
    { id: "c", specialist: "first", objective: "polishing", needs: ["a"] },
    { id: "d", specialist: "first", objective: "admiring", needs: ["b", "c"] },
  ],
  write: "All is done [1] [2] [3] [4].",
  specialist: (asked) => {
    const jobs = asked.question.split(", ");
    if (isAnswered(asked)) return `${jobs.join(" and ")} are done`;
    return jobs.map((job) => ({ name: "work", args: { job }, id: job }));
  },
});

const agent = createConductor({
  model,
  tools: [work],
  specialists: [
    { name: "first", description: "cleans", tools: ["work"] },
    { name: "second", description: "paints", tools: ["work"] },
  ],
  graph: { checkpointer: SqliteSaver.fromConnString(join(folder, "threads.db")) },
});
const state = await agent.invoke(text === "null" ? null : { messages: text }, {
  configurable: { thread_id: "1" },
  durability: "sync",
});
writeSync(1, `models ${model.calls}\n${state.messages.at(-1)?.text}\n`);
