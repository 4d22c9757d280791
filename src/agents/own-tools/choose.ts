import type { StructuredToolInterface } from "@langchain/core/tools";
import { McpTool } from "../../adapters/mcp-tool.js";
import type { BatonError } from "../../core/errors.js";
import { configInvalid, type Fault } from "../../core/faults.js";
import { isToolPattern, toolMatcher } from "../../core/pattern.js";
import { nearest } from "../../mcp/config/keys.js";
import type { OwnToolsOptions } from "../own-tools.js";

type Tool = StructuredToolInterface;

const KEYS: readonly string[] = ["agent", "tools", "all"];
const MOST_NAMED = 10;

/** Not every program is checked by TypeScript, and these lists may come from a file. */
export function checkOwnTools(options: OwnToolsOptions): void {
  const { agent, tools, all } = options;
  const isTool = (tool: unknown): boolean => typeof (tool as Tool | undefined)?.name === "string";
  const faults: Fault[] = [
    ...Object.keys(options)
      .filter((key) => !KEYS.includes(key))
      .map((path) => ({ path, problem: `is no option; there are ${KEYS.join(", ")}` })),
    ...(isText(agent) ? [] : [{ path: "agent", problem: "must be a name" }]),
    ...(Array.isArray(all) && all.every(isTool) ? [] : [{ path: "all", problem: "must be a list of tools" }]),
    ...(Array.isArray(tools) ? tools : [tools]).flatMap((pattern: unknown, index) => {
      const path = Array.isArray(tools) ? `tools[${index}]` : "tools";
      if (Array.isArray(tools) && isText(pattern)) return [];
      return [
        {
          path,
          problem: `must be ${path === "tools" ? "a list" : "a text"} such as 'files.read_*', or a name`,
        },
      ];
    }),
  ];
  if (faults.length > 0) throw invalid(isText(agent) ? `agent '${agent}'` : "an agent", faults);
}

/**
 * The tools that the patterns mean, in the order in which they are given.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pattern that matches none: what is misspelt would be missed much later
 */
export function chooseOwn({ agent, tools: patterns, all }: OwnToolsOptions): readonly Tool[] {
  const matchers = patterns.map(matcherOf);
  const faults = patterns.flatMap((pattern, index): Fault[] => {
    if (all.some((tool) => matchers[index]?.(tool))) return [];
    return [{ path: `tools[${index}]`, problem: `'${pattern}' matches no tool; ${adviceFor(pattern, all)}` }];
  });
  if (faults.length > 0) throw invalid(`agent '${agent}'`, faults);
  return all.filter((tool) => matchers.some((matches) => matches(tool)));
}

function matcherOf(pattern: string): (tool: Tool) => boolean {
  const ofServer = isToolPattern(pattern) ? toolMatcher([pattern]) : () => false;
  const byName = toolMatcher([`any.${pattern}`]);
  return (tool) =>
    tool instanceof McpTool ? ofServer(tool.metadata.server, tool.metadata.tool) : byName("any", tool.name);
}

function adviceFor(pattern: string, all: readonly Tool[]): string {
  const known = all.map(labelOf);
  // A server's tool under the name that models see, or without its server.
  const meant = all.find(
    (tool) => tool.name === pattern || (tool instanceof McpTool && tool.metadata.tool === pattern),
  );
  const servers = all.flatMap((tool) => (tool instanceof McpTool ? [`${tool.metadata.server}.*`] : []));
  const near = meant === undefined ? nearest(pattern, [...new Set([...known, ...servers])]) : labelOf(meant);
  if (near !== undefined) return `did you mean '${near}'?`;
  const more = known.length > MOST_NAMED ? `, and ${known.length - MOST_NAMED} more` : "";
  return known.length === 0
    ? "there are no tools at all"
    : `there are ${known.slice(0, MOST_NAMED).join(", ")}${more}`;
}

function labelOf(tool: Tool): string {
  return tool instanceof McpTool ? `${tool.metadata.server}.${tool.metadata.tool}` : tool.name;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value === value.trim();
}

function invalid(whose: string, faults: readonly Fault[]): BatonError {
  return configInvalid(`ownTools(): the tools of ${whose}`, faults);
}
