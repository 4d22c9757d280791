import type { StructuredToolInterface } from "@langchain/core/tools";
import { fullName } from "../work/sources.js";
import {
  createWorker,
  joinWorkers,
  type Specialist,
  type Worker,
  type WorkerOptions,
} from "../work/specialist.js";

/**
 * A specialist for each server that the tools are of, and one for all that are of none: a team for servers of which
 * nothing more is known. Each is named after its server, as far as a specialist can be.
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
  const taken = new Set([ALONE]);
  const team = [...servers].map(([server, names]) => ({
    name: unique(server.replace(/[^\w.-]+/g, "_").slice(0, 60), taken),
    description: `what the server '${server}' knows and can do: ${names.join(", ")}`,
    tools: [`${server}.*`],
  }));
  if (others.length === 0) return team;
  const description = `everything else: ${others.join(", ")}`;
  return [...team, { name: unique("other", taken), description, tools: others }];
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  taken.add(free);
  return free;
}

function splitOnce(name: string): [string, string | undefined] {
  const dot = name.indexOf(".");
  return dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

export interface Team {
  /** By name, in the order in which they were given. */
  readonly team: ReadonlyMap<string, Worker>;
  /**
   * One agent that does the tasks of several, with the tools that they have and no others; each tool is called as the one
   * that it belongs to, so that rules and lists hold as ever. Undefined when one of them is not plainly an agent of ours.
   */
  readonly alone: (members: readonly string[], parts: number) => Worker | undefined;
}

export function createTeam(specialists: readonly Specialist[], options: WorkerOptions): Team {
  const team = new Map(specialists.map((specialist) => [specialist.name, createWorker(specialist, options)]));
  const joined = new Map<string, Worker>();
  return {
    team,
    alone(names, parts) {
      const members = names.flatMap((name) => team.get(name) ?? []);
      if (members.length < names.length || !members.every(isPlain)) return undefined;
      const key = JSON.stringify([parts, ...names]);
      const worker = joined.get(key) ?? joinWorkers(ALONE, members, parts, options);
      joined.set(key, worker);
      return worker;
    },
  };
}

function isPlain({ specialist: { graph, model, systemPrompt, output } }: Worker): boolean {
  return [graph, model, systemPrompt, output].every((own) => own === undefined);
}

/** No specialist may be called so. */
export const ALONE = "conductor";
