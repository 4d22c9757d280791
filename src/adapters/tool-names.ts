import { createHash } from "node:crypto";

/** The strictest of the large providers: OpenAI takes `[a-zA-Z0-9_-]{1,64}`, Gemini wants a letter or `_` first. */
const LONGEST_NAME = 64;
const SEPARATOR = "__";

export interface NamedTool {
  readonly server: string;
  readonly tool: string;
}

/**
 * How tools are named for the model. `auto`: by their own name, with the server's in front where two servers
 * share one. `prefixed`: always `server__tool`, the same whatever else is connected.
 */
export type ToolNaming = "auto" | "prefixed" | ((server: string, tool: string) => string);

/**
 * One name for each tool, unique and fit for every provider. A name depends on which names are there, never on
 * their order: what does not fit or still collides gets a hash of server and tool.
 */
export function nameTools(tools: readonly NamedTool[], naming: ToolNaming = "auto"): readonly string[] {
  const wanted = tools.map(({ server, tool }) =>
    typeof naming === "function"
      ? naming(server, tool)
      : naming === "prefixed"
        ? prefixed(server, tool)
        : tool,
  );
  const safe = tools.map((tool, index) => toSafeName(wanted[index] ?? "", tool));
  const withPrefix =
    naming === "auto"
      ? resolveTwins(safe, tools, (tool) => toSafeName(prefixed(tool.server, tool.tool), tool))
      : safe;
  let names = withPrefix;
  // Again, as a server may have given one of its tools the very name, hash and all, that another's tool got.
  for (let round = 0; round < 3; round++)
    names = resolveTwins(names, tools, (tool, name) => withHash(name, tool));
  return names;
}

function prefixed(server: string, tool: string): string {
  return `${server}${SEPARATOR}${tool}`;
}

/** Renames every tool whose name is not its alone, all of them alike. */
function resolveTwins(
  names: readonly string[],
  tools: readonly NamedTool[],
  rename: (tool: NamedTool, name: string) => string,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === names.length) return names;
  return names.map((name, index) => {
    const tool = tools[index];
    return tool !== undefined && (counts.get(name) ?? 0) > 1 ? rename(tool, name) : name;
  });
}

function toSafeName(name: string, tool: NamedTool): string {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)) return name;
  const safe = name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^(?![A-Za-z_])/, "_");
  return safe.length > LONGEST_NAME ? withHash(safe, tool) : safe;
}

function withHash(name: string, { server, tool }: NamedTool): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([server, tool]))
    .digest("hex")
    .slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - hash.length - 1)}_${hash}`;
}
