import type { StructuredToolInterface } from "@langchain/core/tools";
import { fullName } from "../work/sources.js";
import { createWorker, type Specialist, type Worker, type WorkerOptions } from "../work/specialist.js";

/**
 * A specialist for each server that the tools are of, and one for all that are of none: a team for servers of which
 * nothing more is known.
 *
 * @example
 * ```ts
 * const agent = createConductor({ model, tools, specialists: [...specialistPerServer(tools), lawyer] });
 * ```
 */
export function specialistPerServer(tools: readonly StructuredToolInterface[]): readonly Specialist[] {
  const servers = new Map<string, string[]>();
  const others: string[] = [];
  for (const tool of tools) {
    const [server, name] = splitOnce(fullName(tool));
    if (name === undefined) others.push(tool.name);
    else servers.set(server, [...(servers.get(server) ?? []), name]);
  }
  return [
    ...[...servers].map(([server, names]) => ({
      name: server,
      description: `what the server '${server}' knows and can do: ${names.join(", ")}`,
      tools: [`${server}.*`],
    })),
    ...(others.length === 0
      ? []
      : [{ name: "other", description: `everything else: ${others.join(", ")}`, tools: others }]),
  ];
}

function splitOnce(name: string): [string, string | undefined] {
  const dot = name.indexOf(".");
  return dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

export interface Team {
  /** By name, in the order in which they were given. */
  readonly team: ReadonlyMap<string, Worker>;
  /** One agent with the tools of all; undefined when some of the work is not done by tools of ours. */
  readonly alone: Worker | undefined;
}

export function createTeam(specialists: readonly Specialist[], options: WorkerOptions): Team {
  const team = new Map(specialists.map((specialist) => [specialist.name, createWorker(specialist, options)]));
  const isPlain = ({ graph, model, systemPrompt, output }: Specialist): boolean =>
    [graph, model, systemPrompt, output].every((own) => own === undefined);
  if (!specialists.every(isPlain)) return { team, alone: undefined };
  const tools = [...new Set(specialists.flatMap((specialist) => specialist.tools ?? []))];
  const everyone = { name: ALONE, description: "does the steps of one task after another", tools };
  return { team, alone: createWorker(everyone, options) };
}

/** No specialist may be called so. */
export const ALONE = "conductor";
