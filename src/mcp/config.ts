import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { type BatonError, isBatonError } from "../core/errors.js";
import { readEntry } from "./config/entry.js";
import { isObject, type JsonObject, kindOf } from "./config/fields.js";
import { type Collected, collectFindings, toConfigError } from "./config/findings.js";
import { readInputs } from "./config/inputs.js";
import type { Scope } from "./config/interpolate.js";
import { isFree } from "./config/keys.js";
import { checkNames } from "./config/names.js";
import { findRoot } from "./config/root.js";
import { type ConfigDocument, maxBytes, readObject, readText, tooLargeFix } from "./config/text.js";
import type { Config, ServerConfig } from "./server-config.js";

export type { ConfigFault } from "./config/findings.js";

/** What surrounds a configuration. */
export interface ConfigOptions {
  /** Name of the file for messages. @default the path given to readConfig() */
  readonly file?: string;
  /** Where `${NAME}` and `${env:NAME}` are looked up. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values of `${input:id}` by id; one that is absent is looked up as `INPUT_<ID>` in `env`. @default {} */
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  /** Value of `${workspaceFolder}`; relative `cwd` and `envFile` start here. @default process.cwd() */
  readonly workspaceFolder?: string;
  /** Value of `${userHome}`. @default os.homedir() */
  readonly userHome?: string;
}

/**
 * Reads the MCP servers of a configuration: JSON or JSONC text, or the object itself, as Claude, Cursor, VS Code,
 * Gemini CLI, Cline, Windsurf and mcp-adapters write it. Replaces variables, and looks at the disk for `cwd`,
 * `envFile` and `command` only.
 *
 * @throws `CONFIG_INVALID` with everything that is wrong: `data.file`, and `data.faults`, a list of
 * {@link ConfigFault}. No message holds a secret.
 * @example
 * ```ts
 * const { servers } = parseConfig({ mcpServers: { files: { command: "mcp-files", args: ["."] } } });
 * ```
 */
export function parseConfig(source: unknown, options: ConfigOptions = {}): Config {
  const findings = collectFindings();
  const document = typeof source === "string" ? readText(source, findings) : readObject(source, findings);
  const config = document && readDocument(document, options, findings);
  if (config === undefined || findings.faults.length > 0) {
    throw toConfigError(options.file, findings.faults, (path) => document?.locate(path));
  }
  return config;
}

/**
 * Reads a configuration file of at most 1 MiB in UTF-8; the rest is as with {@link parseConfig}.
 *
 * @throws `CONFIG_INVALID`, also when the file is missing, unreadable or no file.
 */
export async function readConfig(file: string, options: ConfigOptions = {}): Promise<Config> {
  const named = { ...options, file: options.file ?? file };
  let content: Uint8Array;
  try {
    // First, as to open a pipe could wait for ever.
    const stats = await stat(file);
    if (!stats.isFile()) throw refuse(named.file, "is not a file", "Give the path of the file itself");
    if (stats.size > maxBytes) throw refuse(named.file, "is larger than 1 MiB", tooLargeFix);
    content = await readFile(file);
  } catch (error) {
    if (isBatonError(error)) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const problem = missing ? "does not exist" : "cannot be read";
    throw refuse(named.file, problem, "Check its path and its permissions", error);
  }
  if (!isUtf8(content)) {
    throw refuse(named.file, "is not UTF-8", "Save it as UTF-8; PowerShell's > writes UTF-16");
  }
  return parseConfig(new TextDecoder().decode(content), named);
}

function refuse(file: string, problem: string, fix: string, cause?: unknown): BatonError {
  const findings = collectFindings();
  findings.fault([], problem, fix);
  return toConfigError(file, findings.faults, () => undefined, cause);
}

function readDocument(
  document: ConfigDocument,
  options: ConfigOptions,
  findings: Collected,
): Config | undefined {
  const root = findRoot(document.value, findings);
  if (root === undefined) return undefined;
  for (const { path, first, second } of document.duplicates) {
    if (!root.covers(path)) continue;
    const fix = `Keep one; the first is in line ${first.line}`;
    findings.fault(path, "is given twice, and only one of the two would count", fix, second);
  }
  const env = options.env ?? process.env;
  const scope: Scope = {
    env,
    input: readInputs(root.inputs, options.inputs ?? {}, env, findings),
    workspaceFolder: resolve(options.workspaceFolder ?? process.cwd()),
    userHome: options.userHome ?? homedir(),
  };
  const { servers, disabled } = readServers(root.path, root.servers, scope, findings);
  const { file } = options;
  return { ...(file !== undefined && { file }), servers, disabled, warnings: findings.warnings };
}

function readServers(root: readonly string[], map: JsonObject, scope: Scope, findings: Collected) {
  const servers: ServerConfig[] = [];
  const disabled: string[] = [];
  const entries = Object.entries(map).filter(([name, value]) => {
    return value !== undefined && !(isFree(name) && !isObject(value));
  });
  const names = entries.map(([name]) => name);
  checkNames(root, names, findings);
  for (const [name, value] of entries) {
    const within = findings.within([...root, name], name);
    if (!isObject(value)) {
      const fix = 'Write { "command": "..." } or { "url": "..." }';
      within.fault([], `is ${kindOf(value)}, not an object`, fix);
      continue;
    }
    const server = readEntry(name, value, scope, within);
    if (server === "disabled") disabled.push(name);
    else if (server !== undefined) servers.push(server);
  }
  return { servers, disabled };
}
