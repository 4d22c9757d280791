import type { ToolUse } from "../../core/call.js";
import { isToolPattern, toolMatcher } from "../../core/pattern.js";
import { perTool } from "../shared/per-tool.js";

type Tool = Pick<ToolUse, "server" | "tool">;

/** By identity: an agent's calls all carry one list. */
const matchers = new WeakMap<readonly string[], (server: string, tool: string) => boolean>();

/**
 * Whether the calling agent may use the tool at all; true where there is no list.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pattern that is not `server.tool`
 */
export function isListed({ allowlist, server, tool }: Tool & Pick<ToolUse, "allowlist">): boolean {
  if (allowlist === undefined) return true;
  let matches = matchers.get(allowlist);
  if (matches === undefined) {
    matches = perTool(toolMatcher(allowlist));
    matchers.set(allowlist, matches);
  }
  return matches(server, tool);
}

const MOST_NAMED = 20;

/** Why a tool outside of the list was refused, and what to do, for a model and a person to read. */
export function onlyListed(agent: string | undefined, allowlist: readonly string[]): string {
  const who = agent === undefined ? "the agent that calls" : `agent '${agent}'`;
  const more = allowlist.length - MOST_NAMED;
  const named = allowlist.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const what = named === "" ? "no such tool" : `only ${named}`;
  return `${who} may use ${what}: use one of its own tools, or add this one to them`;
}

/**
 * The patterns of two lists that hold in both, and the tool itself when both have it. Patterns that only overlap are
 * left out: the list may come out too short, and never too long.
 */
export function narrowed(
  outer: readonly string[],
  inner: readonly string[],
  { server, tool }: Tool,
): readonly string[] {
  const isIn = (allowlist: readonly string[], pattern: string): boolean => {
    const dot = pattern.indexOf(".");
    // The star of one pattern stands for any text, so also for the star of another.
    return isListed({ allowlist, server: pattern.slice(0, dot), tool: pattern.slice(dot + 1) });
  };
  const itself = `${server}.${tool}`;
  // In a tool's own name a star would be read as a pattern.
  const isName = isToolPattern(itself) && !itself.includes("*");
  const both = [
    ...inner.filter((pattern) => isIn(outer, pattern)),
    ...outer.filter((pattern) => isIn(inner, pattern)),
    ...(isName && isIn(outer, itself) && isIn(inner, itself) ? [itself] : []),
  ];
  return [...new Set(both)];
}
