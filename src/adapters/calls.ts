import type { Caller, Middleware } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { type Fault, throwFaults, unknownKeys } from "../core/faults.js";
import { isToolPattern, toolMatcher } from "../core/pattern.js";
import type { Result } from "../core/result.js";
import type { Job } from "../execution/job.js";
import { nearest } from "../mcp/config/keys.js";
import type { Servers } from "../mcp/servers.js";
import type { McpTool } from "./mcp-tool.js";
import { succeeded } from "./succeeded.js";
import { loadTools } from "./tools.js";

export interface CallsOptions {
  /** Middleware around every call, the outermost first. Tools that are loaded already have their own. @default none */
  readonly use?: readonly Middleware[];
  /** For whom the calls are made. @default as the servers or the tools have it */
  readonly caller?: Caller;
  /** Limit of one attempt of a call in milliseconds. @default the server's */
  readonly timeoutMs?: number;
  /** Ends the listing of tools. What runs the calls has a signal of its own for them. */
  readonly signal?: AbortSignal;
}

/** The arguments of all calls, or of each server's. */
export type CallArguments =
  | Readonly<Record<string, unknown>>
  | ((server: string) => Readonly<Record<string, unknown>>);

/**
 * One call of a tool on each server that has it, as jobs for `fanOut`, `quorum` and `speculate`: the tool by its bare
 * name, "search", or a `server.tool` pattern. The calls go through the same middleware as those of a model. A result with
 * `isError` fails its job.
 *
 * @throws {BatonError} `CONFIG_INVALID` when no server has such a tool; what listing the tools fails with
 * @example
 * ```ts
 * const { results } = await fanOut(calls(servers, "search", { query: "tariffs" }, { use: standard() }));
 * ```
 */
export async function calls(
  from: Servers | readonly McpTool[],
  tool: string,
  args: CallArguments,
  options: CallsOptions = {},
): Promise<readonly Job<Result>[]> {
  throwFaults("calls()", faultsOf(from, tool, args, options));
  const { use, caller, timeoutMs, signal } = options;
  const pattern = isToolPattern(tool) ? tool : `*.${tool}`;
  const load = { ...(use && { use }), ...(caller && { caller }), ...(signal && { signal }) };
  const matches = toolMatcher([pattern]);
  const found = isTools(from)
    ? from.filter(({ metadata }) => matches(metadata.server, metadata.tool))
    : await loadTools(from, { ...load, include: [pattern] });
  if (found.length === 0) {
    // What is left out was told of the first time.
    const all = isTools(from) ? from : await loadTools(from, { ...load, onWarning: () => {} });
    throw noSuchTool(tool, all);
  }
  return found.map((each): Job<Result> => {
    const { server, tool: name } = each.metadata;
    return {
      name: `${server}.${name}`,
      async run(wanted) {
        const given = typeof args === "function" ? args(server) : args;
        return succeeded(
          each.metadata.server,
          each.metadata.tool,
          await each.request(given, {
            signal: wanted,
            ...(caller && { caller }),
            ...(timeoutMs && { timeoutMs }),
          }),
        );
      },
    };
  });
}

function faultsOf(from: unknown, tool: unknown, args: unknown, options: CallsOptions): readonly Fault[] {
  const { use, timeoutMs } = options;
  const faults = [...unknownKeys("", options, ["use", "caller", "timeoutMs", "signal"])];
  if (typeof tool !== "string" || tool === "")
    faults.push({ path: "tool", problem: "must be a tool's name, or a pattern such as 'files.read_*'" });
  if (typeof args !== "function" && (typeof args !== "object" || args === null))
    faults.push({ path: "args", problem: "must be an object, or a function that makes one for each server" });
  if (use !== undefined && isTools(from))
    faults.push({ path: "use", problem: "is for servers: tools were given theirs by loadTools()" });
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    faults.push({ path: "timeoutMs", problem: "must be a number of milliseconds above 0" });
  return faults;
}

function isTools(from: unknown): from is readonly McpTool[] {
  return Array.isArray(from);
}

function noSuchTool(tool: string, all: readonly McpTool[]): BatonError {
  const names = all.map(({ metadata }) => `${metadata.server}.${metadata.tool}`);
  const isPattern = isToolPattern(tool);
  const near = nearest(tool, isPattern ? names : [...new Set(all.map(({ metadata }) => metadata.tool))]);
  const shown =
    names.length > 10 ? `${names.slice(0, 10).join(", ")}, and ${names.length - 10} more` : names.join(", ");
  const hint = near === undefined ? `there are: ${shown || "none"}` : `did you mean '${near}'?`;
  const problem = `calls(): no server has a tool '${tool}' that may be called; ${hint}`;
  const faults: readonly Fault[] = [{ path: "tool", problem: `'${tool}' is nowhere; ${hint}` }];
  return new BatonError("CONFIG_INVALID", problem, { data: { tool, faults } });
}
