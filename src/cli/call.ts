import { type Command, InvalidArgumentError } from "commander";
import { createCall } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { resultText } from "../core/result.js";
import type { Servers } from "../mcp/servers.js";
import { EXIT } from "./exit.js";
import { print, printJson } from "./output.js";
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
        const args = parseArguments(words);
        const timeoutMs = options.timeout;
        const work = async (servers: Servers, signal: AbortSignal): Promise<void> => {
          const result = await servers.call(createCall({ server, tool, args, signal, timeoutMs }));
          if (options.json) printJson(result);
          else print(resultText(result));
          if (result.isError) process.exitCode = EXIT.failed;
        };
        await withServers(options, work, server);
      },
    );
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

function parseArguments(words: readonly string[]): Record<string, unknown> {
  const [first] = words;
  if (words.length === 1 && first?.trimStart().startsWith("{")) {
    const parsed = parseJson(first);
    if (parsed !== undefined) return parsed.value as Record<string, unknown>;
    throw new BatonError("INVALID_ARGUMENTS", "the arguments are not valid JSON: check quotes and commas");
  }
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf("=");
      if (equals < 1) throw new BatonError("INVALID_ARGUMENTS", `'${word}' is not a name=value pair`);
      const text = word.slice(equals + 1);
      const parsed = parseJson(text);
      return [word.slice(0, equals), parsed === undefined ? text : parsed.value];
    }),
  );
}

/** In an object, as `null` is a value too. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
