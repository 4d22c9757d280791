import { closestMatch } from "leven";
import type { Fields } from "./fields.js";

/** Keys of an entry that are read here. */
const ours = [
  "type",
  "transport",
  "command",
  "args",
  "env",
  "envFile",
  "cwd",
  "url",
  "httpUrl",
  "serverUrl",
  "headers",
  "timeout",
  "disabled",
  "enabled",
  "autoApprove",
  "alwaysAllow",
  "title",
  "description",
  "protocolVersion",
  "shell",
  "extends",
] as const;

const credentials = "is not read: put a token in `headers`";
const toolChoice = "does not hide tools: choose them where tools are loaded";
const recovery = "is not read: Langbaton restarts and reconnects by itself";
const limits = "is not read: write `timeout`, in milliseconds";

/**
 * Keys that other hosts read and this one does not. A sentence becomes a warning, as to ignore that key may
 * surprise; an empty one does not.
 */
const foreign: Readonly<Record<string, string>> = {
  // Sign-in: Claude Code, VS Code, Cursor, FastMCP, Gemini CLI, mcp-adapters.
  oauth: credentials,
  auth: credentials,
  authProvider: credentials,
  authProviderType: credentials,
  targetAudience: credentials,
  targetServiceAccount: credentials,
  headersHelper: "is not run: the headers that it would print are missing",
  // Choice of tools: Gemini CLI, Roo, Copilot CLI, Codex.
  includeTools: toolChoice,
  excludeTools: toolChoice,
  disabledTools: toolChoice,
  enabledTools: toolChoice,
  tools: toolChoice,
  trust: "is not read: it lets no tool run without approval",
  isActive: "is not read: write `disabled` to switch the server off",
  sandbox: "is not read: the server runs without a sandbox",
  sandboxEnabled: "is not read: the server runs without a sandbox",
  // @langchain/mcp-adapters.
  restart: recovery,
  reconnect: recovery,
  automaticSSEFallback: "is not read: an entry with a `url` and no `type` falls back to SSE by itself",
  outputHandling: "is not read: Langbaton decides by itself what the model sees and what the program keeps",
  defaultToolTimeout: limits,
  onConnectionError: "is not read: Langbaton reports a lost server by itself and connects again",
  stderr: "is not read: Langbaton keeps the server's error output by itself",
  encoding: "is not read: MCP is UTF-8",
  // Limits under other names: Amazon Q, Codex, LibreChat.
  networkTimeout: limits,
  initTimeout: "is not read: write `connectTimeoutMs` in `x-langbaton`, in milliseconds",
  // No effect on calls.
  $schema: "",
  dev: "",
  displayName: "",
  extensionName: "",
  gallery: "",
  icon: "",
  id: "",
  metadata: "",
  name: "",
  tags: "",
  version: "",
  watchPaths: "",
};

const offByDefault = ["sandboxEnabled", "trust"];

/** Keys that mcp-adapters reads beside `mcpServers`. */
export const adapterKeys: readonly string[] = [
  "additionalToolNamePrefix",
  "defaultToolTimeout",
  "onConnectionError",
  "outputHandling",
  "prefixToolNameWithServerName",
  "throwOnLoadError",
  "useStandardContentBlocks",
];

/** Faults every key of an entry that no known host reads, and warns of those that only others do. */
export function checkKeys({ value, findings }: Fields): void {
  for (const key of Object.keys(value)) {
    if (value[key] === undefined || (ours as readonly string[]).includes(key) || isFree(key)) continue;
    const warning = Object.hasOwn(foreign, key) ? foreign[key] : undefined;
    if (warning === undefined) {
      const near = nearest(key, [...ours, ...Object.keys(foreign)]);
      const fix = near === undefined ? "Remove it, or start its name with x-" : `Did you mean ${near}?`;
      findings.fault([key], "is not a key that any host knows", fix);
    } else if (warning !== "" && !(value[key] === false && offByDefault.includes(key)))
      findings.warn([key], `${warning}.`);
  }
}

/** Whether a key is an extension, or one of those that people use for comments. */
export function isFree(key: string): boolean {
  return /^(x-|_|\/\/|#|comment$)/.test(key);
}

/** The known word that the author most likely meant; `undefined` when none is close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = known.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
  // leven takes time in the square of the length, and no known word is long.
  if (lower !== undefined || word.length > 40) return lower;
  return closestMatch(word, known, { maxDistance: word.length < 5 ? 1 : 2 });
}
