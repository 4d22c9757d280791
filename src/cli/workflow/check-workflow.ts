import { loadTools } from "../../adapters/tools.js";
import type { Servers } from "../../mcp/servers.js";
import { note, print, printJson } from "../output.js";
import { type SessionOptions, withServers } from "../session.js";
import { isNeeded, type Named, namedIn } from "./named.js";

/** Without a configuration, whether its tools exist is all that stays open. */
export async function checkWorkflow(file: string, options: SessionOptions): Promise<void> {
  const [{ readWorkflow }, { createWorkflow }, { absent }] = await Promise.all([
    import("../../workflows/read-workflow.js"),
    import("../../workflows/workflow.js"),
    import("./absent.js"),
  ]);
  const definition = await readWorkflow(file);
  const named = namedIn(definition);
  // What is wrong with its form is told without waiting for servers.
  createWorkflow({ ...definition, ...absent(named) });
  const isConnected = options.config !== undefined && named.tools.length > 0;
  const check = async (servers: Servers, signal: AbortSignal): Promise<void> => {
    const onWarning = (warning: string): void => note(`warning: ${warning}`);
    const tools = await loadTools(servers, { signal, onWarning });
    createWorkflow({ ...definition, ...absent(named), tools });
  };
  if (isConnected) await withServers(options, check, isNeeded(named.tools));
  const { name, steps } = definition;
  if (options.json)
    return printJson({ file, workflow: name, steps: steps.length, ...named, toolsChecked: isConnected });
  print([`✓ ${name}: ${steps.length} steps`, ...openEnds(named, isConnected)].join("\n"));
}

function openEnds({ tools, functions, graphs }: Named, isConnected: boolean): readonly string[] {
  const line = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [`  ${what}: ${names.join(", ")}`];
  return [
    ...line(tools, isConnected ? "tools found" : "tools not looked for, as no --config is given"),
    ...line(functions, "functions that a program must bring"),
    ...line(graphs, "graphs that a program must bring"),
  ];
}
