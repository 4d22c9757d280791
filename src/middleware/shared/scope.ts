import type { Call } from "../../core/call.js";

/** What shares one breaker, one bulkhead or one rate: a server, or one tool of it. */
export type Scope = "server" | "tool";

/** The key of what a call belongs to. A server's name has no dot, so a tool's key is no other tool's. */
export function scopeKey(per: Scope): (call: Call) => string {
  return per === "tool" ? (call) => `${call.server}.${call.tool}` : (call) => call.server;
}
