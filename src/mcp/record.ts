import { appendFileSync, closeSync, fchmodSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import type { RecordedMessage, RecordingHeader } from "./recording.js";
import { redact } from "./redact.js";
import type { ServerConfig } from "./server-config.js";

export interface RecordOptions {
  /** @default systemClock */
  readonly clock?: Clock;
}

type Hear = (direction: RecordedMessage["direction"], message: JSONRPCMessage) => void;

/** JSON-RPC's code for an answer that stands for a request that could not be sent. */
const NOT_SENT_CODE = -32000;

/**
 * The same servers, with every MCP message in both directions written to a file, one JSON line each: lists, calls,
 * resources, prompts. A file that exists is overwritten. Values that a server's entry knows as secrets stand there as
 * `***`; whatever else a server answers stands there as it came.
 *
 * @throws {BatonError} `STORE` when the file cannot be written
 * @example
 * ```ts
 * const { servers: configs } = await readConfig("mcp.json");
 * await using servers = await connect(record(configs, "fixtures/run.jsonl"));
 * ```
 */
export function record(
  configs: readonly ServerConfig[],
  file: string,
  options: RecordOptions = {},
): readonly ServerConfig[] {
  const { clock = systemClock } = options;
  const startedAt = clock.now();
  const header: RecordingHeader = { langbatonRecording: 1, servers: configs.map(({ name }) => name) };
  try {
    mkdirSync(dirname(file), { recursive: true });
    begin(file, `${JSON.stringify(header)}\n`);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new BatonError("STORE", `the recording '${file}' cannot be written: ${reason}`, {
      cause,
      data: { store: file },
    });
  }
  let isBroken = false;
  const write = (line: RecordedMessage): void => {
    if (isBroken) return;
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      // The program that is recorded must not fail for it.
      isBroken = true;
      emitWarning(`the recording '${file}' ends here: ${(error as Error).message}`, "STORE");
    }
  };
  return configs.map((config) => {
    const { name: server, secrets } = config;
    const hear: Hear = (direction, message) => {
      const atMs = clock.now() - startedAt;
      write({ server, direction, atMs, message: mask(message, secrets) as JSONRPCMessage });
    };
    return { ...config, observe: (transport: Transport) => tap(transport, hear) };
  });
}

/** Starts the file anew, for its owner alone before anything is in it. */
function begin(file: string, line: string): void {
  const fd = openSync(file, "w", 0o600);
  try {
    // A file that existed has kept its mode; a device is everybody's.
    if (fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
    writeSync(fd, line);
  } finally {
    closeSync(fd);
  }
}

/** Listens in place: the SDK knows its HTTP transports by their class. */
function tap(transport: Transport, hear: Hear): void {
  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    hear("sent", message);
    try {
      await send(message, options);
    } catch (error) {
      if ("method" in message && "id" in message) {
        const reason = error instanceof Error ? error.message : String(error);
        hear("received", { jsonrpc: "2.0", id: message.id, error: { code: NOT_SENT_CODE, message: reason } });
      }
      throw error;
    }
  };
  // Handlers come and go, and call one another: each message is heard once whoever takes it.
  const heard = new WeakSet<object>();
  type Handler = NonNullable<Transport["onmessage"]>;
  const listening = (handler: Handler): Handler => {
    return (message, extra) => {
      if (!heard.has(message)) hear("received", message);
      heard.add(message);
      handler(message, extra);
    };
  };
  let current = transport.onmessage && listening(transport.onmessage);
  Object.defineProperty(transport, "onmessage", {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (handler: Handler | undefined) => {
      current = handler && listening(handler);
    },
  });
}

/** A copy with every secret masked, in keys too. */
function mask(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [redact(key, secrets), mask(member, secrets)]),
  );
}
