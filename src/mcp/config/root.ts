import { isObject, type JsonObject, kindOf } from "./fields.js";
import type { Collected, Path } from "./findings.js";
import { adapterKeys, nearest } from "./keys.js";

/** Where in a file its servers are. */
interface Root {
  /** Empty for a bare map. */
  readonly path: readonly string[];
  readonly servers: JsonObject;
  readonly inputs: unknown;
  /** Whether a path is in a part of the file that is read. */
  readonly covers: (path: Path) => boolean;
}

const rootKeys = ["mcpServers", "servers"];
const example = 'Write { "mcpServers": { "name": { "command": "..." } } }';

/**
 * Finds the map of servers: `mcpServers`, VS Code's `servers`, or the whole object. What stands beside it is
 * another program's business, save for what its author plainly meant for this one.
 */
export function findRoot(file: unknown, findings: Collected): Root | undefined {
  if (!isObject(file)) {
    findings.fault([], `is ${kindOf(file)}, not an object`, example);
    return undefined;
  }
  if (file.extends !== undefined && !looksLikeEntry(file.extends)) {
    const problem = "is not supported: a file stands for itself";
    findings.fault(["extends"], problem, "Copy the servers into this file");
  }
  // A server of a bare map may be called servers.
  const [key, second] = rootKeys.filter((name) => {
    return file[name] !== undefined && !(name === "servers" && looksLikeEntry(file[name]));
  });
  if (key === undefined) return bareMap(file, findings);
  if (second !== undefined) {
    findings.fault([second], `lists servers, and so does ${key}`, "Move all of them into one");
  }
  const servers = file[key];
  if (!isObject(servers)) {
    findings.fault([key], `is ${kindOf(servers)}, not an object`, example);
    return undefined;
  }
  if (Object.keys(servers).length === 0) findings.warn([key], "lists no server.");
  for (const [name, value] of Object.entries(file)) {
    if (looksLikeEntry(value)) {
      findings.warn([name], `looks like a server, and is not read outside of ${key}.`);
    } else if (adapterKeys.includes(name)) {
      findings.warn([name], "is not read: it is an option of mcp-adapters, not of this file.");
    }
  }
  return {
    path: [key],
    servers,
    inputs: file.inputs,
    covers: ([first]) => first === key || first === "inputs",
  };
}

function bareMap(file: JsonObject, findings: Collected): Root | undefined {
  if (looksLikeEntry(file)) {
    findings.fault([], "is the entry of one server", 'Put it into { "mcpServers": { "name": ... } }');
    return undefined;
  }
  const { $schema, extends: inherited, inputs, ...rest } = file;
  // A server may have any of the three names.
  const taken = Object.entries({ $schema, extends: inherited, inputs }).filter(([, value]) =>
    looksLikeEntry(value),
  );
  const servers = { ...rest, ...Object.fromEntries(taken) };
  for (const [name, value] of Object.entries(servers)) {
    // OpenCode and old settings of VS Code have mcp.
    const meant = name === "mcp" ? "mcpServers" : nearest(name, rootKeys);
    if (meant === undefined || looksLikeEntry(value)) continue;
    findings.fault([name], "is not where servers are looked for", `Did you mean ${meant}?`);
    return undefined;
  }
  if (!Object.values(servers).some(isObject)) {
    findings.fault([], "lists no servers", example);
    return undefined;
  }
  return { path: [], servers, inputs: isObject(inputs) ? undefined : inputs, covers: () => true };
}

function looksLikeEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  return ["command", "url", "httpUrl", "serverUrl"].some((key) => typeof value[key] === "string");
}
