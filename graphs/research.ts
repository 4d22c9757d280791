import { fileURLToPath } from "node:url";
import { connect, loadTools, type Servers, standard } from "langbaton";
import { createResearch, type ResearchGraph, researchSources } from "langbaton/workflows/research";

let servers: Promise<Servers> | undefined;

/** Research over the company's policies and a folder of notes. Connected at the first run, once for all runs. */
export async function graph(): Promise<ResearchGraph> {
  servers ??= connect(fileURLToPath(new URL("research.json", import.meta.url))).catch((error) => {
    // A server that is down now may be there at the next run.
    servers = undefined;
    throw error;
  });
  const tools = await loadTools(await servers, { use: standard() });
  return createResearch({
    model: process.env.LANGBATON_MODEL ?? "offline",
    sources: researchSources(tools),
  });
}
