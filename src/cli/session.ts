import { type Command, InvalidArgumentError } from "commander";
import { BatonError } from "../core/errors.js";
import { connect } from "../mcp/connect.js";
import { findConfig } from "../mcp/find-config.js";
import type { ServerEvent } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";

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

/** Runs `work` with a signal that fires when the terminal, or the system, says stop. */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(Object.assign(new Error("interrupted"), { name: "Interrupted" }));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Connects, runs `work`, and closes everything, also when the terminal says stop. */
export function withServers<T>(
  options: SessionOptions,
  work: (servers: Servers, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withInterrupt(async (signal) => {
    await using servers = await connect(await configFile(options), {
      require: options.partial ? "any" : "all",
      signal,
      config: { inputs: options.input },
      onEvent: reportOutages(options),
      onWarning: (warning) => note(`warning: ${warning}`),
    });
    return await work(servers, signal);
  });
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

/** A line for the person who watches; never part of the answer. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

function addPair(text: string, pairs: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Write id=value.");
  return { ...pairs, [text.slice(0, equals)]: text.slice(equals + 1) };
}
