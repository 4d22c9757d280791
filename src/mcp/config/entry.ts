import type { ServerConfig } from "../server-config.js";
import { readCommand } from "./command.js";
import { readEnv } from "./env.js";
import { readExtension } from "./extension.js";
import {
  type Entry,
  type Fields,
  type JsonObject,
  readFlag,
  readList,
  readText,
  readTexts,
} from "./fields.js";
import { type Findings, quote } from "./findings.js";
import { readHeaders } from "./headers.js";
import { interpolate, type Scope } from "./interpolate.js";
import { checkKeys, nearest } from "./keys.js";
import { checkOauth } from "./oauth.js";
import { type SecretBag, secretBag } from "./secrets.js";
import { readTimeouts } from "./timeouts.js";
import { readTransport } from "./transport.js";
import { checkUrl } from "./url.js";

const protocolVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/** Checks one server's entry. Returns `"disabled"` for one that is switched off, and `undefined` after faults. */
export function readEntry(
  name: string,
  value: JsonObject,
  scope: Scope,
  findings: Findings,
): ServerConfig | "disabled" | undefined {
  const fields: Fields = { value, findings };
  checkKeys(fields);
  const disabled = readDisabled(fields);
  const { extension, allowed, ...limits } = readExtension(fields);
  const secrets = secretBag();
  const entry: Entry = {
    value,
    findings,
    disabled,
    workspaceFolder: scope.workspaceFolder,
    expand: expander(scope, findings, secrets, disabled),
    allows: (rule) => disabled || allowed.has(rule),
  };
  checkOauth(entry);
  checkProtocol(entry);
  const common = {
    name,
    ...readLabels(entry),
    ...readTimeouts(entry, limits),
    autoApprove: readApprovals(entry),
    extension,
  };
  const transport = readTransport(entry);
  // An entry of no clear kind is checked as both kinds, so that one run still reports everything.
  const started = transport?.type === "stdio" ? transport : undefined;
  const reached = transport?.type === "stdio" ? undefined : transport;
  const program = reached === undefined ? readProgram(entry, secrets) : undefined;
  const address = started === undefined ? readAddress(entry, reached?.urlKey ?? "url", secrets) : undefined;
  if (started !== undefined) warnUnused(entry, ["headers"], "a server that is started here");
  if (reached !== undefined) {
    warnUnused(entry, ["args", "env", "envFile", "cwd"], "a server that is reached by its URL");
  }
  if (disabled) return "disabled";
  if (started !== undefined && program !== undefined) {
    return { ...common, type: started.type, ...program, secrets: secrets.list() };
  }
  if (reached !== undefined && address !== undefined) {
    return { ...common, type: reached.type, ...address, secrets: secrets.list() };
  }
  return undefined;
}

function readProgram(entry: Entry, secrets: SecretBag) {
  const env = readEnv(entry, secrets.consider);
  const program = readCommand(entry);
  return program && { ...program, env };
}

function readAddress(entry: Entry, urlKey: string, secrets: SecretBag) {
  const text = readText(entry, urlKey);
  const address = text === undefined ? undefined : entry.expand(text, [urlKey]);
  const url = address === undefined ? undefined : checkUrl(entry, urlKey, address);
  const headers = readHeaders(entry, url);
  if (url === undefined || address === undefined) return undefined;
  for (const [name, value] of url.searchParams) {
    secrets.consider(name, value);
    secrets.consider(name, encodeURIComponent(value));
  }
  // Some hosts put the key into the path.
  for (const segment of url.pathname.split("/")) secrets.consider("", segment);
  return { url: address, headers };
}

function expander(scope: Scope, findings: Findings, secrets: SecretBag, disabled: boolean): Entry["expand"] {
  return (text, path, name = "") => {
    const { text: value, used, problems } = interpolate(text, scope);
    const distinct = new Map(problems.map((one) => [one.problem, one]));
    for (const { kind, problem, fix } of distinct.values()) {
      if (!disabled || kind === "malformed") findings.fault(path, problem, fix);
    }
    for (const variable of used) {
      if (variable.secret) secrets.add(variable.value);
      else secrets.consider(variable.name, variable.value);
    }
    if (value !== undefined && path[0] === "headers") secrets.header(name, value);
    else if (value !== undefined) secrets.consider(name, value);
    return value;
  };
}

function readDisabled(fields: Fields): boolean {
  const disabled = readFlag(fields, "disabled");
  const enabled = readFlag(fields, "enabled");
  if (disabled !== undefined && disabled === enabled) {
    fields.findings.fault(["enabled"], "says the opposite of `disabled`", "Keep one of the two");
  }
  return disabled ?? enabled === false;
}

function readLabels(fields: Fields): { title?: string; description?: string } {
  const title = readText(fields, "title");
  const description = readText(fields, "description");
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
}

function readApprovals(fields: Fields): string[] {
  const tools = [...readList(fields, "autoApprove"), ...readList(fields, "alwaysAllow")];
  return [...new Set(tools.filter((tool) => tool !== undefined))];
}

function checkProtocol({ value: { protocolVersion: version }, findings }: Fields): void {
  if (version === undefined) return;
  if (typeof version === "string" && protocolVersions.includes(version)) {
    findings.warn(["protocolVersion"], "is not read: Langbaton agrees on one with the server.");
    return;
  }
  const near = typeof version === "string" ? nearest(version, protocolVersions) : undefined;
  const fix =
    near === undefined ? "Remove it: client and server agree on one" : `Did you mean ${quote(near)}?`;
  findings.fault(["protocolVersion"], "is no version of MCP that is known here", fix);
}

/** Their shape is still checked, as the next host may read them. */
function warnUnused(fields: Fields, keys: readonly string[], where: string): void {
  for (const key of keys) {
    const value = fields.value[key];
    if (key === "args") readList(fields, key);
    else if (key === "env" || key === "headers") readTexts(fields, key);
    else readText(fields, key);
    const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    if (value !== undefined && !empty) fields.findings.warn([key], `is not used by ${where}.`);
  }
}
