import { fileURLToPath } from "node:url";
import { connect, loadTools, type Servers, standard } from "langbaton";
import { readWorkflow } from "langbaton/workflows/read-workflow";
import { createWorkflow, type WorkflowGraph } from "langbaton/workflows/workflow";

let servers: Promise<Servers> | undefined;
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The review of a quarter, from a workflow in a file. Connected at the first run, once for all runs. */
export async function graph(): Promise<WorkflowGraph> {
  servers ??= connect(pathOf("mcp.json")).catch((error) => {
    // A server that is down now may be there at the next run.
    servers = undefined;
    throw error;
  });
  const tools = await loadTools(await servers, { use: standard() });
  return createWorkflow({ ...(await readWorkflow(pathOf("quarterly-review.json"))), tools });
}
