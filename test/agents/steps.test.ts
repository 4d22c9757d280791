import type { BaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "langchain";
import { expect, test } from "vitest";
import { z } from "zod";
import { createSteps, type StepsOptions } from "../../src/agents/steps.js";
import { DecidingModel, isAnswered } from "../support/deciding-model.js";

const order: string[] = [];
const note = tool(async ({ what }: { what: string }) => `${order.push(what)}: ${what}`, {
  name: "note",
  description: "Notes.",
  schema: z.object({ what: z.string() }),
});
const other = tool(async () => "other", { name: "other", description: "Other.", schema: z.object({}) });

/** Notes its task, and says what it was given and which tools it has. */
const model = () =>
  new DecidingModel((asked) => {
    if (!isAnswered(asked)) return [{ name: "note", args: { what: asked.question } }];
    const given = [...asked.system.matchAll(/<finding of="([^"]*)"/g)].map(([, of]) => of);
    return `${asked.question} after [${given.join()}] with ${asked.tools.join()}`;
  });

test("createSteps() runs a plan in the order of its needs, each step with its own tools", async () => {
  order.length = 0;
  const review = createSteps({
    model: model(),
    tools: [note, other],
    agents: [{ name: "clerk", description: "notes", tools: ["note", "other"] }],
    steps: [
      { name: "end", task: "finish", agent: "clerk", needs: ["left", "right"] },
      { name: "left", task: "go left", agent: "clerk", tools: ["note"], needs: ["begin"] },
      { name: "right", task: "go right", tools: ["n*"], needs: ["begin"] },
      { name: "begin", task: "begin", tools: ["note"] },
    ],
  });
  const { messages, work } = await review.invoke({ messages: "Go." });
  expect(order).toEqual(["begin", "go left", "go right", "finish"]);
  expect(messages.at(-1)?.text).toBe("finish after [go left,go right] with note,other");
  expect(
    Object.fromEntries(work.tasks.map(({ id, specialist, answer }) => [id, `${specialist}: ${answer}`])),
  ).toEqual({
    end: "clerk: finish after [go left,go right] with note,other",
    left: "clerk: go left after [begin] with note",
    right: "right: go right after [begin] with note",
    begin: "begin: begin after [] with note",
  });
});

test("a step that fails leaves out those that need it, and says so", async () => {
  const broken = RunnableLambda.from((): string => {
    throw new Error("no paper");
  });
  const fine = RunnableLambda.from(({ messages }: { messages: BaseMessage[] }) => `${messages.length}`);
  const review = createSteps({
    model: "offline",
    agents: [
      { name: "broken", description: "fails", graph: broken as never },
      { name: "fine", description: "works", graph: fine as never },
    ],
    steps: [
      { name: "print", task: "print", agent: "broken" },
      { name: "post", task: "post", agent: "fine", needs: ["print"] },
      { name: "count", task: "count", agent: "fine" },
    ],
  });
  const { messages, work } = await review.invoke({ messages: "Go." });
  expect(work.tasks.map(({ status }) => status)).toEqual(["failed", "skipped", "done"]);
  expect(messages.at(-1)?.text).toBe(
    "## print\n\nNot done: no paper\n\n## post\n\nNot done: not begun: it needs 'print' (print), which failed\n\n## count\n\n1",
  );
});

test.each<[string, Partial<StepsOptions>, string]>([
  ["no steps", { steps: [] }, "steps must be a list of at least one step"],
  [
    "a name twice",
    {
      steps: [
        { name: "a", task: "x" },
        { name: "a", task: "y" },
      ],
    },
    "steps[1].name is 'a' like another's",
  ],
  [
    "an unknown need",
    {
      steps: [
        { name: "reading", task: "x" },
        { name: "b", task: "y", needs: ["raeding"] },
      ],
    },
    "did you mean 'reading'?",
  ],
  [
    "an unknown agent",
    { steps: [{ name: "a", task: "x", agent: "bob" }] },
    "steps[0].agent is 'bob', which is unknown; there are none",
  ],
  [
    "a circle",
    {
      steps: [
        { name: "a", task: "x", needs: ["b"] },
        { name: "b", task: "y", needs: ["a"] },
      ],
    },
    "'a', 'b' need each other",
  ],
  [
    "an unknown tool",
    { tools: [note], steps: [{ name: "a", task: "x", tools: ["note", "noet"] }] },
    "'noet' matches no tool; there are note",
  ],
  ["an unknown option", { plan: [] } as never, "plan is not known"],
  ["an unknown limit", { limits: { depth: 1 } } as never, "limits.depth is not known"],
  ["a bad limit", { limits: { parallel: 0 } }, "limits.parallel must be a whole number, 1 or more"],
])("createSteps() refuses %s before anything runs", (_, options, message) => {
  const complete = { model: "offline", steps: [{ name: "a", task: "x" }], ...options };
  expect(() => createSteps(complete)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }),
  );
});
