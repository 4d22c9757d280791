import {
  Client,
  type SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import type { Clock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { VERSION } from "../core/version.js";
import { connectError } from "./connect-error.js";
import { createHttpTransport, createSseTransport } from "./http.js";
import { Inbound } from "./inbound.js";
import { JudgedTransport } from "./judged-transport.js";
import { maxResultBytes } from "./limits.js";
import type { CustomConfig, HttpConfig, ServerConfig } from "./server-config.js";
import { StdioTransport } from "./stdio.js";

const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
/**
 * How long a child process may think about `server/discover` before it is taken for a server of the older
 * protocol: several of those answer nothing that comes before `initialize`.
 */
const PROBE_MS = 3000;
/** How long a goodbye to an HTTP server may take. */
const GOODBYE_MS = 1000;

/** The lists that a server can say have changed. */
export type ListKind = "tools" | "resources" | "prompts";

export interface ConnectionOptions {
  /** The server is known to speak nothing newer than 2025-11-25: spare the probe. */
  readonly legacy: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The connection is gone, whoever ended it. Must not throw. */
  readonly onClose: (connection: Connection) => void;
  /** The server said that one of its lists changed. Must not throw. */
  readonly onListChanged: (kind: ListKind) => void;
  /** The server sends more notifications than are read; called once. Must not throw. */
  readonly onFlood: () => void;
}

/** One live connection; it ends for good when it closes. */
export interface Connection {
  readonly client: Client;
  readonly transport: "stdio" | "http" | "sse" | "custom";
  /** Process id of a stdio server. */
  readonly pid: number | undefined;
  /** Requests that wait for an answer. */
  inFlight: number;
  /** To be closed when nothing is in flight. */
  retired: boolean;
  /** How the other side ended it, for a message. */
  describeEnd(): string;
  close(): Promise<void>;
}

/**
 * Starts or reaches a server and agrees on a protocol version with it.
 *
 * @throws {BatonError} `CONNECT_FAILED`, or `UNAUTHORIZED` when it refused our credentials. Nothing is left running.
 */
export async function openConnection(config: ServerConfig, options: ConnectionOptions): Promise<Connection> {
  if (config.type === "stdio") {
    const maxBytes = maxResultBytes(config);
    const start = () =>
      new StdioTransport(config, (deliver) => new Inbound({ ...options, maxBytes, deliver }));
    const transport = start();
    try {
      return await attempt(config, transport, options);
    } catch (error) {
      // Some older servers exit at the first request that they do not know: ours, the probe.
      const byItself = transport.exit?.startsWith("exited") && !isBatonError(error);
      if (!options.legacy && byItself && !options.signal.aborted) {
        const again = start();
        try {
          return await attempt(config, again, { ...options, legacy: true });
        } catch (second) {
          throw connectError(config, second, again);
        }
      }
      throw connectError(config, error, transport);
    }
  }
  try {
    if (config.type === "custom") return await attempt(config, await openCustom(config, options), options);
    if (config.type === "sse") return await openSse(config, options);
    return await attempt(config, createHttpTransport(config, options), options);
  } catch (error) {
    if (config.type === "auto" && knowsNoStreamableHttp(error) && !options.signal.aborted) {
      try {
        return await openSse(config, options);
      } catch {
        // The first answer says more: the address speaks neither.
      }
    }
    throw connectError(config, error);
  }
}

/** What the program opens by itself gets the same limit as everything else; a transport that comes late is closed. */
async function openCustom(config: CustomConfig, options: ConnectionOptions): Promise<Transport> {
  const opening = Promise.resolve().then(() => config.open());
  try {
    const transport = await withinLimit(config, options, opening);
    const isHttp =
      transport instanceof StreamableHTTPClientTransport || transport instanceof SSEClientTransport;
    // Those of the SDK check by themselves, and the SDK knows them by their class.
    return isHttp
      ? transport
      : new JudgedTransport(transport, { ...options, maxBytes: maxResultBytes(config) });
  } catch (error) {
    opening.then((transport) => transport.close()).catch(() => {});
    throw error;
  }
}

/** Waits for one step of connecting, as long as the entry allows and the signal does not fire. */
async function withinLimit<T>(
  config: ServerConfig,
  { signal }: ConnectionOptions,
  step: Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const timeoutMs = config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  let release: () => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const expired = new BatonError("CONNECT_FAILED", `no answer within ${timeoutMs} ms`);
    const timer = setTimeout(() => reject(expired), timeoutMs);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    release = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
  });
  step.catch(() => {});
  try {
    return await Promise.race([step, stopped]);
  } finally {
    release();
  }
}

function openSse(config: HttpConfig, options: ConnectionOptions): Promise<Connection> {
  return attempt(config, createSseTransport(config, options), { ...options, legacy: true });
}

async function attempt(
  config: ServerConfig,
  transport: Transport,
  options: ConnectionOptions,
): Promise<Connection> {
  const timeoutMs = config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  config.observe?.(transport);
  const changed = (kind: ListKind) => ({ autoRefresh: false, onChanged: () => options.onListChanged(kind) });
  const client = new Client(
    { name: "langbaton", version: VERSION },
    {
      // Results are checked in output.ts.
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
      },
      listChanged: { tools: changed("tools"), resources: changed("resources"), prompts: changed("prompts") },
      versionNegotiation: {
        mode: "auto",
        probe: { timeoutMs: config.type === "stdio" ? Math.min(PROBE_MS, timeoutMs / 2) : timeoutMs },
      },
    },
  );
  const close = async (): Promise<void> => {
    if (transport instanceof StreamableHTTPClientTransport) {
      // What is in flight settles now, not after the goodbye.
      transport.onclose?.();
      await sayGoodbye(transport);
    }
    await transport.close();
  };
  try {
    // The SDK's limit counts for each step alone, so the whole gets a limit of its own.
    const prior = options.legacy ? { prior: { kind: "legacy" as const } } : {};
    await withinLimit(config, options, client.connect(transport, { timeout: timeoutMs, ...prior }));
    if (client.transport === undefined) throw new Error("the connection closed as soon as it was made");
  } catch (error) {
    await transport.close().catch(() => {});
    throw error;
  }
  const connection: Connection = {
    client,
    transport: transportName(transport),
    pid: transport instanceof StdioTransport ? (transport.pid ?? undefined) : undefined,
    inFlight: 0,
    retired: false,
    describeEnd: () =>
      transport instanceof StdioTransport && transport.exit !== undefined
        ? `its process ${transport.exit}`
        : "the other side does not answer any more",
    close,
  };
  client.onclose = () => options.onClose(connection);
  return connection;
}

function transportName(transport: Transport): Connection["transport"] {
  if (transport instanceof StdioTransport) return "stdio";
  if (transport instanceof StreamableHTTPClientTransport) return "http";
  return transport instanceof SSEClientTransport ? "sse" : "custom";
}

/** Tells a server with sessions that this one is over; a server that does not listen is not waited for. */
async function sayGoodbye(transport: StreamableHTTPClientTransport): Promise<void> {
  if (transport.sessionId === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_MS);
  });
  await Promise.race([transport.terminateSession().catch(() => {}), limit]);
  clearTimeout(timer);
}

function knowsNoStreamableHttp(error: unknown): boolean {
  const status = (error as Partial<SdkHttpError> | undefined)?.status;
  return status === 400 || status === 404 || status === 405 || status === 406;
}
