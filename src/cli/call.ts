import { type Command, InvalidArgumentError } from "commander";
import { toModelContent } from "../adapters/content.js";
import { createCall, type Handler } from "../core/call.js";
import { compose } from "../core/compose.js";
import { BatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import { checkArguments } from "../mcp/arguments.js";
import { nearest } from "../mcp/config/keys.js";
import type { ToolDefinition } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";
import { toolPolicy } from "../mcp/settings.js";
import { standard } from "../middleware/standard.js";
import { EXIT } from "./exit.js";
import { print, printJson } from "./output.js";
import { parsePairs } from "./pairs.js";
import { type SessionOptions, withServers, withSessionOptions } from "./session.js";

export function addCall(program: Command): void {
  const command = program
    .command("call")
    .description("call one tool")
    .argument("<server.tool>", "the tool, as in enterprise.query_database")
    .argument("[arguments...]", "name=value pairs, or one JSON object; values are JSON where they can be");
  withSessionOptions(command)
    .option("-t, --timeout <ms>", "limit in milliseconds", parseTimeout)
    .action(
      async (name: string, words: readonly string[], options: SessionOptions & { timeout?: number }) => {
        const { server, tool } = parseName(name);
        const timeoutMs = options.timeout;
        const work = async (servers: Servers, signal: AbortSignal): Promise<void> => {
          const definition = await find(servers, server, tool, signal);
          const args = parsePairs(words, definition.inputSchema);
          checkArguments(server, definition, args);
          const policy = toolPolicy(servers.get(server).config, definition);
          const limits = { signal, timeoutMs: timeoutMs ?? policy.timeoutMs };
          const result = await handlerFor(
            servers,
            timeoutMs,
          )(createCall({ server, tool, args, ...policy, ...limits }));
          if (options.json) printJson(result);
          else print(readable(result));
          if (result.isError) process.exitCode = EXIT.failed;
        };
        await withServers(options, work, server);
      },
    );
}

/** What the file says of the tool holds here too; that a person is asked for is said by the command itself. */
function handlerFor(servers: Servers, totalMs: number | undefined): Handler {
  const use = standard({
    approve: { ask: async () => ({ type: "approve" }) },
    ...(totalMs !== undefined && { timeout: { totalMs: Math.ceil(totalMs) } }),
  });
  return compose(use, (call) => servers.call(call));
}

async function find(
  servers: Servers,
  server: string,
  tool: string,
  signal: AbortSignal,
): Promise<ToolDefinition> {
  const tools = await servers.get(server).listTools({ signal });
  const definition = tools.find(({ name }) => name === tool);
  if (definition !== undefined) return definition;
  const names = tools.map(({ name }) => name);
  const close = nearest(tool, names);
  const hint = close === undefined ? `it has: ${names.join(", ") || "none"}` : `did you mean '${close}'?`;
  throw new BatonError("INVALID_ARGUMENTS", `server '${server}' has no tool '${tool}'; ${hint}`);
}

/** What a model would be shown, as text: images and links say what they are, `--json` has them whole. */
function readable(result: Result): string {
  const content = toModelContent(result);
  if (typeof content === "string") return content;
  return content.flatMap((block) => (block.type === "text" ? [String(block.text)] : [])).join("\n");
}

function parseTimeout(text: string): number {
  const timeoutMs = Number(text);
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError("Write a number of milliseconds above 0.");
}

function parseName(name: string): { server: string; tool: string } {
  const dot = name.indexOf(".");
  if (dot > 0 && dot < name.length - 1) return { server: name.slice(0, dot), tool: name.slice(dot + 1) };
  throw new BatonError(
    "INVALID_ARGUMENTS",
    `'${name}' does not name a tool: write server.tool, as in files.read_file`,
  );
}
