import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { createMemory } from "../../src/memory/memory.js";
import { drawGraph } from "../../src/telemetry/draw-graph.js";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { drawMemory } from "../../src/telemetry/draw-memory.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import type { Picture } from "../../src/telemetry/picture.js";
import { FakeClock } from "../support/fake-clock.js";
import { createTestWorkflow, fails } from "../support/workflows.js";
import { exampleCalls, exampleRun } from "./example-run.js";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5, 9);

/** The pictures of docs/pictures by their names; the same ones at every time. */
export async function examplePictures(): Promise<ReadonlyMap<string, Picture>> {
  return new Map([
    ["timeline", drawTimeline(await exampleRun())],
    ["latency", drawLatency(await exampleCalls())],
    ["graph", await exampleGraph()],
    ["memory", await exampleMemory()],
  ]);
}

/** A workflow whose last step fails, so that it is undone. */
async function exampleGraph(): Promise<Picture> {
  const workflow = createTestWorkflow([
    { name: "reserve", run: () => 1, compensate: () => 0 },
    { name: "approve", approve: { risk: "low", from: "high" } },
    { name: "order", run: fails, compensate: () => 0 },
    { name: "welcome", run: () => 2 },
  ]);
  const ran: string[] = [];
  const settings = { streamMode: "updates" as const, configurable: { thread_id: "example" } };
  // What undoes comes again for each step, until none is left: once is enough to show the way.
  for await (const update of await workflow.stream({ input: {} }, settings))
    ran.push(...Object.keys(update).filter((name) => name !== ran.at(-1)));
  return drawGraph(workflow, { ran, direction: "right" });
}

async function exampleMemory(): Promise<Picture> {
  const memory = createMemory({
    store: new InMemoryStore(),
    namespace: ["users", "alice"],
    clock: new FakeClock(START + 30 * DAY),
    shortTerm: { maxMessages: 6 },
  });
  const talk = (day: number, ...texts: readonly string[]) =>
    texts.map((text, index) => ({
      text,
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
      time: new Date(START + day * DAY + index * 60_000),
    }));
  await memory.remember(
    talk(
      2,
      "We want to see the sea this summer",
      "Then I would look at Lisbon, Split or Bergen: the water is near the town in each of them",
      "Bergen, but not in the rain",
      "June has the least of it",
      "Is the Astoria any good?",
      "It is quiet, by the harbour, and has rooms for three",
      "Book it for the second week, please",
      "Booked: 8 to 14 June, three persons, breakfast included",
      "And the train?",
      "It leaves Oslo at 8:25",
    ),
    { threadId: "holiday" },
  );
  await memory.remember(talk(19, "What is due this week?", "The report for March", "Thanks"), {
    threadId: "work",
  });
  const time = (day: number): Date => new Date(START + day * DAY);
  const [rome] = await memory.remember("Alice lives in Rome", { time: time(1) });
  await memory.remember("Alice is allergic to peanuts", { time: time(8) });
  await memory.remember("Alice lives in Oslo", { time: time(20), supersedes: rome?.id ?? "" });
  const found = await memory.recall("Where does Alice live?", { limit: 2 });
  const working = { goal: "find a train to Bergen", budget: 400, seats: 3 };
  return drawMemory(await memory.map(), { found, working });
}
