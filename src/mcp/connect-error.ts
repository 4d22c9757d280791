import { BatonError, isBatonError } from "../core/errors.js";
import { causes, networkFailure } from "./network.js";
import { redact, secretsOf } from "./redact.js";
import type { ServerConfig } from "./server-config.js";
import type { StdioTransport } from "./stdio.js";

/** Why a server could not be connected, in words that a person at a terminal can act on. */
export function connectError(config: ServerConfig, error: unknown, transport?: StdioTransport): BatonError {
  const { code, reason } = diagnose(config, error, transport);
  const secrets = secretsOf(config);
  const message = redact(`server '${config.name}': ${reason}`, secrets);
  return new BatonError(code, message, {
    cause: error,
    retryable: code !== "UNAUTHORIZED",
    data: { server: config.name, reason: redact(reason, secrets) },
  });
}

function diagnose(
  config: ServerConfig,
  error: unknown,
  transport?: StdioTransport,
): { code: "CONNECT_FAILED" | "UNAUTHORIZED"; reason: string } {
  const failed = (reason: string) => ({ code: "CONNECT_FAILED" as const, reason });
  const shape = (error instanceof Error ? error : new Error(String(error))) as NodeJS.ErrnoException & {
    status?: number;
  };
  const expired = isBatonError(error, "CONNECT_FAILED");
  if (config.type === "stdio") {
    if (shape.code === "ENOENT") {
      return failed(`the command '${config.command}' was not found: install it, or write its full path`);
    }
    if (shape.code === "EACCES")
      return failed(`the command '${config.command}' may not be run: check its permissions`);
    const words = transport?.lastWords ?? "";
    const last = words === "" ? "it wrote nothing to standard error" : `its last words:\n${indent(words)}`;
    if (transport?.exit !== undefined && !expired) {
      return failed(`the command '${config.command}' ${transport.exit} before it was ready; ${last}`);
    }
    const noise = transport?.firstNoise ?? "";
    const said = noise === "" ? "" : `; it wrote ${JSON.stringify(noise)} where MCP messages belong`;
    return failed(`${shape.message}${said}; ${words === "" ? "is it an MCP server over stdio?" : last}`);
  }
  if (config.type === "custom") return failed(shape.message);
  const { host } = new URL(config.url);
  if (shape.status === 401 || shape.status === 403 || shape.name === "UnauthorizedError") {
    const status = shape.status === undefined ? "" : ` (HTTP ${shape.status})`;
    return { code: "UNAUTHORIZED", reason: `${host} refused access${status}: check its "headers"` };
  }
  if (shape.status === 429) return failed(`${host} has had too many requests (HTTP 429)`);
  if (shape.status !== undefined) {
    return failed(`${host} answered HTTP ${shape.status}: is the path of its "url" right?`);
  }
  const network = networkFailure(shape);
  if (network?.kind === "certificate")
    return failed(`the certificate of ${host} is not trusted (${network.code})`);
  if (network !== undefined) {
    return failed(`${host} cannot be reached (${network.code}): is it running at that address?`);
  }
  return failed(`${host}: ${causes(shape).at(-1)?.message ?? shape.message}`);
}

function indent(text: string): string {
  return text
    .split("\n")
    .slice(-10)
    .map((line) => `    ${line}`)
    .join("\n");
}
