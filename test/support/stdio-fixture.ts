import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpConfig, StdioConfig } from "../../src/mcp/server-config.js";

const SERVER = fileURLToPath(new URL("./stdio-server.mjs", import.meta.url));
const MODULES = new URL("../../node_modules/", import.meta.url);

/** What the scripted stdio server does; nothing but what MCP asks of it when empty. */
export interface StdioBehaviour {
  /** Prints lines that are no messages before the first one that is. */
  readonly banner?: boolean;
  /** Ignores SIGTERM and the end of its input. */
  readonly stubborn?: boolean;
  /** Never answers `initialize`. */
  readonly mute?: boolean;
  /** Exits when the first message is not `initialize`. */
  readonly onlyInitialize?: boolean;
  /** Answers nothing to requests that it does not know. */
  readonly ignoresUnknown?: boolean;
  /** Writes this to standard error and exits with 3. */
  readonly lastWords?: string;
  /** Starts a child that holds its standard output, in its own process group when "detached". */
  readonly grandchild?: true | "detached";
  /** Tools beside its own. */
  readonly tools?: readonly object[];
  /** File that gets one JSON line for each start, each grandchild and each message received. */
  readonly log?: string;
}

const PLAIN = { autoApprove: [], secrets: [], extension: {} } as const;

export function stdioConfig(
  name: string,
  command: string,
  args: readonly string[] = [],
  rest: Partial<StdioConfig> = {},
): StdioConfig {
  return { type: "stdio", name, command, args, env: {}, ...PLAIN, ...rest };
}

/** The scripted server as a configured one. */
export function fixture(
  name: string,
  behaviour: StdioBehaviour = {},
  rest: Partial<StdioConfig> = {},
): StdioConfig {
  return stdioConfig(name, process.execPath, [SERVER, JSON.stringify(behaviour)], rest);
}

export function httpConfig(name: string, url: string, rest: Partial<HttpConfig> = {}): HttpConfig {
  return { type: "http", name, url, headers: {}, ...PLAIN, ...rest };
}

/** The path of one of the reference servers' programs. */
export function program(name: "everything" | "filesystem" | "memory"): string {
  return fileURLToPath(new URL(`@modelcontextprotocol/server-${name}/dist/index.js`, MODULES));
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "langbaton-"));
}

/** A fixture's log: a fresh file, and what stands in it. */
export function createLog(): {
  readonly file: string;
  entries(): Record<string, unknown>[];
  starts(): number[];
  received(method: string): Record<string, unknown>[];
} {
  const file = join(temporaryFolder(), "log.jsonl");
  const entries = (): Record<string, unknown>[] => {
    try {
      return readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    } catch {
      return [];
    }
  };
  return {
    file,
    entries,
    starts: () => entries().flatMap(({ start }) => (typeof start === "number" ? start : [])),
    received: (method) => entries().filter((entry) => entry.method === method),
  };
}
