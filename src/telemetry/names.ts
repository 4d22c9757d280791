/**
 * Every name that leaves this package as telemetry, so that a change of the conventions is a change of this file.
 * Unprefixed ones follow OpenTelemetry's semantic-conventions-genai (docs/gen-ai/mcp.md, status Development); what
 * those have no word for lies under `langbaton`.
 */

/** The instrumentation scope of spans and instruments. */
export const SCOPE = "langbaton";

/** The method of every span and measurement here. */
export const TOOLS_CALL = "tools/call";
/** The operation, by which a backend knows any execution of a tool, MCP or not. */
export const EXECUTE_TOOL = "execute_tool";
/** `error.type` of a tool that ran and failed. */
export const TOOL_ERROR = "tool_error";
/** `error.type` of what has no name of its own. */
export const OTHER_ERROR = "_OTHER";

export const attribute = {
  method: "mcp.method.name",
  operation: "gen_ai.operation.name",
  tool: "gen_ai.tool.name",
  toolCallId: "gen_ai.tool.call.id",
  conversation: "gen_ai.conversation.id",
  errorType: "error.type",
  rpcCode: "rpc.response.status_code",
  /** Content: only where it was asked for. */
  args: "gen_ai.tool.call.arguments",
  result: "gen_ai.tool.call.result",
  server: "langbaton.server",
  callId: "langbaton.call.id",
  attempts: "langbaton.attempts",
  cache: "langbaton.cache",
  hedged: "langbaton.hedged",
  replayed: "langbaton.replayed",
  answeringServer: "langbaton.answering.server",
  answeringTool: "langbaton.answering.tool",
  interrupted: "langbaton.interrupted",
} as const;

/** What is counted. The name is OpenTelemetry's form; in Prometheus dots are underscores and a counter ends in `_total`. */
export const metric = {
  duration: {
    name: "mcp.client.operation.duration",
    unit: "s",
    description: "Time from a tool's call to its result or error, all attempts and waits included.",
  },
  inFlight: {
    name: "langbaton.calls.in_flight",
    unit: "{call}",
    description: "Calls that have begun and not ended.",
  },
  retries: { name: "langbaton.retries", unit: "{attempt}", description: "Attempts after a call's first." },
  cache: {
    name: "langbaton.cache",
    unit: "{call}",
    description: "Calls that asked the cache, by what they found: hit or miss.",
  },
  hedges: {
    name: "langbaton.hedges.won",
    unit: "{call}",
    description: "Results that a second, hedged request gave first.",
  },
  replays: {
    name: "langbaton.replays",
    unit: "{call}",
    description: "Results that were kept from an earlier run with the same idempotency key.",
  },
  fallbacks: {
    name: "langbaton.fallbacks",
    unit: "{call}",
    description: "Results of another server or tool than the one that was asked.",
  },
  interrupts: {
    name: "langbaton.interrupts",
    unit: "{call}",
    description: "Calls that a graph interrupt stopped, to wait for a person for example.",
  },
} as const;

/** Upper bounds of the duration's buckets in seconds, as the conventions advise. */
export const DURATION_BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] as const;
