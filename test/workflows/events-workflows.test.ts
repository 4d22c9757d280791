import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { resumeWorkflow, runWorkflow } from "../../src/workflows/run.js";
import { openThreads } from "../../src/workflows/threads.js";
import { createWorkflow, type WorkflowStep } from "../../src/workflows/workflow.js";
import { until } from "../support/processes.js";
import { events, folder } from "./events-support.js";

/** Events whose rule starts a real workflow over SQLite. */
async function withWorkflow(steps: readonly WorkflowStep[], limits = {}) {
  const place = folder();
  const threads = await openThreads(join(place, "threads.db"));
  onTestFinished(() => threads.close());
  const workflow = createWorkflow({
    name: "provision",
    steps,
    graph: { checkpointer: threads.checkpointer },
  });
  const { events: made } = events({
    journal: join(place, "events.db"),
    workflows: { provision: workflow },
    limits: { waitingMs: 20, baseMs: 10, ...limits },
  });
  await made.start();
  await made.deliver({ id: "a", type: "laptop.requested", data: { for: "ada" } });
  const state = async (wanted: string) => (await made.list())[0]?.state === wanted;
  return { made, workflow, state };
}

test("an event starts a workflow, which is given its data and leaves its run under the event's id", async () => {
  const seen: unknown[] = [];
  const { workflow, state } = await withWorkflow([
    { name: "order", run: ({ input, run }) => void seen.push([input, run.id]) },
    { name: "say", value: "'for ' & input.for" },
  ]);
  await until(() => state("done"), "it is done");
  expect(seen).toEqual([[{ for: "ada" }, "a/laptops"]]);
  expect(await runWorkflow(workflow, { id: "a/laptops" })).toMatchObject({
    status: "done",
    output: "for ada",
  });
});

test("a workflow that asks a person waits, does nothing again, and goes on when somebody has decided", async () => {
  let asked = 0;
  let ordered = 0;
  const { made, workflow, state } = await withWorkflow([
    { name: "quote", run: () => ++asked },
    { name: "agree", approve: { args: { what: "a laptop" } } },
    { name: "order", run: () => ++ordered },
  ]);
  await until(() => state("waiting"), "it waits");
  const known = await runWorkflow(workflow, { id: "a/laptops" });
  expect(known.status).toBe("waiting");
  await resumeWorkflow(workflow, {
    id: "a/laptops",
    interrupt: known.approvals[0]?.interrupt ?? "",
    decision: { type: "approve" },
  });
  await until(() => state("done"), "it is done");
  expect([asked, ordered]).toEqual([1, 1]);
  expect(await made.list()).toMatchObject([{ state: "done", attempts: 1 }]);
});

test("a workflow that fails is undone and dead, and is done when it is retried and nothing is in its way", async () => {
  const log: string[] = [];
  let isBroken = true;
  const { made, state } = await withWorkflow([
    { name: "reserve", run: () => void log.push("reserve"), compensate: () => void log.push("release") },
    {
      name: "order",
      run: () => {
        if (isBroken) throw new Error("no stock");
        log.push("order");
      },
    },
  ]);
  await until(() => state("dead"), "it is dead");
  expect(await made.dead()).toMatchObject([
    { id: "a/laptops", error: { message: expect.stringMatching(/no stock.*undone/) } },
  ]);
  isBroken = false;
  await made.retry("a/laptops");
  await until(() => state("done"), "it is done");
  expect(log).toEqual(["reserve", "release", "reserve", "order"]);
});
