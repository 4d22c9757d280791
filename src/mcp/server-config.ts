import type { Transport } from "@modelcontextprotocol/client";

/** What every server's entry may say, whatever its transport. */
interface CommonConfig {
  /** The entry's key; unique without regard to case. */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** Limit of one request in milliseconds; progress extends it up to `maxTimeoutMs`. @default 60_000 */
  readonly timeoutMs?: number;
  /** Limit of one request in milliseconds, whatever progress it reports. @default 600_000 */
  readonly maxTimeoutMs?: number;
  /** Limit of starting or reaching the server in milliseconds. @default 30_000 */
  readonly connectTimeoutMs?: number;
  /** Longest answer in bytes, decompressed; a longer one fails with `RESULT_TOO_LARGE`. @default 16_777_216 (16 MiB) */
  readonly maxResultBytes?: number;
  /** Tools that the file's owner lets run without asking: kept for the approval policy, applied by nothing else. */
  readonly autoApprove: readonly string[];
  /** Values of this entry that no message may show, longest first. */
  readonly secrets: readonly string[];
  /** Sees each transport before its first message, to listen in: see `record`. Must not throw. */
  readonly observe?: (transport: Transport) => void;
  /** The entry's `x-langbaton` object, for the parts that read their own keys there. */
  readonly extension: Readonly<Record<string, unknown>>;
}

/** A server that is started as a child process and spoken to over its standard streams. */
export interface StdioConfig extends CommonConfig {
  readonly type: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the few variables that a child inherits (PATH, HOME and the like). */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. @default the process's own */
  readonly cwd?: string;
}

/**
 * A server that is reached over HTTP. `http` is streamable HTTP, `sse` the older HTTP+SSE, and `auto`, for an
 * entry that has a `url` and no `type`, streamable HTTP first and SSE where the server knows only that.
 */
export interface HttpConfig extends CommonConfig {
  readonly type: "http" | "sse" | "auto";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that the program reaches in its own way, in its own process for example: see `inProcess`. */
export interface CustomConfig extends CommonConfig {
  readonly type: "custom";
  /** Opens a fresh transport, once per connection. */
  readonly open: () => Transport | Promise<Transport>;
}

/** One checked entry: every variable replaced, every default that the file states applied. */
export type ServerConfig = StdioConfig | HttpConfig | CustomConfig;

/** What {@link parseConfig} makes of a file. */
export interface Config {
  /** The file that it came from, for messages. */
  readonly file?: string;
  readonly servers: readonly ServerConfig[];
  /** Names of entries that are switched off. */
  readonly disabled: readonly string[];
  /** What is worth knowing but stops nothing, one sentence each. */
  readonly warnings: readonly string[];
}
