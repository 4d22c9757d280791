import { type Command, InvalidArgumentError } from "commander";
import { BatonError, isBatonError } from "../core/errors.js";
import { readConfig } from "../mcp/config.js";
import { connect } from "../mcp/connect.js";
import { findConfig } from "../mcp/find-config.js";
import type { ServerEvent } from "../mcp/server.js";
import type { Config, ServerConfig } from "../mcp/server-config.js";
import type { Servers } from "../mcp/servers.js";
import { EXIT } from "./exit.js";
import { note } from "./output.js";

/** npm and npx pass on what the terminal has sent already: a signal that follows so soon is the same one. */
const SAME_SIGNAL_MS = 250;

/** Options that every command with servers has. */
export interface SessionOptions {
  readonly config?: string;
  readonly input?: Record<string, string>;
  readonly partial?: boolean;
  readonly json?: boolean;
}

/** Adds the options of {@link SessionOptions} to a command. */
export function withSessionOptions(command: Command): Command {
  return command
    .option(
      "-c, --config <file>",
      "configuration file (default: mcp.json, .mcp.json, .cursor/mcp.json, .vscode/mcp.json)",
    )
    .option(
      "-i, --input <id=value>",
      "a value for ${input:id} in the configuration; may be repeated",
      addPair,
    )
    .option("--partial", "go on with the servers that are there when others cannot be reached")
    .option("--json", "print JSON");
}

/** Runs `work` with a signal that fires when the terminal, or the system, says stop; said again, all ends at once. */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  let stoppedAt = Number.POSITIVE_INFINITY;
  const stop = (): void => {
    if (interrupt.signal.aborted && performance.now() - stoppedAt < SAME_SIGNAL_MS) return;
    // Through exit(), as a death by the signal itself would leave the servers' processes behind.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    stoppedAt = performance.now();
    interrupt.abort(Object.assign(new Error("interrupted"), { name: "Interrupted" }));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * Connects, to one server when it is named, runs `work`, and closes everything, also when the terminal says stop.
 * A function says which servers are wanted; when it wants none of them, all are.
 */
export function withServers<T>(
  options: SessionOptions,
  work: (servers: Servers, signal: AbortSignal) => Promise<T>,
  only?: string | ((server: string) => boolean),
): Promise<T> {
  return withInterrupt(async (signal) => {
    const config = await readConfig(await configFile(options), { inputs: options.input });
    for (const warning of config.warnings) note(`warning: ${warning}`);
    const entries = entriesOf(config, only);
    await using servers = await connect(entries, {
      require: options.partial ? "any" : "all",
      signal,
      onEvent: reportOutages(options),
    }).catch((error: unknown) => {
      if (options.partial || entries.length < 2 || !isBatonError(error, "CONNECT_FAILED")) throw error;
      const hint = `${error.message}\n(add --partial to go on with the servers that are there)`;
      throw new BatonError(error.code, hint, { cause: error, data: error.data });
    });
    return await work(servers, signal);
  });
}

function entriesOf(
  config: Config,
  only: string | ((server: string) => boolean) | undefined,
): readonly ServerConfig[] {
  if (typeof only === "string") return [entryOf(config, only)];
  const wanted = only === undefined ? [] : config.servers.filter(({ name }) => only(name));
  return wanted.length === 0 ? config.servers : wanted;
}

function entryOf({ servers, disabled }: Config, name: string): ServerConfig {
  const entry = servers.find((server) => server.name === name);
  if (entry !== undefined) return entry;
  const known = servers.map((server) => `'${server.name}'`).join(", ") || "none";
  const problem = disabled.includes(name)
    ? `server '${name}' is switched off in the configuration`
    : `there is no server '${name}' in the configuration`;
  throw new BatonError("INVALID_ARGUMENTS", `${problem}; there are: ${known}`, { data: { server: name } });
}

/** Without --partial the failure ends the command and is said there. */
function reportOutages({ partial }: SessionOptions): (event: ServerEvent) => void {
  const said = new Set<string>();
  return ({ type, server, error }) => {
    if (!partial || type !== "down" || said.has(server)) return;
    said.add(server);
    note(`warning: ${error?.message}`);
  };
}

/** The file to read, given or found. */
export async function configFile(options: SessionOptions): Promise<string> {
  const file = options.config ?? (await findConfig(process.cwd()));
  if (file !== undefined) return file;
  throw new BatonError(
    "CONFIG_INVALID",
    "no configuration found here: write an mcp.json with your servers, or name a file with --config",
  );
}

function addPair(text: string, pairs: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Write id=value.");
  return { ...pairs, [text.slice(0, equals)]: text.slice(equals + 1) };
}
