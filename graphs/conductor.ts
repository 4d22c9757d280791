import { loadTools, standard } from "langbaton";
import { createConductor } from "langbaton/agents/conductor";
import { approveOption, graphFactory, modelOption } from "langbaton/agents/factory";
import { approve } from "langbaton/middleware/approve";

const use = standard();
const analyst = { name: "analyst", description: "figures on people, projects and hours, from the database" };
const hr = { name: "hr", description: "policies, word for word and with their date" };

/** A conductor over the enterprise server, whose specialists each have tools of their own. */
export const graph = graphFactory({
  servers: new URL("mcp.json", import.meta.url),
  context: { model: modelOption(), approve: approveOption() },
  create: async ({ servers, context }) =>
    createConductor({
      model: context.model,
      tools: await loadTools(servers, { use: [approve({ tools: context.approve }), ...use] }),
      specialists: [
        { ...analyst, tools: ["enterprise.query_database", "enterprise.generate_report"] },
        { ...hr, tools: ["enterprise.search_knowledge_base"] },
      ],
    }),
});
