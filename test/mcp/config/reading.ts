import { fileURLToPath } from "node:url";
import { type BatonError, isBatonError } from "../../../src/core/errors.js";
import { type ConfigFault, type ConfigOptions, parseConfig } from "../../../src/mcp/config.js";
import type { HttpConfig, StdioConfig } from "../../../src/mcp/server-config.js";
import { canary } from "./bad-configs.js";

export const workspaceFolder = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
/** A workspace that exists, and an environment of a few variables. */
export const options: ConfigOptions = {
  env: { TOKEN: "value-of-token", EMPTY: "", PLAIN_SECRET: canary, HOME: "/users/me" },
  workspaceFolder,
  userHome: "/users/me",
};

/** The error of a configuration that must be refused, and its faults. */
export function refusal(
  source: unknown,
  more: ConfigOptions = {},
): BatonError & { faults: readonly ConfigFault[] } {
  try {
    parseConfig(source, { ...options, ...more });
  } catch (error) {
    if (!isBatonError(error, "CONFIG_INVALID")) throw error;
    return Object.assign(error, { faults: error.data.faults as readonly ConfigFault[] });
  }
  throw new Error("accepted");
}

/** The one server of a command's entry. */
export function stdio(entry: object, more: ConfigOptions = {}): StdioConfig {
  const [server] = parseConfig(
    { mcpServers: { a: { command: "x", ...entry } } },
    { ...options, ...more },
  ).servers;
  if (server?.type !== "stdio") throw new Error("not stdio");
  return server;
}

/** The one server of a URL's entry. */
export function http(entry: object, more: ConfigOptions = {}): HttpConfig {
  const [server] = parseConfig(
    { a: { url: "https://example.com", ...entry } },
    { ...options, ...more },
  ).servers;
  if (server === undefined || !("url" in server)) throw new Error("not http");
  return server;
}

/** What is said of an entry that is accepted. */
export const warnings = (entry: object) => parseConfig({ mcpServers: { a: entry } }, options).warnings;
