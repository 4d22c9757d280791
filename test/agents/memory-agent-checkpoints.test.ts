import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  isToolMessage,
  RemoveMessage,
} from "@langchain/core/messages";
import { InMemoryStore, MemorySaver } from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { createMiddleware, fakeModel, type ToolRuntime, tool } from "langchain";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

const thread = { configurable: { thread_id: "1" } };
const textsOf = (messages: readonly BaseMessage[]) => messages.map(({ text }) => text);

/** Answers "Answer 1", "Answer 2", and so on; before each one it calls the tools named. */
function talker(turns: number, calls: readonly string[] = []) {
  const model = fakeModel();
  for (let turn = 1; turn <= turns; turn++) {
    if (calls.length > 0) {
      const tool_calls = calls.map((name) => ({ name, args: {}, id: randomUUID() }));
      model.respond(new AIMessage({ content: "", id: randomUUID(), tool_calls }));
    }
    model.respond(new AIMessage(`Answer ${turn}`));
  }
  return model;
}

function agentOver(checkpointer: BaseCheckpointSaver, model = talker(50), rest = {}) {
  return createMemoryAgent({ model, store: new InMemoryStore(), graph: { checkpointer }, ...rest });
}

function sqliteSaver(file = join(temporaryFolder(), "threads.db")): SqliteSaver {
  const saver = SqliteSaver.fromConnString(file);
  onTestFinished(() => void saver.db.close());
  return saver;
}

/** Bytes that a saver has of all threads. */
function bytesIn(saver: SqliteSaver): number {
  const sum = (sql: string) => (saver.db.prepare(sql).get() as { bytes: number }).bytes;
  return (
    sum("SELECT sum(length(checkpoint) + length(metadata)) AS bytes FROM checkpoints") +
    sum("SELECT sum(length(value)) AS bytes FROM writes")
  );
}

const state = tool(
  (_, runtime: ToolRuntime) => `sees ${(runtime.state as { messages: BaseMessage[] }).messages.length}`,
  {
    name: "state",
    description: "How many messages there are.",
    schema: z.object({}),
  },
);

/** What each turn adds to a store. */
async function growth(turns: number, rest: object, calls: readonly string[]): Promise<number[]> {
  const saver = sqliteSaver();
  const agent = agentOver(saver, talker(turns, calls), rest);
  const sizes: number[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    await agent.invoke({ messages: [new HumanMessage(`Question ${turn}`)] }, thread);
    sizes.push(bytesIn(saver));
  }
  return sizes.map((size, turn) => size - (sizes[turn - 1] ?? 0));
}

test.each([
  ["a turn", {}, []],
  ["a turn with tool calls", { tools: [state] }, ["state", "state"]],
  [
    "a turn around which middleware hooks run",
    {
      middleware: [
        createMiddleware({
          name: "Hooks",
          stateSchema: z.object({ turns: z.number().default(0) }),
          beforeModel: (known) => ({ turns: known.turns + 1 }),
        }),
      ],
    },
    [],
  ],
] as const)(
  "%s adds as much to the checkpoints of a long thread as to those of a short one",
  async (_, rest, calls) => {
    const added = await growth(12, rest, calls);
    expect(added[11]).toBeLessThan(1.1 * (added[2] ?? 0));
  },
);

test("tools see the whole conversation, also after a restart", async () => {
  const file = join(temporaryFolder(), "threads.db");
  const first = agentOver(sqliteSaver(file), talker(1, ["state"]), { tools: [state] });
  const { messages } = await first.invoke({ messages: [new HumanMessage("One")] }, thread);
  expect(messages.find((message) => isToolMessage(message))?.text).toBe("sees 2");
  const second = agentOver(sqliteSaver(file), talker(1, ["state"]), { tools: [state] });
  const after = await second.invoke({ messages: [new HumanMessage("Two")] }, thread);
  expect(after.messages.findLast((message) => isToolMessage(message))?.text).toBe("sees 6");
});

test("a message without an id has one, and the same, at every read", async () => {
  const agent = agentOver(sqliteSaver());
  await agent.invoke({ messages: "One" } as never, thread);
  await agent.invoke({ messages: [["user", "Two"], { role: "user", content: "Three" }] } as never, thread);
  await agent.updateState(thread, { messages: ["Four"] } as never);
  const idsNow = async () => (await agent.getState(thread)).values.messages.map(({ id }: BaseMessage) => id);
  const ids = await idsNow();
  expect(ids).toHaveLength(6);
  expect(new Set(ids).size).toBe(6);
  expect(ids).not.toContain(undefined);
  expect(await idsNow()).toEqual(ids);
});

test.each([
  ["MemorySaver", () => new MemorySaver()],
  ["SqliteSaver", () => sqliteSaver()],
])("history, time travel, forks and edits work over %s", async (_, saver) => {
  const agent = agentOver(saver());
  for (const question of ["One", "Two", "Three"]) {
    await agent.invoke({ messages: [new HumanMessage(question)] }, thread);
  }
  const snapshots = [];
  for await (const snapshot of agent.getStateHistory(thread)) snapshots.push(snapshot);
  const lengths = snapshots.map(({ values }) => values.messages?.length ?? 0);
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  expect(new Set(lengths)).toEqual(new Set([6, 5, 4, 3, 2, 1, 0]));

  // From the end of the first turn on, another conversation.
  const early = snapshots.find(({ values, next }) => values.messages?.length === 2 && next.length === 0);
  const fork = await agent.invoke({ messages: [new HumanMessage("Other")] }, early?.config);
  expect(textsOf(fork.messages)).toEqual(["One", "Answer 1", "Other", "Answer 4"]);
  expect(textsOf((await agent.getState(thread)).values.messages)).toEqual(textsOf(fork.messages));

  const [, answer] = fork.messages;
  const edit = [
    new AIMessage({ content: "Edited", id: answer?.id ?? "" }),
    new RemoveMessage({ id: fork.messages[2]?.id ?? "" }),
  ];
  await agent.updateState(thread, { messages: edit, working: { goal: "tea" } });
  const { values } = await agent.getState(thread);
  expect(textsOf(values.messages)).toEqual(["One", "Edited", "Answer 4"]);
  expect(values.working).toEqual({ goal: "tea" });
  await agent.updateState(thread, { working: null });
  const next = await agent.invoke({ messages: [new HumanMessage("Last")] }, thread);
  expect(textsOf(next.messages)).toEqual(["One", "Edited", "Answer 4", "Last", "Answer 5"]);
  expect(next.working).toEqual({});
});

test.each(["sync", "async", "exit"] as const)("a thread is whole with durability %s", async (durability) => {
  const file = join(temporaryFolder(), "threads.db");
  const ask = (agent: ReturnType<typeof agentOver>, question: string) =>
    agent.invoke({ messages: [new HumanMessage(question)] }, { ...thread, durability });
  const agent = agentOver(sqliteSaver(file), talker(2, ["state"]), { tools: [state] });
  await ask(agent, "One");
  await ask(agent, "Two");
  const { messages } = await ask(agentOver(sqliteSaver(file), talker(1)), "Three");
  expect(textsOf(messages)).toEqual([
    "One",
    "",
    "sees 2",
    "Answer 1",
    "Two",
    "",
    "sees 6",
    "Answer 2",
    "Three",
    "Answer 1",
  ]);
});

test("a thread longer than the distance between two whole lists is read back whole", async () => {
  const saver = sqliteSaver();
  const agent = agentOver(saver, talker(110));
  for (let turn = 1; turn <= 110; turn++) {
    const input = { messages: [new HumanMessage(`Question ${turn}`)] };
    await agent.invoke(input, { ...thread, durability: "exit" });
  }
  const texts = textsOf((await agent.getState(thread)).values.messages);
  expect(texts).toHaveLength(220);
  expect(texts.at(-2)).toBe("Question 110");
  const whole = saver.db
    .prepare("SELECT count(*) AS n FROM checkpoints WHERE CAST(checkpoint AS TEXT) LIKE '%delta_snapshot%'")
    .get();
  expect(whole).toEqual({ n: 1 });
});
