import { graphFactory, modelOption, promptOption } from "langbaton/agents/factory";
import { createMemoryAgent } from "langbaton/agents/memory-agent";
import { sqliteStore } from "langbaton/memory/stores/sqlite";

let store: ReturnType<typeof sqliteStore> | undefined;

/** The agent that remembers its users, in one file. Opened at the first run. */
export const graph = graphFactory({
  context: { model: modelOption(), systemPrompt: promptOption() },
  create({ context: { model, systemPrompt } }) {
    store ??= sqliteStore(process.env.LANGBATON_MEMORY ?? ".langbaton/memory.db");
    return createMemoryAgent({ model, store, ...(systemPrompt && { systemPrompt }) });
  },
});
