import { readFileSync } from "node:fs";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { BatonError } from "../core/errors.js";

/** First line of a recording. */
export interface RecordingHeader {
  readonly langbatonRecording: 1;
  /** Names of the servers, in their order. */
  readonly servers: readonly string[];
}

/** Every other line: one JSON-RPC message. A request that could not be sent has its failure as its answer. */
export interface RecordedMessage {
  readonly server: string;
  /** Seen from here. */
  readonly direction: "sent" | "received";
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  readonly message: JSONRPCMessage;
}

export interface Recording {
  readonly servers: readonly string[];
  readonly messages: readonly RecordedMessage[];
}

/** @throws {BatonError} `CONFIG_INVALID` with the number of the first line that is none of a recording */
export function readRecording(file: string): Recording {
  const invalid = (problem: string, line?: number, cause?: unknown): BatonError => {
    const where = line === undefined ? "" : `, line ${line}`;
    const fix = "record it anew with record()";
    return new BatonError("CONFIG_INVALID", `the recording '${file}'${where} ${problem}: ${fix}`, {
      cause,
      data: { file, faults: [{ path: "$", ...(line === undefined ? {} : { line }), problem, fix }] },
    });
  };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw invalid(isMissing ? "does not exist" : "cannot be read", undefined, cause);
  }
  const [first = "", ...rest] = text.split("\n");
  if (first === "") throw invalid("is empty", 1);
  const header = parse(first);
  if (!isHeader(header)) throw invalid("is not the start of a recording", 1);
  if (rest.pop() !== "") throw invalid("is cut off", rest.length + 2);
  const messages = rest.map((line, index) => {
    const value = parse(line);
    if (!isMessage(value)) throw invalid("is not a recorded message", index + 2);
    if (!header.servers.includes(value.server))
      throw invalid("names a server that the first line does not", index + 2);
    return value;
  });
  return { servers: header.servers, messages };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is RecordingHeader {
  const { langbatonRecording, servers } = (value ?? {}) as Partial<RecordingHeader>;
  return (
    langbatonRecording === 1 && Array.isArray(servers) && servers.every((name) => typeof name === "string")
  );
}

function isMessage(value: unknown): value is RecordedMessage {
  const { server, direction, message } = (value ?? {}) as Partial<RecordedMessage>;
  const known = typeof server === "string" && (direction === "sent" || direction === "received");
  return known && typeof message === "object" && message !== null && message.jsonrpc === "2.0";
}
