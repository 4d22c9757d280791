import type { StructuredToolInterface } from "@langchain/core/tools";
import { configInvalid } from "../../core/faults.js";
import { arrived } from "./arrived.js";
import { callTool, ownNameOf, serverOf } from "./call-tool.js";
import { readResult, type SearchResult } from "./read-result.js";
import { type SearchParameters, searchParametersOf } from "./search-parameters.js";
import type { Passage, ResearchSource } from "./source.js";

export interface ToolSourceOptions {
  /** @default the tool's server, else its name */
  readonly name?: string;
  /** @default the tool's own */
  readonly description?: string;
  /** The arguments of one search. @default the tool's parameter for a query, and the one for a limit if it has one */
  readonly args?: (query: string, limit: number) => Readonly<Record<string, unknown>>;
  /**
   * The passages in what the tool answered, best first. What it throws is the source's failure.
   * @default the records of its structured result or its JSON, by the usual names of their fields; else its text in sections
   */
  readonly read?: (result: SearchResult) => readonly Passage[];
}

/**
 * A search tool as a source: `search_knowledge_base`, a web search, any tool that takes words and gives texts.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a tool of which the arguments cannot be told, without `args`
 * @example
 * ```ts
 * const web = toolSource(braveSearch, { name: "web", args: (query) => ({ query, freshness: "py" }) });
 * ```
 */
export function toolSource(tool: StructuredToolInterface, options: ToolSourceOptions = {}): ResearchSource {
  const { name = serverOf(tool) ?? tool.name, description = tool.description, read = readResult } = options;
  const args = options.args ?? usualArgs(tool);
  return {
    name,
    description,
    async search(query, { limit, signal }) {
      return arrived(read(await callTool(tool, args(query, limit), signal)), name, limit);
    },
  };
}

function usualArgs(tool: StructuredToolInterface): NonNullable<ToolSourceOptions["args"]> {
  const parameters = searchParametersOf(tool);
  if (parameters === undefined) {
    const problem = `cannot be told for tool '${ownNameOf(tool)}', which needs more than a query: give args: (query, limit) => ({ ... })`;
    throw configInvalid("toolSource()", [{ path: "args", problem }]);
  }
  return (query, limit) => withLimit(parameters, query, limit);
}

function withLimit({ query: parameter, limit: wanted }: SearchParameters, query: string, limit: number) {
  return { [parameter]: query, ...(wanted && { [wanted.name]: Math.min(limit, wanted.most) }) };
}
