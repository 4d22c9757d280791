import { fileURLToPath } from "node:url";
import { loadTools, standard } from "langbaton";
import { graphFactory } from "langbaton/agents/factory";
import { readWorkflow } from "langbaton/workflows/read-workflow";
import { createWorkflow } from "langbaton/workflows/workflow";

const use = standard();
const file = fileURLToPath(new URL("quarterly-review.json", import.meta.url));

/** The review of a quarter: a workflow in a file, with a sign-off for who wants one. */
export const graph = graphFactory({
  servers: new URL("mcp.json", import.meta.url),
  async create({ servers }) {
    return createWorkflow({ ...(await readWorkflow(file)), tools: await loadTools(servers, { use }) });
  },
});
