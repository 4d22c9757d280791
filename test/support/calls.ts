import { onTestFinished } from "vitest";
import { createCall } from "../../src/core/call.js";
import { type BatonError, isBatonError } from "../../src/core/errors.js";
import { type Result, resultText } from "../../src/core/result.js";
import { Server, type ServerOptions } from "../../src/mcp/server.js";
import type { ServerConfig } from "../../src/mcp/server-config.js";
import { Servers } from "../../src/mcp/servers.js";

/** A server that is closed when its test is over. */
export function open(config: ServerConfig, options: ServerOptions = {}): Server {
  const server = new Server(config, options);
  onTestFinished(() => server.close());
  return server;
}

/** Servers that are closed when their test is over. */
export function openAll(configs: readonly ServerConfig[], options: ServerOptions = {}): Servers {
  const servers = Servers.of(configs, options);
  onTestFinished(() => servers.close());
  return servers;
}

export function call(server: Server, tool: string, args: object = {}, rest: object = {}): Promise<Result> {
  return server.call(createCall({ server: server.name, tool, args: { ...args }, ...rest }));
}

export async function callText(server: Server, tool: string, args: object = {}): Promise<string> {
  return resultText(await call(server, tool, args));
}

/** The BatonError that this fails with; anything else is the test's own failure. */
export async function failure(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!isBatonError(error)) throw error;
  return error;
}
