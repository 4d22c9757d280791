import type { ServerConfig } from "./server-config.js";

/** Reading an answer takes several times its length in memory, so the default lies where that is still little. */
const DEFAULT_MAX_RESULT_BYTES = 16 * 1024 * 1024;

/** Longest answer of this server in bytes, after decompression and whatever the transport. */
export function maxResultBytes(config: ServerConfig): number {
  return config.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES;
}
