import type { Client } from "@langchain/langgraph-sdk";
import { expect } from "vitest";
import type { DevServer } from "../support/dev-server.js";

const QUESTION = "How many engineers do we have?";

/** What a newcomer does in the dev server of a new project: sees the agent, its form, and asks it on a thread. */
export async function expectFirstAnswer({ client, said }: DevServer): Promise<void> {
  const assistants = await client.assistants.search();
  expect(
    assistants.map(({ graph_id }) => graph_id),
    said(),
  ).toEqual(["agent"]);
  const id = assistants[0]?.assistant_id ?? "";
  const { input_schema: input, context_schema: context } = await client.assistants.getSchemas(id);
  expect(Object.keys(input?.properties ?? {})).toEqual(["messages"]);
  expect(Object.keys(context?.properties ?? {})).toEqual(["model", "systemPrompt", "approve"]);
  const { nodes } = await client.assistants.getGraph(id);
  expect(nodes.map((node) => node.id)).toEqual(expect.arrayContaining(["model_request", "tools"]));
  expect(await streamedAnswer(client), said()).toContain("128 employees");
}

/** The last message of a thread after a streamed run. */
async function streamedAnswer(client: Client): Promise<string> {
  const { thread_id: thread } = await client.threads.create();
  const input = { messages: [{ role: "user", content: QUESTION }] };
  let updates = 0;
  for await (const { event, data } of client.runs.stream(thread, "agent", { input, streamMode: "updates" })) {
    expect(event, JSON.stringify(data)).not.toBe("error");
    if (event === "updates") updates += 1;
  }
  // The model that calls, the tools, the model that answers.
  expect(updates).toBeGreaterThanOrEqual(3);
  const { values } = await client.threads.getState<{ messages: { content: unknown }[] }>(thread);
  return JSON.stringify(values.messages.at(-1)?.content);
}
