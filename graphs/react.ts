import { loadTools, standard } from "langbaton";
import { approveOption, graphFactory, modelOption, promptOption } from "langbaton/agents/factory";
import { createReact } from "langbaton/agents/react";
import { approve } from "langbaton/middleware/approve";

const use = standard();

/** The ReAct agent over the servers of `mcp.json`. */
export const graph = graphFactory({
  servers: new URL("mcp.json", import.meta.url),
  context: { model: modelOption(), systemPrompt: promptOption(), approve: approveOption() },
  async create({ servers, context: { model, systemPrompt, approve: tools } }) {
    return createReact({
      model,
      tools: await loadTools(servers, { use: [approve({ tools }), ...use] }),
      ...(systemPrompt && { systemPrompt }),
    });
  },
});
