import type { Call, Hints } from "../../core/call.js";

const NO_HINTS: Hints = Object.freeze({});

/**
 * The same call for another tool, under what holds for that one: what is known of one tool says nothing of another, and
 * a key that one of them knows says nothing to the other. Of a tool of the same name that is not listed the hints stay,
 * as for a replica.
 */
export function redirected(call: Call, server: string, tool: string = call.tool): Call {
  if (server === call.server && tool === call.tool) return call;
  const policy = call.policyOf?.(server, tool);
  const isSame = tool === call.tool;
  return {
    ...call,
    server,
    tool,
    hints: policy?.hints ?? (isSame ? call.hints : NO_HINTS),
    timeoutMs: policy?.timeoutMs ?? call.timeoutMs,
    settings: policy?.settings,
    idempotencyKey: isSame ? call.idempotencyKey : undefined,
  };
}
