import { fileURLToPath } from "node:url";
import { connect, loadTools, type Servers, standard } from "langbaton";
import { createReact, type ReactGraph } from "langbaton/agents/react";

let servers: Promise<Servers> | undefined;

/** The ReAct agent over the servers of `mcp.json`. Connected at the first run, once for all runs. */
export async function graph(): Promise<ReactGraph> {
  servers ??= connect(fileURLToPath(new URL("mcp.json", import.meta.url))).catch((error) => {
    // A server that is down now may be there at the next run.
    servers = undefined;
    throw error;
  });
  const tools = await loadTools(await servers, { use: standard() });
  return createReact({ model: process.env.LANGBATON_MODEL ?? "offline", tools });
}
