import type { WorkflowDefinition } from "../../workflows/workflow.js";

/** What a definition names that somebody else must bring. */
export interface Named {
  /** Tools, `server.tool`, of steps, compensations and previews. */
  readonly tools: readonly string[];
  readonly functions: readonly string[];
  readonly graphs: readonly string[];
}

export function namedIn({ steps }: WorkflowDefinition): Named {
  const tools = steps.flatMap((step) => {
    const preview = "approve" in step ? step.approve.preview : undefined;
    return ["call" in step ? step.call : undefined, callOf(step.compensate), callOf(preview)];
  });
  const functions = steps.map((step) => ("run" in step ? step.run : undefined));
  const graphs = steps.map((step) => ("graph" in step ? step.graph : undefined));
  return { tools: texts(tools), functions: texts(functions), graphs: texts(graphs) };
}

/** Says of a server whether it has, by its name, any of these tools. A name without a server may be of any. */
export function isNeeded(tools: readonly string[]): (server: string) => boolean {
  return (server) => tools.some((name) => !name.includes(".") || name.startsWith(`${server}.`));
}

function callOf(said: unknown): unknown {
  return typeof said === "object" && said !== null && "call" in said ? said.call : said;
}

function texts(names: readonly unknown[]): readonly string[] {
  return [...new Set(names)].filter((name) => typeof name === "string");
}
