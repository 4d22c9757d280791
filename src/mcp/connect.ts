import type { Clock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import { type ConfigOptions, parseConfig, readConfig } from "./config.js";
import type { ServerEvent } from "./lifeline.js";
import type { ServerConfig } from "./server-config.js";
import type { Servers } from "./servers.js";

export interface ConnectOptions {
  /** What surrounds the configuration: variables, inputs, the workspace's folder. */
  readonly config?: ConfigOptions;
  /**
   * How many servers must be there for this to succeed. The others are tried again in the background.
   * @default "any"
   */
  readonly require?: "all" | "any" | "none";
  /** Ends the attempt, and whatever it has started. */
  readonly signal?: AbortSignal;
  /** Hears of every server that comes, goes or changes. Must not throw. @default a Node warning when one goes down or floods us */
  readonly onEvent?: (event: ServerEvent) => void;
  /** Hears what is odd in the configuration but stops nothing. Must not throw. @default a Node warning */
  readonly onWarning?: (warning: string) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Connects to MCP servers, all at once.
 *
 * @param source a configuration file's path, its content as an object (any of the shapes that hosts use), or
 *   checked entries such as those of `inProcess`
 * @throws {BatonError} `CONFIG_INVALID`; `CONNECT_FAILED` or `UNAUTHORIZED` when fewer servers than `require` are
 *   there; `CANCELLED` by `signal`. Nothing is left running.
 * @example
 * ```ts
 * await using servers = await connect("mcp.json");
 * ```
 */
export async function connect(
  source: string | object | readonly ServerConfig[],
  options: ConnectOptions = {},
): Promise<Servers> {
  const configs = await configsOf(source, options);
  // The SDK takes a tenth of a second to load: nobody pays for it before there is something to connect.
  const { Servers } = await import("./servers.js");
  const servers = Servers.of(configs, {
    onEvent: options.onEvent ?? warnOfTrouble(),
    clock: options.clock,
  });
  const outcomes = await Promise.allSettled([...servers].map((server) => server.connect(options.signal)));
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as BatonError] : [],
  );
  const required = { all: configs.length, any: Math.min(1, configs.length), none: 0 }[
    options.require ?? "any"
  ];
  if (options.signal?.aborted) {
    await servers.close();
    throw new BatonError("CANCELLED", "connect() was cancelled by the caller", {
      cause: options.signal.reason,
    });
  }
  if (configs.length - failures.length < required) {
    await servers.close();
    throw summary(failures, configs.length);
  }
  return servers;
}

async function configsOf(
  source: string | object | readonly ServerConfig[],
  options: ConnectOptions,
): Promise<readonly ServerConfig[]> {
  if (Array.isArray(source)) return source as readonly ServerConfig[];
  const config =
    typeof source === "string"
      ? await readConfig(source, options.config)
      : parseConfig(source, options.config);
  const warn = options.onWarning ?? ((warning) => emitWarning(warning, "CONFIG"));
  for (const warning of config.warnings) warn(warning);
  return config.servers;
}

function summary(failures: readonly BatonError[], total: number): BatonError {
  const [first] = failures;
  if (first && failures.length === 1) return first;
  const lines = failures.map((failure) => `  ${failure.message}`).join("\n");
  return new BatonError(
    "CONNECT_FAILED",
    `${failures.length} of ${total} servers could not be connected:\n${lines}`,
    {
      cause: new AggregateError(failures),
      retryable: failures.every((failure) => failure.retryable),
      data: { failures: failures.map((failure) => failure.toJSON()) },
    },
  );
}

/** One warning each time that a server goes from up to down, and none for the attempts that follow; one of each flood. */
function warnOfTrouble(): (event: ServerEvent) => void {
  const down = new Set<string>();
  return ({ type, server, error, retryMs }) => {
    if (type === "flood") {
      const dropped = "some are dropped, and progress may be among them";
      emitWarning(`server '${server}' sends more notifications than are read: ${dropped}`, "FLOOD");
    }
    if (type === "connected" || type === "closed") down.delete(server);
    if (type !== "down" || down.has(server)) return;
    down.add(server);
    const next = retryMs === undefined ? "the next call tries it again" : "it is being tried again";
    emitWarning(`${error?.message ?? `server '${server}' is down`}; ${next}`, "SERVER_DOWN");
  };
}
