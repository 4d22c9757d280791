import { createMemoryAgent, type MemoryAgentGraph } from "langbaton/agents/memory-agent";
import { sqliteStore } from "langbaton/memory/stores/sqlite";

let agent: MemoryAgentGraph | undefined;

/** The agent that remembers its users, in one file. Opened at the first run. */
export function graph(): MemoryAgentGraph {
  agent ??= createMemoryAgent({
    model: process.env.LANGBATON_MODEL ?? "offline",
    store: sqliteStore(process.env.LANGBATON_MEMORY ?? ".langbaton/memory.db"),
  });
  return agent;
}
