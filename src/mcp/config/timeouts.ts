import { type Fields, readMilliseconds } from "./fields.js";

// What a request may take with progress when the file says nothing, as ServerConfig documents it.
const defaultMaxTimeoutMs = 600_000;

/** Limits of one server; those that `x-langbaton` states come in. */
interface Limits {
  readonly connectTimeoutMs?: number;
  readonly maxTimeoutMs?: number;
  readonly maxResultBytes?: number;
}

/** Adds `timeout` to the limits of `x-langbaton`, and raises the default maximum where `timeout` passes it. */
export function readTimeouts(fields: Fields, limits: Limits): Limits & { readonly timeoutMs?: number } {
  const timeoutMs = readMilliseconds(fields, "timeout");
  if (timeoutMs === undefined) return limits;
  if (timeoutMs < 1000) {
    fields.findings.warn(["timeout"], "is less than a second: it counts milliseconds, not seconds.");
  }
  const { maxTimeoutMs } = limits;
  if (maxTimeoutMs !== undefined && timeoutMs > maxTimeoutMs) {
    const problem = "is longer than maxTimeoutMs in x-langbaton";
    fields.findings.fault(["timeout"], problem, "Lower it, or raise maxTimeoutMs");
  }
  if (maxTimeoutMs === undefined && timeoutMs > defaultMaxTimeoutMs) {
    return { ...limits, timeoutMs, maxTimeoutMs: timeoutMs };
  }
  return { ...limits, timeoutMs };
}
