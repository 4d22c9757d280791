import { join } from "node:path";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { createConductor } from "../../src/agents/conductor.js";
import { run } from "../support/child.js";
import { conductingModel } from "../support/conducting-model.js";
import { until } from "../support/processes.js";
import { temporaryFolder } from "../support/stdio-fixture.js";
import { isStored } from "../support/stored.js";

const script = join(import.meta.dirname, "../support/conductor.ts");

test("a conductor that was killed goes on with the unfinished tool call alone", async () => {
  const folder = temporaryFolder();
  const args = (text: string): string[] => ["--import", "tsx", script, folder, text];
  const killed = await run(process.execPath, args("Do it all."), {
    onStart: async (child) => {
      const stored = () => isStored(folder, "polishing are done") && isStored(folder, "washing is done");
      await until(stored, "what ended is stored", 30_000);
      child.kill("SIGKILL");
    },
  });
  expect(killed.stdout.trim().split("\n").sort()).toEqual([
    "painting runs",
    "polishing runs",
    "sweeping runs",
    "washing runs",
  ]);

  const after = await run(process.execPath, args("null"));
  expect(after.code, after.stderr).toBe(0);
  const lines = after.stdout.split("\n");
  expect(lines.filter((line) => line.endsWith("runs"))).toEqual(["painting runs", "admiring runs"]);
  expect(after.stdout).toContain("All is done [1] [2] [3] [4].");
  // The end of painting, two for admiring, verify and write.
  expect(lines).toContain("models 5");
}, 90_000);

test("a task that waits for a person keeps what it had done when another process goes on", async () => {
  const runs: string[] = [];
  const work = tool(async ({ what }: { what: string }) => `${runs.push(what)} ran`, {
    name: "work",
    description: "Works.",
    schema: z.object({ what: z.string() }),
  });
  const approval = tool(async () => `they said ${interrupt("may I?")}`, {
    name: "approval",
    description: "Asks a person.",
    schema: z.object({}),
  });
  const checkpointer = new MemorySaver();
  // Another graph each time, as after a restart: nothing but the checkpoints is known to it.
  const agent = () =>
    createConductor({
      model: conductingModel({
        plan: [
          { id: "a", specialist: "worker", objective: "first" },
          { id: "b", specialist: "asker", objective: "second", needs: ["a"] },
          { id: "c", specialist: "worker", objective: "aside" },
        ],
        specialist: (asked) => {
          const results = asked.messages.filter(({ type }) => type === "tool");
          if (results.length === 0) return [{ name: "work", args: { what: asked.question } }];
          if (results.length === 1 && asked.tools.includes("approval")) return [{ name: "approval" }];
          return `${asked.system.includes("1 ran") ? "knows of a, " : ""}${results.map(({ text }) => text).join()}`;
        },
      }),
      tools: [work, approval],
      specialists: [
        { name: "worker", description: "works", tools: ["work"] },
        { name: "asker", description: "works and asks", tools: ["work", "approval"] },
      ],
      graph: { checkpointer },
    });
  const thread = { configurable: { thread_id: "1" } };
  await agent().invoke({ messages: "Do it." }, thread);
  expect(runs).toEqual(["first", "aside", "second"]);
  const { work: done } = await agent().invoke(new Command({ resume: "yes" }), thread);
  expect(runs).toEqual(["first", "aside", "second"]);
  expect(done.tasks.map(({ answer }) => answer)).toEqual([
    "1 ran",
    "knows of a, 3 ran,they said yes",
    "2 ran",
  ]);
});
