import { fileURLToPath } from "node:url";
import { connect, loadTools, type Servers, standard } from "langbaton";
import { type ConductorGraph, createConductor } from "langbaton/agents/conductor";

let servers: Promise<Servers> | undefined;
const analyst = { name: "analyst", description: "figures on people, projects and hours, from the database" };
const hr = { name: "hr", description: "policies, word for word and with their date" };

/** A conductor over the enterprise server, whose specialists each have tools of their own. */
export async function graph(): Promise<ConductorGraph> {
  servers ??= connect(fileURLToPath(new URL("mcp.json", import.meta.url))).catch((error) => {
    servers = undefined;
    throw error;
  });
  return createConductor({
    model: process.env.LANGBATON_MODEL ?? "offline",
    tools: await loadTools(await servers, { use: standard(), include: ["enterprise.*"] }),
    specialists: [
      { ...analyst, tools: ["enterprise.query_database", "enterprise.generate_report"] },
      { ...hr, tools: ["enterprise.search_knowledge_base"] },
    ],
  });
}
